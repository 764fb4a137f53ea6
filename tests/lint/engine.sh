#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The engine is pure: what it says follows from the events alone.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
${AS_USER:-} env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="$build" "$build/libengine.a" >&2

# Its own headers, those of user/lib, the events, and libc.
includes() {
	! grep -nE '^#include ["<](source|sink|bpf|json-c)/' user/engine/*.[ch] user/engine/*/*.[ch]
}

links_alone() {
	echo 'int main(void) { return 0; }' | cc -x c - -x none -o /dev/null \
		-Wl,--whole-archive "$build/libengine.a" -Wl,--no-whole-archive
}

# Clocks, files, sockets, locale, environment, chance.
calls() {
	! find "$build/obj/user/engine" -name '*.o' -exec nm -Au {} + | grep -wE '(clock_|get)?(time|timeofday|gettime)|.*time_r|f?open(at|dir)?(64)?|fdopen|read|write|socket|connect|send.*|recv.*|ioctl|syscall|(set|new)locale|strcoll|(secure_)?getenv|s?random?|getrandom|std(in|out|err)|v?f?printf|puts|fwrite|pthread_.*'
}

# Constant tables are fine: they are in .data.rel.ro.
variables() {
	! find "$build/obj/user/engine" -name '*.o' -exec size -A {} + |
		awk '/:$/ { file = $1 } $1 ~ /^\.t?(data|bss)$/ && $2 > 0 { print file, $1, $2 }' |
		grep .
}

check "it includes no header of the other parts" includes
check "it links with libc alone" links_alone
check "it calls nothing that depends on the machine" calls
check "it has no variable of its own" variables
finish
