#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Who may ask and who may change are two groups; and whoever serves the socket
# must be somebody whose word counts.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || {
	echo "skipped: only root can be somebody else"
	exit 77
}
chmod 755 "$dir"
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
start_agent agent-a host-a tpm-a
printf '%s\n' 'read_group = "games"' 'admin_group = "staff"' >"$dir/verifier.conf"
start_verifier -c "$dir/verifier.conf"
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null

# The programs where everybody can run them, and the library folders with them.
mkdir "$dir/bin"
cp "$bin/virt-attest" "$bin/virt-attest-hook" "$dir/bin/"
chmod -R a+rX "$dir/bin"
# as GROUP COMMAND...: nobody, with that one group beside his own.
as() {
	local group=$1
	shift
	setpriv --reuid=nobody --regid=nogroup --groups="$group" "$dir/bin/virt-attest" -S "$dir/v.sock" "$@"
}

echo "# neither group, the one, the other"
denied() {
	exits 1 "$@"
	says err 'may not'
}
denied as mail verify host-a
denied as mail status
denied as mail forget host-a --yes
exits 0 as games verify host-a
exits 0 as games golden list
exits 0 as games status --json
says out '"may_change": false'
exits 0 as games audit verify
denied as games forget host-a --yes
denied as games golden revoke 1
exits 0 as games golden show 1
denied as games golden export 1 # with its texts, which may be long
denied as games golden add host-a
denied as games enroll host-b --address 127.0.0.1 --yes
denied as games reenroll host-a --replace --yes
exits 0 as games doctor
says out 'skip  verifier: .*may not'
exits 0 as staff verify host-a
exits 0 as staff golden add host-a
exits 0 as staff golden approve 2
exits 0 as staff status --json
says out '"may_change": true'
says out '"audit_lines": [1-9]'
exits 0 va audit show
says out 'uid=65534'

echo "# one account's many connections leave room for the others"
idle=()
for _ in {1..64}; do
	setpriv --reuid=nobody --regid=nogroup --groups=games \
		socat -u "UNIX-CONNECT:$dir/v.sock" - >/dev/null 2>&1 &
	idle+=($!)
done
is_full() { ! as games status >"$dir/full" 2>&1 && grep -q 'has 64 connections already' "$dir/full"; }
until_true 60 is_full
exits 0 va status
exits 0 va verify host-a
kill "${idle[@]}"
wait "${idle[@]}" 2>/dev/null || true
until_true 60 as games status

echo "# other groups by a reload, also for who watches"
as games watch --json >"$dir/watch.log" 2>&1 &
pid_of[watch]=$!
until_true 60 grep -q host-a "$dir/watch.log"
printf '%s\n' 'read_group = "mail"' 'admin_group = "staff"' >"$dir/verifier.conf"
kill -HUP "${pid_of[verifier]}"
until_true 60 grep -q event=reloaded "$dir/verifier.log"
timeout 60 tail --pid="${pid_of[watch]}" -f /dev/null || fail "it still watches"
unset "pid_of[watch]"
denied as games verify host-a
exits 0 as mail verify host-a
exits 0 as staff verify host-a

echo "# a socket that somebody else serves gives no verdict"
stop verifier
mkdir "$dir/open"
chmod 1777 "$dir/open"
proof='"host":"host-a","golden":1,"time":1,"differences":[],"boot_session":{"reset_count":1,"restart_count":0,"clock_ms":1,"safe":true}'
printf '{"return":{"verdict":"trusted","reasons":[],"age_ms":0,%s},"id":1}\n' "$proof" >"$dir/open/answer"
setpriv --reuid=nobody --regid=nogroup --clear-groups socat -t 0.1 \
	"UNIX-LISTEN:$dir/open/v.sock,mode=666,fork" "SYSTEM:head -n 1 >/dev/null; cat '$dir/open/answer'" &
pid_of[false]=$!
until_true 60 test -S "$dir/open/v.sock"
exits 1 "$bin/virt-attest-hook" -S "$dir/open/v.sock" db1 migrate pmc qemu+tls://host-a/system </dev/null
says err 'served by uid 65534'
exits 1 "$bin/virt-attest" -S "$dir/open/v.sock" verify host-a
