# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154 # what those have who take it
#
# Stories of `virt-attest check` on lib.sh's hosts: the world is made, host-a is
# asked whether a domain may go to host-b, and one check's word is compared.
# check.sh reads in these stories' own lines that each check is told with a pass
# and with something else: a line of `tell` begins with it.
#
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

there=qemu+tls://host-b/system

# ask DOMAIN [OPTION...]: what is found, to be told of.
ask() {
	va host-a check "$1" "$there" --json "${@:2}" >"$dir/check.json" 2>"$dir/err" || true
	read_findings
}
# ask_file [OPTION...]: of $dir/file.xml, which see.
ask_file() {
	va host-a check --xml "$dir/file.xml" "$there" --json "$@" >"$dir/check.json" 2>"$dir/err" || true
	read_findings
}
# A line for each finding: ID, outcome, text, what is to be done.
read_findings() {
	sqlite3 -separator ' ' :memory: "select json_extract(value, '\$.id'), json_extract(value, '\$.outcome'),
		json_extract(value, '\$.text'), json_extract(value, '\$.remedy')
		from json_each(cast(readfile('$dir/check.json') as text), '\$.findings')" >"$dir/findings" ||
		{ cat "$dir/err" >&2 && fail "no report"; }
	[ -s "$dir/findings" ] || { cat "$dir/err" >&2 && fail "no report"; }
}

# tell ID OUTCOME TEXT: so it was found.
tell() {
	local found
	found=$(grep "^$1 " "$dir/findings") || fail "no check $1"
	case $found in
	"$1 $2 "*"$3"*) ;;
	*) fail "not '$2 ... $3' but: $found" ;;
	esac
}

# blocks COUNT: so many of the checks block.
blocks() {
	[ "$(grep -c '^[a-z-]* block ' "$dir/findings")" = "$1" ] ||
		{ cat "$dir/findings" >&2 && fail "not $1 blocks"; }
}

# file [SED-SCRIPT]: $dir/file.xml is a domain that is nowhere yet, of
# $guest_devices and $guest_xml; `devices XML` and `beside XML` make and ask it.
file() {
	domain_xml filed | sed "s,<name>filed</name>,&<uuid>f11ed000-0000-4000-8000-000000000001</uuid>,;${1-}" >"$dir/file.xml"
}
devices() { guest_devices=$1 file && ask_file "${@:2}"; }
beside() { guest_xml=$1 file && ask_file "${@:2}"; }
edited() { file "$1" && ask_file "${@:2}"; }

# virsh_on HOST WORD...: its libvirt, from inside.
virsh_on() { on "$1" virsh -q -c "$libvirt" "${@:2}" >"$dir/out" 2>&1 || { cat "$dir/out" >&2 && fail "virsh ${*:2}"; }; }

# define HOST WHAT XML: WHAT is net, pool, secret, nwfilter, or empty: a domain.
define() {
	printf '%s\n' "$3" >"$dir/define.xml"
	virsh_on "$1" "${2:+$2-}define" "$dir/define.xml"
}

# restart HOST libvirtd|agentd
restart() {
	halt "$1" "$2" || true
	"start_$2" "$1"
}

# conf HOST FILE LINE: the last one counts; `conf HOST FILE` takes it back.
conf() {
	local path=$dir/$1/etc/$2
	[ -e "$path.was" ] || cp "$path" "$path.was" 2>/dev/null || : >"$path.was"
	cp "$path.was" "$path"
	if [ $# -gt 2 ]; then
		sed -i "/^${3%% *} /d" "$path"
		echo "$3" >>"$path"
	fi
}
