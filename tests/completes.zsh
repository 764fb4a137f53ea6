# SPDX-License-Identifier: BSD-2-Clause
#
# completes.zsh FPATH: each line on standard input is typed in a real zsh with its completion, and then a tab. It prints a
# line for each: what was typed, a tab, the line that it became, a tab, and what was offered, sorted, with spaces between.
# With pseudoterminals (zshmodules(1), zsh/zpty), since completion only works where somebody types.
zmodload zsh/zpty || exit 1
dir=$(mktemp -d) || exit 1
trap 'zpty -d shell 2>/dev/null; rm -rf $dir' EXIT
# Open all the time: a reader that comes before the last writer has gone would see its end.
mkfifo $dir/line && exec {said}<>$dir/line
: >$dir/offered

# What compadd(1) is told to offer is kept beside; by -O, -A and -D the completion only asks it what matches.
cat >$dir/rc <<END
fpath=(${(q)1} \$fpath)
autoload -Uz compinit && compinit -D -u
unsetopt auto_list auto_menu beep prompt_cr prompt_sp
PS1=
compadd() {
	if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
		local -a matching
		builtin compadd -A matching "\$@"
		print -rl -- \$matching >>$dir/offered
	fi
	builtin compadd "\$@"
}
typed() {
	print -r -- "\$BUFFER" >$dir/line
	BUFFER=
}
zle -N typed
bindkey '^I' complete-word '^T' typed
END
zpty shell zsh -f -i
zpty -w shell "source $dir/rc; print >$dir/line"
read -r -u $said
while IFS= read -r line; do
	zpty -w -n shell "$line"$'\t\C-T'
	IFS= read -r -u $said became
	offered=(${(f)"$(<$dir/offered)"})
	: >$dir/offered
	print -r -- "$line"$'\t'"$became"$'\t'"${(j: :)${(@ou)offered}}"
done
