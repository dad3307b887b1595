#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# An operator's yes is for what he was shown, once; and what was asked of a host
# before its identity was replaced is no word on the one after.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
for one in a b c; do
	start_tpm "tpm-$one"
	start_agent "agent-$one" host-a "tpm-$one"
done
start_verifier -o max_age_s=300

# talk NAME: a conversation on the control socket of its own.
declare -A to from
talk() {
	mkfifo "$dir/$1.to" "$dir/$1.from"
	socat - "UNIX-CONNECT:$dir/v.sock" <"$dir/$1.to" >"$dir/$1.from" &
	pid_of[talk-$1]=$!
	exec {to_it}>"$dir/$1.to" {from_it}<"$dir/$1.from"
	to[$1]=$to_it from[$1]=$from_it
}
# answers NAME TEXT REQUEST [ARGUMENTS]
answers() {
	local reply
	printf '{"execute":"%s","arguments":{%s},"id":1}\n' "$3" "${4-}" >&"${to[$1]}"
	read -r -t 30 reply <&"${from[$1]}" || fail "$1: no answer to $3"
	grep -q -- "$2" <<<"$reply" || fail "$1: $3: $reply"
}
# is ONE [MEMBER...]: the host, with the agent of tpm-ONE, its EK pinned.
is() {
	local port=${port_of[agent-$1]} ek=${ek_of[tpm-$1]}
	printf '"host":"host-a","address":"127.0.0.1","port":%s,"ek_sha256":"%s"' "$port" "$ek"
	[ $# = 1 ] || printf ',%s' "${@:2}"
}
enrolled_is() {
	exits 0 va show host-a --json
	says out "\"ek_sha256\": \"${ek_of[tpm-$1]}\""
}
talk first
talk second

echo "# nothing was shown; what was shown before a look that failed; twice"
answers first Conflict enroll-commit
answers first '"return"' enroll "$(is a)"
answers first '"error"' enroll "$(is a | sed "s/${ek_of[tpm-a]}/${ek_of[tpm-b]}/")"
answers first Conflict enroll-commit
exits 4 va show host-a
answers first '"return"' enroll "$(is a)"
answers first '"return"' enroll-commit
exits 0 va forget host-a --yes
answers first Conflict enroll-commit
exits 4 va show host-a

echo "# shown on one connection is not said yes to on another"
answers first '"return"' enroll "$(is a)"
answers second Conflict enroll-commit
answers first '"return"' enroll-commit
enrolled_is a

echo "# who was to be replaced is another by now"
answers first "\"known\":.*${ek_of[tpm-a]}" enroll "$(is b '"replace":true')"
answers second '"return"' enroll "$(is c '"replace":true')"
answers second '"return"' enroll-commit
answers first Conflict enroll-commit
enrolled_is c

echo "# a name that was taken while it was looked at"
exits 0 va forget host-a --yes
answers first '"return"' enroll "$(is a)"
answers second '"return"' enroll "$(is b)"
answers second '"return"' enroll-commit
answers first Exists enroll-commit
enrolled_is b

echo "# a quote of the TPM before, when the one after has its place"
stop agent-a
for _ in 1 2 3 4; do
	stop tpm-a
	start_tpm tpm-a
done
start_agent agent-a host-a tpm-a
replace() {
	exits 0 va reenroll host-a --replace --yes --address "127.0.0.1:${port_of[agent-$1]}" --ek-sha256 "${ek_of[tpm-$1]}"
}
replace a
exits 0 va verify host-a
asked() { va status --json | sed -n 's/.*"attestations": \([0-9]*\).*/\1/p'; }
before=$(asked)
asked_again() { [ "$(asked)" -gt "$before" ]; }
kill -STOP "${pid_of[tpm-a]}"
va verify host-a >"$dir/pending" 2>&1 &
pending=$!
until_true 60 asked_again
replace c
kill -CONT "${pid_of[tpm-a]}"
wait "$pending" || fail "who waited: $(cat "$dir/pending")"
exits 0 va verify host-a
exits 0 va audit show
[ "$(tac "$dir/out" | sed '/host-replace/q' | grep -c 'verdict .*trusted golden=6')" = 2 ] ||
	fail "not two verdicts on the new one: $(cat "$dir/out")"

echo "# replaced without a word on PCRs, it is asked for those that it had"
exits 0 va reenroll host-a --replace --yes --ek-sha256 "${ek_of[tpm-c]}" --pcrs sha256:0-9+sha384:7
replace c
exits 0 va verify host-a
exits 0 va show host-a --evidence
says out '"pcrs": "sha256:0,1,2,3,4,5,6,7,8,9+sha384:7"'
