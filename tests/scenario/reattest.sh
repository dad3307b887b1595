#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Nobody asks: the verifier asks by itself, and how a host stands is what it is
# within an interval; sooner where something tells it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

interval_s=5 # an agent lets its TPM go in between
serve() { start_verifier -o "reattest_s=$interval_s" -o deadline_ms=3000 -o max_age_s=9; }
number() { va status --json | sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p"; }
grew() { [ "$(number "$1")" -ge "$2" ]; }
stands() { va hosts | grep -Eq "^host-a .*(^| )$1( |$)"; }
fell() { grep -q "event=verdict host=host-a verdict=stale was=trusted .*reason=$1" "$dir/verifier.log"; }
lines() { va audit show --json | grep -c '"verdict"'; }
now_ms() { echo $(($(date +%s%N) / 1000000)); }
resets() { va show host-a --json | sed -n 's/.*"reset_count": *\([0-9]*\).*/\1/p' | tail -n 1; }

echo "# an interval that does not fit in what it is for is refused"
exits 1 "$bin/virt-attest-verifierd" -d -o reattest_s=60 -o deadline_ms=10000 -o max_age_s=69 -o "socket=$dir/v.sock"
for key in reattest_s deadline_ms max_age_s; do says err "$key"; done

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
extend tpm-a 4 "kernel 1"
start_agent agent-a host-a tpm-a
serve
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null

echo "# a host that was enrolled is asked, and again, and its confirmation is no news"
until_true 10 stands trusted
until_true 30 grew reattestations 2
before=$(lines) asked=$(number reattestations)
until_true 60 grew reattestations $((asked + 3))
[ "$(lines)" = "$before" ] || fail "a confirmation was written"
[ "$(number answers)" = 0 ] || fail "somebody asked"
[ "$(number hosts_trusted)" = 1 ] || fail "not counted as trusted"
exits 0 va audit show
says out reattest

echo "# what somebody asks for is this interval's verdict"
asked=$(number reattestations) end=$(($(now_ms) + interval_s * 1000 + 1000))
while [ "$(now_ms)" -lt "$end" ]; do exits 0 va verify host-a; done
[ "$(number reattestations)" = "$asked" ] || fail "asked although it was just asked"

echo "# a PCR changes: out within the interval and a second"
extend tpm-a 4 "kernel 2"
before=$(now_ms)
until_true 60 stands untrusted
took=$(($(now_ms) - before))
echo "out after $took ms"
[ "${SANITIZED-}" = yes ] || [ "$took" -le $((interval_s * 1000 + 1000)) ] || fail "out after $took ms"
[ "$(number hosts_trusted)" = 0 ] || fail "counted as trusted"

echo "# an approval brings it back"
exits 0 va golden add host-a
exits 0 va golden approve 2
until_true 3 stands trusted

# asks_meanwhile STATUS COMMAND...: what is done while the host answers counts.
asks_meanwhile() {
	local before status=0 late
	before=$(number attestations)
	kill -STOP "${pid_of[agent-a]}"
	va verify host-a >"$dir/late" 2>&1 &
	late=$!
	until_true 3 grew attestations $((before + 1))
	exits 0 "${@:2}"
	kill -CONT "${pid_of[agent-a]}"
	wait "$late" || status=$?
	[ "$status" = "$1" ] || fail "exit status $status: $(cat "$dir/late")"
}

echo "# a revocation takes it at once, also by an answer that is under way"
asks_meanwhile 2 va golden revoke 2
fell golden || fail "not at once"
until_true 3 stands untrusted
exits 0 va golden export 2
cp "$dir/out" "$dir/golden.json"
exits 0 va golden import "$dir/golden.json"
exits 0 va golden approve 3
until_true 3 stands trusted

echo "# its agent dies, and comes back"
stop agent-a KILL
until_true 2 fell rebooted
until_true 4 stands unreachable
start_agent agent-a host-a tpm-a
until_true 10 stands trusted

echo "# one that does nothing else opens and shuts the gates less and less"
for _ in 1 2 3; do
	stop agent-a
	lost=$(now_ms)
	until_true 5 stands '(stale|unreachable)'
	start_agent agent-a host-a tpm-a
	until_true 20 stands trusted
done
took=$(($(now_ms) - lost))
[ "$took" -ge 2000 ] || fail "asked again after $took ms"

echo "# it boots: another session, the same state"
before=$(resets)
stop tpm-a KILL
until_true 10 stands unreachable
start_tpm tpm-a
extend tpm-a 4 "kernel 1"
extend tpm-a 4 "kernel 2"
until_true 20 stands trusted
[ "$(resets)" -gt "$before" ] || fail "the same boot session"

echo "# the verifier starts anew"
stop verifier KILL
serve
until_true 10 stands trusted
[ "$(number answers)" = 0 ] || fail "somebody asked"
[ "$(number reattestations_late)" = 0 ] || fail "it was asked too late"

echo "# forgotten is forgotten, also by an answer that is under way"
asks_meanwhile 4 va forget host-a --yes
[ "$(grep 'event=verdict host=host-a' "$dir/verifier.log" | tail -n 1 | grep -c 'verdict=unknown.*reason=no-host')" = 1 ] ||
	fail "it is told as something else"
[ "$(number hosts_trusted)" = 0 ] || fail "counted as trusted"

echo "# without re-attestation, trust ends with the connection, and by its age"
stop verifier
start_verifier -o deadline_ms=3000
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null
exits 0 va verify host-a
stop agent-a KILL
until_true 5 fell rebooted
stands stale || fail "it is not stale"
start_agent agent-a host-a tpm-a

echo "# what was proved before the connection was lost is nobody's answer when there is another one"
kill -STOP "${pid_of[tpm-a]}"
before=$(number attestations)
va verify host-a >"$dir/late" 2>&1 &
late=$!
until_true 3 grew attestations $((before + 1))
connected() { va show host-a --json | grep -q '"connected": *true'; }
until_true 3 connected
exits 3 va verify host-a --max-age 600
kill -CONT "${pid_of[tpm-a]}"
wait "$late" || true
stop verifier
start_verifier -o deadline_ms=3000 -o max_age_s=2
exits 0 va verify host-a
until_true 5 fell age
[ "$(number reattestations)" = 0 ] || fail "it was asked"
exits 0 va audit verify
