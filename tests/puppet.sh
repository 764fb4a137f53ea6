# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For scripts that talk to a program which reads lines on descriptor 8 and answers in $dir/said, as
# tests/puppet.py: source it after lab.sh.

dir=${dir:?} # lab.sh

# ask SECONDS ERRORS LINE: its answer to the line. It is not waited for when there is something in the
# file ERRORS.
ask() {
	rounds=$(($1 * 20))
	answers=$(wc -l <"$dir/said")
	echo "$3" >&8
	until [ "$(wc -l <"$dir/said")" -gt "$answers" ]; do
		rounds=$((rounds - 1))
		if [ "$rounds" = 0 ] || [ -s "$2" ]; then
			echo "no answer in $1 s to: $3"
			cat "$2"
			return 1
		fi
		sleep 0.05
	done
	tail -n 1 "$dir/said"
}

# puppet_start ARGUMENT...: tests/puppet.py is at work until puppet_end. tell EXPRESSION: has it do
# that, and shows its answer.
puppet_start() {
	rm -f "$dir/told" "$dir/said"
	mkfifo "$dir/told"
	: >"$dir/said"
	/usr/bin/python3 -IS tests/puppet.py "$@" <"$dir/told" >"$dir/said" \
		2>"$dir/puppet_errors" 9>&- &
	puppet=$!
	exec 8>"$dir/told"
}
tell() {
	ask 30 "$dir/puppet_errors" "$1"
}
puppet_end() {
	exec 8>&-
	wait "$puppet" || :
}
