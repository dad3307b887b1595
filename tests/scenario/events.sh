#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A host's verdict changes: a watcher sees it, the site's executables are told
# in order, and neither one that hangs nor one that does not read holds up the
# others.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || {
	echo "skipped: only what root owns is run"
	exit 77
}
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
start_agent agent-a host-a tpm-a

# Below a folder that nobody else can write to; the stories' own is not.
own=$(mktemp -d /run/virt-attest-test.XXXXXX)
at_end() { rm -rf "$own"; }
mkdir "$own/events.d"
chmod 755 "$own"
# script NAME BODY
script() {
	printf '#!/bin/sh\n%s\n' "$2" >"$own/events.d/$1"
	chmod 755 "$own/events.d/$1"
}
script 10-tell "echo \"\$# \$1 \$2 \$3\" >>$own/told; cat >>$own/lines; env | cut -d= -f1 >$own/names"
script 20-hangs "rm $own/hang 2>/dev/null || exit 0; echo \$\$ >$own/hanging; exec sleep 600"
script 30-after "echo \"after \$2\" >>$own/told; echo 'a word of mine' >&2"
script 40-open "echo open >>$own/told"
chmod 775 "$own/events.d/40-open"
script .hidden "echo hidden >>$own/told"
script README "echo readme >>$own/told"
chmod 644 "$own/events.d/README"

start_verifier -o reattest_s=1 -o "events_dir=$own/events.d"
va watch --json >"$dir/seen.log" 2>"$dir/seen-err.log" &
pid_of[watch]=$!
va watch host-a host-x >"$dir/words.log" 2>"$dir/words-err.log" &
pid_of[words]=$!
until_true 60 grep -q 'COMPLETE' "$dir/seen.log"
until_true 60 grep -q 'host-x is not enrolled' "$dir/words-err.log"

# changed STATE: the last VERDICT that the watcher saw is of this state.
changed() { grep '"event":"VERDICT"' "$dir/seen.log" | tail -n 1 | grep -q "\"host\":\"host-a\",\"state\":\"$1\""; }
told() { tail -n 2 "$own/told" | tr '\n' ' ' | grep -qx "$1 "; }

echo "# trusted"
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null
until_true 60 changed trusted
until_true 60 told "3 host-a trusted [a-z]* after trusted"
until_true 60 grep -q '"event":"CONFIRMED"' "$dir/seen.log"
grep '"event":"VERDICT"' "$dir/seen.log" | tail -n 1 | grep -q '"addresses":\["127.0.0.1"\]' || fail "no address"

echo "# untrusted within an interval, and trusted again when it is approved"
extend tpm-a 4 "kernel 2"
until_true 60 changed untrusted
until_true 60 told "3 host-a untrusted trusted after untrusted"
va golden add host-a --label "kernel 2" >/dev/null
va golden approve 2 >/dev/null
until_true 60 changed trusted
until_true 60 told "3 host-a trusted untrusted after trusted"
until_true 60 grep -q 'host-a: untrusted -> trusted (golden value 2)$' "$dir/words.log"
grep -q 'host-a: trusted -> untrusted: the PCRs match no active golden value: ' "$dir/words.log" || fail "no reason"
! grep -q CONFIRMED "$dir/words.log" || fail "confirmations in words"

echo "# each got the event, and no more than it should"
[ "$(sort "$own/names" | grep -vx -e PWD -e _ -e SHLVL -e OLDPWD | tr '\n' ' ')" = "LC_ALL PATH " ] || fail "$(cat "$own/names")"
grep -q '^{"event":"VERDICT","data":{"host":"host-a","state":"untrusted","was":"trusted","reason":"golden",' "$own/lines" ||
	fail "$(cat "$own/lines")"
! grep -e open -e hidden -e readme "$own/told" || fail "what must not run ran"
grep -q 'file=.*40-open error=".*can be written' "$dir/verifier.log" || fail "not said: $(grep 40-open "$dir/verifier.log")"
grep -q 'file=.*30-after.*said="a word of mine"' "$dir/verifier.log" || fail "its words are lost"
! grep -q '20-hangs\|README\|hidden' "$dir/verifier.log" || fail "said of what is well"
[ "$(grep -c 'event=verdict host=host-a verdict=untrusted' "$dir/verifier.log")" = 1 ] || fail "not one line for a change"

echo "# one that hangs is killed, and the next one runs"
touch "$own/hang"
va golden revoke 2 >/dev/null
until_true 60 changed untrusted
until_true 60 test -s "$own/hanging"
exits 2 va verify host-a # nobody waits for it
until_true 60 told "3 host-a untrusted stale after untrusted" # stale at once, by the revocation
grep -qx 'after stale' "$own/told" || fail "the next one did not run"
grep -q 'file=.*20-hangs error=".*did not end within' "$dir/verifier.log" || fail "not said"
! kill -0 "$(cat "$own/hanging")" 2>/dev/null || fail "it lives"
rm "$own/hanging"

echo "# a watcher that does not read is dropped; the others go on"
va golden add host-a --label "kernel 2 again" >/dev/null
va golden approve 3 >/dev/null
until_true 60 changed trusted
{
	echo '{"execute":"watch"}'
	yes '{"execute":"hosts"}' | head -n 12000 || true
} >"$dir/requests"
socat "UNIX-CONNECT:$dir/v.sock" "SYSTEM:cat $dir/requests; tail --pid=$$ -f /dev/null" &
pid_of[lazy]=$!
until_true 60 grep -q 'event=watch uid=0 error="does not read' "$dir/verifier.log"
stop lazy
confirmed() { [ "$(grep -c CONFIRMED "$dir/seen.log")" -gt "$1" ]; }
until_true 60 confirmed "$(grep -c CONFIRMED "$dir/seen.log")"

echo "# requests on a connection that watches; it watches once"
printf '%s\n' '{"execute":"watch","id":1}' '{"execute":"status","id":2}' '{"execute":"watch","id":3}' |
	socat -t 5 - "UNIX-CONNECT:$dir/v.sock" >"$dir/out"
head -n 1 "$dir/out" | grep -qx '{"return":{"hosts":1},"id":1}' || fail "$(cat "$dir/out")"
says out '"event":"STANDING","data":{"host":"host-a","state":"trusted","was":"trusted",'
says out '"event":"COMPLETE","data":{"hosts":1}'
says out '^{"return":{.*"id":2}$'
says out '^{"error":{"class":"Exists",.*"id":3}$'

echo "# forgotten is an event"
va forget host-a --yes >/dev/null
until_true 60 changed unknown
until_true 60 told "3 host-a unknown trusted after unknown"

echo "# the verifier ends: what runs is ended, and who watches says so"
touch "$own/hang"
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null
until_true 60 test -s "$own/hanging"
began=$SECONDS
stop verifier
[ $((SECONDS - began)) -lt 8 ] || fail "it waited for the executable"
! kill -0 "$(cat "$own/hanging")" 2>/dev/null || fail "an orphan"
status=0
wait "${pid_of[watch]}" || status=$?
[ "$status" = 1 ] || fail "watch ended with $status"
grep -q 'hung up' "$dir/seen-err.log" || fail "not said"
