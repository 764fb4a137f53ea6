#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# vmlinux.h against the running kernel, and the tool that compares them against stand-ins.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# object NAME <SOURCE: compiles to BTF.
object() {
	clang -target bpf -g -O2 -c -x c - -o "$dir/$1"
}

# says STATUS TEXT VIEW: compares the view with the stand-in for a kernel.
says() {
	status=0
	"$build/vmlinux-check" "$dir/$3" "$dir/kernel" >"$dir/output" 2>&1 || status=$?
	cat "$dir/output"
	[ "$status" = "$1" ] && grep -qxF -e "$2" "$dir/output"
}

# differs TEXT MEMBERS: a view whose struct task has these members is refused with that text.
differs() {
	echo "struct cred; typedef struct { unsigned val; } kuid_t;
		struct task { $2 }; struct task task;" | object view
	says 1 "$1" view
}

object kernel <<'EOF'
typedef unsigned int u32;
typedef struct { u32 val; } kuid_t;
struct cred { kuid_t uid; };
enum kind { KIND_A = 1, KIND_B = 2 };
struct task {
	int pid;
	u32 flag : 1;
	char comm[16];
	union { struct { const struct cred *cred; }; long rcu; };
	struct task *parent;
	enum kind kind;
	kuid_t loginuid;
};
struct task task; struct cred cred;
EOF
object good <<'EOF'
typedef struct { unsigned val; } kuid_t;
enum kind { KIND_B = 2 };
enum kind___any { KIND_A___any = 7 };
struct cred { kuid_t uid; };
struct task {
	kuid_t loginuid;
	void *parent;
	struct cred *cred;
	char comm[0];
	unsigned kind;
};
struct task___old { long state; };
struct task___new { int pid; };
struct cred___absent { int securebits; };
struct task task; struct cred cred; enum kind kind; enum kind___any any;
struct task___old old; struct task___new new; struct cred___absent absent;
EOF

if [ -e /sys/kernel/btf/vmlinux ]; then
	check "vmlinux.h is the running kernel" "$build/vmlinux-check" "$build/vmlinux/view.o"
else
	skip "vmlinux.h is the running kernel" "it has no BTF"
fi

check "a good view" says 0 "$dir/kernel: types 8, problems 0" good
check "a flavour that matches" says 0 "task___new: matches" good
check "a flavour that is absent" says 0 "task___old: absent" good

check "no such member" differs "struct task.tgid: not in the kernel" "int tgid;"
check "another size" differs "struct task.pid: 8 bytes here, 4 in the kernel" "long pid;"
check "another sign" differs "struct task.pid: signed here or in the kernel, not in both" \
	"unsigned pid;"
check "another kind" differs "struct task.pid: a pointer here, a number in the kernel" "void *pid;"
check "too long an array" differs "struct task.comm: 17 elements here, 16 in the kernel" \
	"char comm[17];"
check "a bit field" differs "struct task.flag: bits of a bit field: 0 here, 1 in the kernel" \
	"unsigned flag;"
check "a pointer to something else" differs "struct task.cred: task here, cred in the kernel" \
	"struct task *cred;"
check "another struct" differs "struct task.loginuid: other here, kuid_t in the kernel" \
	"struct other { int val; } loginuid;"

object no_type <<'EOF'
struct alien { int x; } alien;
EOF
check "no such type" says 1 "struct alien: not in the kernel" no_type

object constants <<'EOF'
enum kind { KIND_A = 2, KIND_C = 3 } kind;
EOF
check "another constant" says 1 "enum kind: KIND_A is 2 here, 1 in the kernel" constants
check "no such constant" says 1 "enum kind: KIND_C is not in the kernel" constants

object flavours <<'EOF'
struct task___a { long state; } a;
struct task___b { long pid; } b;
EOF
check "no flavour matches" says 1 "task: none of its 2 flavours matches" flavours
object flavour <<'EOF'
struct task___b { long pid; } b;
EOF
check "the only flavour is something else" says 1 \
	"struct task___b.pid: 8 bytes here, 4 in the kernel" flavour

object no_view <<'EOF'
int x;
EOF
check "a view of nothing" says 1 "the view describes no type" no_view
check "no view at all" says 2 "vmlinux-check: $dir/none: No such file or directory" none
finish
