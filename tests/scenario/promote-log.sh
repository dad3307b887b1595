#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A candidate that is judged by the boot log's events, on trial among hosts whose
# active golden values ask for no log: the logs come for the candidate's sake.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

fixtures=$source_dir/tests/fixtures/bootlog
"$pki" make "$dir/pki" --host host-a --host host-b --host host-c --verifier verifier >/dev/null

# measure TPM LOG: what a firmware does that writes this log.
measure() {
	local extends
	extends=$("$bin/virt-attest" inspect "$fixtures/$2" | awk '
		$2 == "PCR" { pcr = $4 == "EV_NO_ACTION" ? "" : $3 }
		$1 == "sha256" && NF == 2 && pcr != "" { print pcr ":sha256=" $2 }')
	# shellcheck disable=SC2086 # a list
	timeout 60 tpm2_pcrextend -T "${tcti_of[$1]}" $extends >/dev/null 2>&1 || fail "$1 could not measure $2"
}
# boots ONE LOG: its machine starts anew; the log is there for who asks.
boots() {
	stop "agent-$1"
	stop "tpm-$1"
	start_tpm "tpm-$1"
	measure "tpm-$1" "$2"
	cp "$fixtures/$2" "$dir/$1.boot-log"
	start_agent "agent-$1" "host-$1" "tpm-$1" -o "boot_log=$dir/$1.boot-log"
}
# answers STATUS HOST TEXT: a verdict, and what it says.
answers() {
	exits "$1" va verify "host-$2"
	says out "$3"
}

start_verifier
for one in a b c; do
	start_tpm "tpm-$one"
	start_agent "agent-$one" "host-$one" "tpm-$one" -o boot_log=
	exits 0 va enroll "host-$one" --address "127.0.0.1:${port_of[agent-$one]}" --group rack \
		--ek-sha256 "${ek_of[tpm-$one]}" --yes
	boots "$one" uki.log
done

echo "# nobody asked for a log: by events nothing can be said"
exits 0 va golden add host-a --from-log --pcrs sha256:0,2,4,7 --events 4 --for-group --label "unified kernel"
says out 'PCR 4.*event'
exits 0 va golden export 4
cp "$dir/out" "$dir/candidate.json"
answers 2 a 'PCR 0 (sha256) and others, against golden value 1'
answers 2 b 'against golden value 2'
exits 4 va golden test 4
says out '^host-a .*cannot be judged: no boot log is kept'

echo "# on trial its logs are asked for"
exits 0 va golden promote 4 --window 1h --hosts 2
answers 2 b 'candidate 4, on trial: 1 of 2 hosts agree'
exits 4 va golden test 4
says out '^host-b .*would pass'
says out '^host-a .*cannot be judged: no boot log is kept'
exits 4 va golden test "$dir/candidate.json"
says out '^host-b .*would pass'

echo "# another boot, and a log that does not lead to it, agree with nothing"
cp "$fixtures/grub.log" "$dir/c.boot-log"
answers 2 c 'against golden value 3'
! grep -q candidate "$dir/out" || fail "a log of another boot agrees"
exits 2 va golden test 4
says out '^host-c .*would fail: .*boot log'
boots c grub.log
answers 2 c 'against golden value 3'
! grep -q candidate "$dir/out" || fail "another boot agrees"
exits 2 va golden test 4
says out '^host-c .*would fail: '

echo "# two of two"
answers 2 a '2 of 2 hosts agree: it is active from now on'
answers 0 a 'golden value 4'
answers 0 b 'golden value 4'
exits 2 va verify host-c
exits 0 va audit verify
