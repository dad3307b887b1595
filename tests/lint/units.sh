#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# units.sh BUILD-FOLDER: systemd understands our units and finds little exposed;
# the sample configurations name every key, and the daemons take their defaults.
set -eu -o pipefail
build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0
complain() {
	echo "$*"
	bad=1
}

# What `systemd-analyze security` may say, in tenths: under 1.5.
exposed_max=14

# The check wants the program to be there.
for unit in "$build"/systemd/virt-attest-*.{service,socket,timer}; do
	sed "s:^ExecStart=[^ ]*/:ExecStart=$build/bin/:" "$unit" >"$dir/${unit##*/}"
done
# A misspelt directive is only a warning to it: any word is an error here.
said=$(systemd-analyze verify --man=no "$dir"/virt-attest-* 2>&1) || bad=1
[ -z "$said" ] || complain "$said"
for unit in "$dir"/virt-attest-*.service; do
	said=$(systemd-analyze security --offline=yes --no-pager --threshold=$exposed_max "$unit" 2>&1) ||
		complain "${unit##*/} leaves too much exposed:"
	sed -n 's/.*Overall exposure level for \([^:]*\): \([0-9.]*\).*/\1: exposure level \2/p' <<<"$said" | grep . ||
		complain "$(tail -n 1 <<<"$said")"
done
# Presets that name a unit which is not there.
while read -r word unit; do
	[ -e "$dir/$unit" ] || complain "a preset has '$word $unit': no such unit"
done < <(grep -hvE '^#|^$' systemd/80-*.preset)

for daemon in agentd verifierd gated; do
	source=$daemon/config.c
	[ "$daemon" != gated ] || source=gates/net/config.c
	table=$(sed -nE 's/^ *(KEY|TEXT|LIST|NUMBER)\(([a-z_0-9]+),.*/\2/p' "$source" | sort)
	sample=$(sed -nE 's/^#([a-z_0-9]+) *= .*/\1/p' "systemd/$daemon.conf" | sort)
	[ -n "$table" ] && [ "$table" = "$sample" ] ||
		complain "systemd/$daemon.conf: $(diff <(echo "$table") <(echo "$sample"))"

	# Who looks at what they use goes by the same names (sys/defaults.h).
	case $daemon in
	agentd) looks=(doctor/look/conf.c) ;;
	verifierd) looks=(doctor/look/conf.c gates/look/verifier.c) ;;
	*) looks=() ;;
	esac
	for look in ${looks[@]+"${looks[@]}"}; do
		looked=$(sed -nE "s/^ *TEXT\((look_$daemon, )?([a-z_]+, [A-Z_\"]+)\).*/\2,/p" "$look")
		[ -n "$looked" ] || complain "$look: no defaults of $daemon found"
		while read -r key; do
			grep -qF "TEXT($key" "$source" || complain "$look: ${key%,} is not what $source says"
		done <<<"$looked"
		! grep -nE "TEXT\((look_$daemon, )?[a-z_]+, *\"[^\"]" "$look" | grep -v look_libvirt ||
			complain "$look: a default of its own"
	done

	# Every default, taken as written; what it misses comes after.
	sed -E 's/^#([a-z_0-9]+ *= )/\1/' "systemd/$daemon.conf" >"$dir/$daemon.conf"
	options=(-c "$dir/$daemon.conf" -d) wanted=none.pem
	case $daemon in
	agentd) options+=(-o "tls_ca=$dir/none.pem") ;;
	verifierd) options+=(-o "tls_ca=$dir/none.pem" -o "store=sqlite:$dir/db" -o "socket=$dir/s") ;;
	gated) wanted="networks: name those" ;; # there is no default
	esac
	said=$(timeout 10 "$build/bin/virt-attest-$daemon" "${options[@]}" 2>&1) || true
	[[ $said == *"$wanted"* && $said != *"$daemon.conf"* ]] ||
		complain "systemd/$daemon.conf is not taken: $said"
done

exit $bad
