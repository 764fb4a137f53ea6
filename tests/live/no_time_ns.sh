#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Kernels that are built without time namespaces have no such type. libbpf loads the programs as if this were
# one: with the kernel's BTF, in which the type is called otherwise.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
dir=$(mktemp -d)
build=${BUILD:-build}
trap 'rm -rf "$dir"' EXIT

cat >"$dir/load.py" <<'END2'
import ctypes as c, sys
lib = c.CDLL("libbpf.so.1")
class Opts(c.Structure):
    _fields_ = [("sz", c.c_size_t), ("name", c.c_char_p), ("relaxed", c.c_bool), ("pin", c.c_char_p),
                ("stub", c.c_uint32), ("kconfig", c.c_char_p), ("btf", c.c_char_p)]
opts = Opts(sz=c.sizeof(Opts), btf=sys.argv[2].encode() if len(sys.argv) > 2 else None)
for name in "object__open_file", "object__next_program", "program__section_name":
    getattr(lib, "bpf_" + name).restype = c.c_char_p if name.endswith("section_name") else c.c_void_p
obj = lib.bpf_object__open_file(sys.argv[1].encode(), c.byref(opts))
if not obj:
    sys.exit("it does not open")
program = None
while program := lib.bpf_object__next_program(c.c_void_p(obj), c.c_void_p(program)):
    section = lib.bpf_program__section_name(c.c_void_p(program))
    lib.bpf_program__set_autoload(c.c_void_p(program),
                                  section != b"tp_btf/cap_capable" and section.split(b"/")[0] in (b"tp_btf", b"iter"))
sys.exit(lib.bpf_object__load(c.c_void_p(obj)) and "it does not load")
END2
loads() {
	python3 "$dir/load.py" "$@" 2>"$dir/err" || { tail -n 5 "$dir/err"; return 1; }
}

python3 -c 'import ctypes; ctypes.CDLL("libbpf.so.1")' 2>"$dir/err" || skip_all "there is no libbpf for Python"
[ -r /sys/kernel/btf/vmlinux ] || skip_all "this kernel has no BTF"
sed 's/\x00time_namespace\x00/\x00none_namespace\x00/' /sys/kernel/btf/vmlinux >"$dir/btf"
! cmp -s /sys/kernel/btf/vmlinux "$dir/btf" || skip_all "this kernel has no time namespaces"
for object in walk watch; do
	if loads "$build/bpf/$object.bpf.o" >"$dir/out"; then
		check "$object loads without time namespaces" loads "$build/bpf/$object.bpf.o" "$dir/btf"
	else
		skip "$object loads without time namespaces" "it does not load here: $(tail -n 1 "$dir/out")"
	fi
done
finish
