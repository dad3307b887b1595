#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# man.sh BUILD-FOLDER: the manual pages are mdoc without a warning, refer to pages
# that are there, and lack no program, command, option or key.
set -eu -o pipefail
build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0
complain() {
	echo "$*"
	bad=1
}

pages=("$build"/man/*.[1578])
mandoc -Tlint -Wwarning "${pages[@]}" || bad=1
for page in "${pages[@]}"; do
	mandoc -Tascii "$page" | col -b >"$dir/${page##*/}"
done

# What it refers to as ours is there.
while read -r name section; do
	[ -e "$build/man/$name.$section" ] || complain "man: $name($section) is referred to and is not there"
done < <(sed -nE 's/^\.Xr ((virt-attest|qemu-virt-attest)[^ ]*) ([0-9]).*/\1 \3/p' "${pages[@]}" | sort -u)

# Every program that an operator starts or that an operator finds started.
for program in "$build"/bin/virt-attest*; do
	name=${program##*/}
	case $name in
	*.so | *-bench | *-farm | virt-attest-facts | virt-attest-permitted | virt-attest-check-object) continue ;; # nobody starts them
	esac
	compgen -G "$build/man/$name.[18]" >/dev/null || complain "man: $name has no page"
done

# has PAGE WORD: it stands there, as a word of its own.
has() {
	grep -qE -e "(^|[^[:alnum:]-])$2([^[:alnum:]-]|\$)" "$dir/$1" || complain "man: $1 lacks $2"
}

# Each command, and in its part of the page each of its options: an item goes on to
# the next one at the same place.
section() {
	awk -v name="$1" '
		/^     [a-z]/ { on = index($0, "     " name " ") == 1 || $0 == "     " name || (on && item) }
		{ item = /^     [a-z]/ }
		on' "$dir/virt-attest.1"
}
command=
while IFS= read -r line; do
	if [[ $line == "  "[a-z]* ]]; then
		line=${line#  }
		command=$(sed -E 's/^([a-z]+( (list|show|add|approve|promote|test|revoke|diff|export|import|verify|checkpoint))?).*/\1/' <<<"$line")
		section "$command" >"$dir/section"
		[ -s "$dir/section" ] || complain "man: virt-attest.1 lacks $command"
	fi
	for option in $(grep -oE -e '--[a-z][a-z0-9-]+' <<<"$line" || true); do
		grep -qF -e "$option" "$dir/section" || complain "man: virt-attest.1 lacks $option of $command"
	done
done < <(COLUMNS=200 "$build/bin/virt-attest" help | sed 1d)

# Each program's own options, as it says them itself.
for name in agentd verifierd gated trust-expire; do
	for option in $("$build/bin/virt-attest-$name" --help 2>&1 | grep -oE -e '(^|[^[:alnum:]-])--?[a-z][a-z-]*' | grep -oE -e '--?[a-z-]+'); do
		has "virt-attest-$name.8" "$option"
	done
done
for option in $(certs/virt-attest-pki 2>&1 | grep -oE -e '--[a-z-]+' | sort -u); do
	has virt-attest-pki.1 "$option"
done

# Each request of both wires.
while read -r verb; do
	has virt-attest-protocol.7 "$verb"
done < <(cat proto/agent_session.c verifierd/verbs_*.c | grep -oE '\{"[a-z-]+", (on_|true|false,)' | sed 's/{"//; s/".*//')

# Each key of each file, from the tables that it is read by.
keys() {
	sed -nE 's/^ *(KEY|TEXT|LIST|NUMBER)\(([a-z_0-9]+),.*/\2/p' "$1"
}
for name in agentd verifierd; do
	for key in $(keys "$name/config.c"); do has "virt-attest-$name.conf.5" "$key"; done
	has "virt-attest-$name.conf.5" 'at a restart'
done
for key in $(keys gates/net/config.c); do has virt-attest-gated.conf.5 "$key"; done
for key in $(keys gates/lock/settings/settings.c); do has qemu-virt-attest.conf.5 "$key"; done
exit $bad
