#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A kernel update of a group of three: a candidate on trial for a window, hosts
# that agree one by one, and what ends a trial; dates of a golden value; how
# hosts would fare by one, before anybody approves it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || {
	echo "skipped: only root can be somebody else"
	exit 77
}
chmod 755 "$dir"
"$pki" make "$dir/pki" --host host-a --host host-b --host host-c --verifier verifier >/dev/null
verifier() { start_verifier -o admin_group=staff "$@"; }
verifier
for one in a b c; do
	start_tpm "tpm-$one"
	start_agent "agent-$one" "host-$one" "tpm-$one"
	exits 0 va enroll "host-$one" --address "127.0.0.1:${port_of[agent-$one]}" --group rack \
		--ek-sha256 "${ek_of[tpm-$one]}" --yes
done

# Another operator: nobody, of the admin group.
mkdir "$dir/bin"
cp "$bin/virt-attest" "$dir/bin/"
chmod -R a+rX "$dir/bin"
other() {
	setpriv --reuid=nobody --regid=nogroup --groups=staff "$dir/bin/virt-attest" -S "$dir/v.sock" "$@"
}

# answers STATUS HOST TEXT: a verdict, and what it says.
answers() {
	exits "$1" va verify "host-$2"
	says out "$3"
}
is() {
	exits 0 va golden list
	grep -qE "^ *$1  $2 " "$dir/out" || { cat "$dir/out" >&2 && fail "golden value $1 is not $2"; }
}

echo "# the update on the first host; nobody would pass yet but it"
extend tpm-a 4 "kernel 2"
answers 2 a 'PCR 4 (sha256), against golden value 1'
exits 0 va golden add host-a --for-group --label "kernel 2"
exits 0 va golden export 4
cp "$dir/out" "$dir/kernel-2.json"
exits 4 va golden test 4
says out '^host-a .*would pass'
says out '^host-b .*no evidence'
exits 0 va verify host-b
exits 0 va verify host-c
exits 2 va golden test 4
says out '^host-a .*would pass'
says out '^host-b .*would fail: PCR 4 (sha256) is another'
exits 2 va golden test "$dir/kernel-2.json" --json
says out '"outcome": "pass"'
sed 's/"rack"/"elsewhere"/' "$dir/kernel-2.json" >"$dir/elsewhere.json"
exits 4 va golden test "$dir/elsewhere.json"
says err 'no host of its scope'
exits 2 va golden test "$dir/elsewhere.json" --all
says out '^host-c .*would fail'
# What was not asked for nobody knows.
exits 0 va golden add host-a --for-group --pcrs sha256:0,9
exits 4 va golden test 5
says out '^host-a .*cannot be judged: PCR 9 (sha256)'
exits 4 va golden test 99
# By itself a candidate trusts nobody, and is looked at by nobody.
answers 2 a 'PCR 4 (sha256), against golden value 1'
! grep -q candidate "$dir/out" || fail "a candidate that is not on trial"

echo "# limits of a trial"
exits 1 va golden promote 4
exits 1 va golden promote 4 --window 8d
exits 1 va golden promote 4 --window 1h --hosts 0
exits 1 va golden promote 4 --window 1h --hosts 1001
exits 1 va golden promote 4 --window 1h --hosts 4
says err "'rack' has 3 hosts: 4 cannot agree"
exits 1 va golden promote 1 --window 1h
says err 'golden value 1 is active'
exits 1 va golden promote 4 --cancel
says err 'not on trial'

echo "# one of two agrees, as often as it is asked; a restart loses nothing"
exits 0 va golden promote 4 --window 1h --hosts 2
says out '^ *4  on trial '
says out '0 of 2 hosts agree, approved by uid=0'
exits 1 va golden promote 4 --window 1h --hosts 1
says err 'on trial already'
answers 2 a 'it matches candidate 4, on trial: 1 of 2 hosts agree; PCR 4 (sha256), against'
answers 2 a '1 of 2 hosts agree'
exits 0 va verify host-b
is 4 'on trial'
stop verifier
verifier
exits 0 va golden show 4
says out '1 of 2 hosts agree (host-a)'
answers 2 a '1 of 2 hosts agree'
# A host that shows something else agrees with nothing.
extend tpm-c 4 "rootkit"
answers 2 c 'PCR 4 (sha256), against golden value 3'
! grep -q candidate "$dir/out" || fail "another kernel agrees"

echo "# two of two: trusted from the next question on"
extend tpm-b 4 "kernel 2"
answers 2 b '2 of 2 hosts agree: it is active from now on'
is 4 active
answers 0 b 'golden value 4'
answers 0 a 'golden value 4'
answers 2 c 'against golden value'
exits 0 va audit show
says out 'trial-begin .*golden=4 .*hosts=2 approved-by=uid=0'
says out 'golden-promote .*promoted-by=uid=0 approved-by=uid=0 agree=host-a,host-b'
[ "$(grep -c 'trial-agree' "$dir/out")" = 2 ] || fail "agreed more than once each"
exits 0 va audit verify

echo "# a window that ends, one that is cancelled, one whose candidate is revoked"
extend tpm-a 7 "keys"
exits 0 va golden add host-a --label "keys"
exits 0 va golden add host-a --for-group --label "keys of all"
exits 0 va golden promote 7 --window 3s --hosts 3
answers 2 a 'candidate 7, on trial: 1 of 3'
over() { va golden list | grep -q '^ *7  candidate '; }
until_true 10 over
answers 2 a 'PCR 7 (sha256), against'
! grep -q candidate "$dir/out" || fail "on trial after its window"
exits 0 va golden show 7
says out 'ended .*: 1 of 3 hosts agree'
exits 0 va golden promote 7 --window 1h --hosts 2
says out '0 of 2 hosts agree'
exits 0 va golden promote 7 --cancel
is 7 candidate
answers 2 a 'PCR 7 (sha256), against'
! grep -q candidate "$dir/out" || fail "on trial after it was cancelled"
exits 0 va golden promote 7 --window 1h --hosts 2
exits 0 va golden revoke 7
is 7 revoked
answers 2 a 'PCR 7 (sha256), against'
exits 1 va golden promote 6 --window 1h --hosts 2
says err "'host-a' has 1 hosts"
exits 0 va golden promote 6 --window 1h
answers 2 a 'candidate 6, on trial: 1 of 1 hosts agree: it is active'
answers 0 a 'golden value 6'

echo "# two operators"
stop verifier
verifier -o golden_approval=two
extend tpm-b 7 "keys"
exits 0 va golden add host-b --label "keys"
exits 1 va golden approve 8
says err 'golden value 8 is of uid=0: another operator has to approve or promote it'
exits 1 va golden promote 8 --window 1h
says err 'another operator has to'
is 8 candidate
exits 0 other golden promote 8 --window 1h
says out 'approved by uid=65534'
exits 1 va golden approve 8
answers 2 b 'candidate 8, on trial: 1 of 1 hosts agree: it is active'
answers 0 b 'golden value 8'
exits 0 va golden add host-c --label "rootkit"
exits 0 other golden approve 9
answers 0 c 'golden value 9'
exits 0 va audit show
says out 'promoted-by=uid=65534 approved-by=uid=65534 agree=host-b'

echo "# begun when one operator was enough, and now two are asked for"
stop verifier
verifier
extend tpm-b 2 "card"
exits 0 va golden add host-b --label "card"
exits 0 va golden promote 10 --window 1h
exits 0 va golden add host-b --for-group --label "cards"
exits 0 va golden promote 11 --window 1h --hosts 2
stop verifier
verifier -o golden_approval=two
answers 2 b 'candidate 10, on trial: 1 of 1 hosts agree, and another operator has to approve it'
is 10 'on trial'
exits 1 va golden approve 10
exits 0 other golden approve 10
is 10 active
answers 0 b 'golden value 10'
exits 0 va golden show 11
says out '1 of 2 hosts agree (host-b), not approved by another operator'
exits 0 other golden approve 11
is 11 'on trial'
exits 0 va golden show 11
says out '1 of 2 hosts agree (host-b), approved by uid=65534'
exits 0 va golden promote 11 --cancel

echo "# dates"
stop verifier
verifier
exits 1 va golden add host-b --valid-until 2001-13-01
exits 1 va golden add host-b --valid-until 2020-01-01
says err 'over already'
exits 1 va golden add host-b --valid-from +2h --valid-until +1h
says err 'ends before it begins'
exits 0 va golden add host-b --label tomorrow --valid-from +1d --valid-until 9999-12-31T23:59:59Z
says out 'valid from .* until 9999-12-31T23:59:59Z'
exits 0 va golden approve 12
is 12 'not yet'
exits 0 va golden add host-c --label "short" --valid-until +2s
exits 0 va golden export 13
cp "$dir/out" "$dir/short.json"
exits 0 va golden approve 13
for one in 3 4 9; do exits 0 va golden revoke "$one"; done
expired() { va golden list | grep -q '^ *13  expired '; }
until_true 10 expired
exits 4 va verify host-c
exits 0 va golden show 13
says out 'valid until .*: expired'
exits 2 va golden test 13
says out "host-c .*the golden value's time is over"
# A trial is for a host that nothing else speaks for, too.
exits 0 va golden import "$dir/short.json" --valid-until +1h
exits 0 va golden promote 14 --window 1h
answers 2 c 'candidate 14, on trial: 1 of 1 hosts agree: it is active'
answers 0 c 'golden value 14'
# Who is trusted anyhow has no voice.
exits 0 va golden add host-c
exits 0 va golden promote 15 --window 1h
answers 0 c 'golden value 14'
exits 0 va golden show 15
says out '0 of 1 hosts agree'
exits 0 va audit verify
