# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For scripts that get packages of other Debian suites or processors than the machine's: source it with $apt, a
# folder for lists, cache and sources, $what, which is to be had, and $arch, for which processor, if not amd64. The
# machine's own apt is not touched. Before it calls use_suite or instead, it says what it has in $cached.

mkdir -p "${apt:?}/lists/partial" "$apt/archives/partial"

# private COMMAND...: the command keeps the machine's settings, which may name a proxy.
private() {
	command=$1
	shift
	"$command" -qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt" -o APT::Sandbox::User=root \
		-o APT::Architecture="${arch:-amd64}" -o APT::Architectures="${arch:-amd64}" -o Acquire::Languages=none \
		-o APT::Update::Error-Mode=any -o Acquire::Retries=2 "$@"
}

# instead WHY: the newest cannot be had, so the cached one does. Exit status 77: there is none.
instead() {
	if [ -z "$cached" ]; then
		echo "$1, and no ${what:?} is cached" >&2
		exit 77
	fi
	echo "$1: taking the cached ${what:?}" >&2
	echo "$cached"
	exit
}

# use_suite ARCHIVE SUITE: from where the machine itself gets Debian's packages, or else it calls
# instead WHY, which does not return.
use_suite() {
	# shellcheck disable=SC2016 # the format is apt's, not the shell's
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
		grep -m 1 "/$1/\$") || instead "this machine has no source of $1"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $2 main" \
		>"$apt/sources.list"
	private apt-get update >&2 || instead "$mirror cannot be asked for $2"
}

# use_own: the releases of Debian that the machine itself gets packages of, with what is newer for security's sake.
use_own() {
	# shellcheck disable=SC2016 # the format is apt's, not the shell's
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
		sort -u | sed 's|^|deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |' >"$apt/sources.list"
	[ -s "$apt/sources.list" ] || instead "this machine has no source of Debian's packages"
	private apt-get update >&2 || instead "its sources cannot be asked"
}
