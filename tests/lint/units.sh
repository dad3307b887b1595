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

for daemon in agentd verifierd gated; do
	unit=$dir/virt-attest-$daemon.service
	# The check wants the program to be there.
	sed "s:^ExecStart=[^ ]*/:ExecStart=$build/bin/:" \
		"$build/systemd/virt-attest-$daemon.service" >"$unit"
	# A misspelt directive is only a warning to it: any word is an error here.
	said=$(systemd-analyze verify --man=no "$unit" 2>&1) || bad=1
	[ -z "$said" ] || complain "$said"
	said=$(systemd-analyze security --offline=yes --no-pager --threshold=20 "$unit" 2>&1) ||
		complain "$(tail -n 1 <<<"$said")"

	source=$daemon/config.c
	[ "$daemon" != gated ] || source=gates/net/config.c
	table=$(sed -nE 's/^ *(KEY|TEXT|LIST|NUMBER)\(([a-z_0-9]+),.*/\2/p' "$source" | sort)
	sample=$(sed -nE 's/^#([a-z_0-9]+) *= .*/\1/p' "systemd/$daemon.conf" | sort)
	[ -n "$table" ] && [ "$table" = "$sample" ] ||
		complain "systemd/$daemon.conf: $(diff <(echo "$table") <(echo "$sample"))"

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

# The trust gate's, which has no daemon.
cp systemd/virt-attest-trust-expire.timer "$dir"
sed "s:^ExecStart=[^ ]*/:ExecStart=$build/bin/:" \
	"$build/systemd/virt-attest-trust-expire.service" >"$dir/virt-attest-trust-expire.service"
said=$(systemd-analyze verify --man=no "$dir/virt-attest-trust-expire.timer" \
	"$dir/virt-attest-trust-expire.service" 2>&1) || bad=1
[ -z "$said" ] || complain "$said"
said=$(systemd-analyze security --offline=yes --no-pager --threshold=20 \
	"$dir/virt-attest-trust-expire.service" 2>&1) || complain "$(tail -n 1 <<<"$said")"
exit $bad
