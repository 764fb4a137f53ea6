#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/passed.sh looks again at whatever is not as it was when it passed.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

passed=$PWD/tests/passed.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
: >.clang-tidy
echo one >file.c
echo one >header.h
cat >analyser <<'EOF'
#!/bin/sh
shift $(($# - 1))
echo looked >>looked
! grep BUG "$1"
EOF
chmod +x analyser

# looks STATUS COMMAND...: it is looked at, and that ends so. passes: it is not.
looks() {
	expected=$1
	shift
	rm -f looked
	status=0
	DEPENDS="${rule:-echo file.o: header.h \\}" "$passed" store file.c "$@" file.c || status=$?
	[ -e looked ] && [ "$status" = "$expected" ]
}
passes() {
	! looks 0 "$@" && [ "$status" = 0 ]
}

check "a file is looked at" looks 0 ./analyser
check "and not again" passes ./analyser
echo two >header.h
check "with another header it is" looks 0 ./analyser
check "and not again" passes ./analyser
check "with another flag" looks 0 ./analyser --flag
check "with the former one" looks 0 ./analyser
echo 'Checks: more' >.clang-tidy
check "with other checks" looks 0 ./analyser
echo '# a newer one' >>analyser
check "by another program" looks 0 ./analyser
echo 'BUG' >>file.c
check "what is wrong is found" looks 1 ./analyser
check "each time" looks 1 ./analyser
echo one >file.c
check "not what is again as it passed" passes ./analyser
rule=false
check "if nobody can tell its headers it is" looks 0 ./analyser
check "each time" looks 0 ./analyser
finish
