# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Completion for bash: nsvigil itself says what there is, from its table of options.

_nsvigil() {
	local line before word place=none
	# bash splits at "=", nsvigil does not: what is typed since the last space is one word.
	line=${COMP_LINE:0:COMP_POINT}
	word=${line##* }
	before=${word%"${COMP_WORDS[COMP_CWORD]#=}"}
	local -a words
	read -r -a words <<<"${line%"$word"}"
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		$'\t'*) place=${line#?} ;;
		*)
			line=${line%%$'\t'*}
			COMPREPLY+=("${line#"$before"}")
			;;
		esac
	done < <(command "${words[0]}" complete "${words[@]:1}" "$word" 2>/dev/null)
	# Without a word in the list, bash would offer files.
	case $place in
	FILE | PATH | SOCKET) ;;
	DIR) compopt +o default -o dirnames ;;
	*) ((${#COMPREPLY[@]})) || compopt +o default ;;
	esac
	# The value follows a "=" at once.
	[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -F _nsvigil nsvigil
