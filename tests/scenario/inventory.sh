#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A rack is enrolled from a list: hosts that are right, that are down, that are
# others than the list says; looked at first, stopped in the middle, gone on
# with.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --host host-b --host host-c --host host-e --verifier verifier >/dev/null
declare -A ek_of
for one in a b c; do
	start_tpm "tpm-$one"
	extend "tpm-$one" 0 "the firmware"
	start_agent "agent-$one" "host-$one" "tpm-$one"
	ek_of[$one]=$("$bin/virt-attest-agentd" --show-ek -o "tcti=${tcti_of[tpm-$one]}" -o endpoint_certs= |
		sed -n 's/.*\([0-9a-f]\{64\}\).*/\1/p' | head -n 1)
	[ -n "${ek_of[$one]}" ] || fail "no EK of tpm-$one"
done
start_verifier -o deadline_ms=20000
false_ek=$(printf '%064d' 7)

# line NAME [EK]: a host of the list, by its agent's name or as it is written.
line() { echo "host-$1,127.0.0.1:${port_of[agent-$1]-1},${2-${ek_of[$1]-}},rack \"\"7\"\"" | sed 's/,\(rack.*\)$/,"\1"/'; }
list() {
	local one
	echo "name,address,ek_sha256,label"
	for one in "$@"; do line "$one"; done
}
hosts_are() {
	local got
	got=$(va hosts --json | sed -n 's/.*"host": "\(host-[a-z]\)",$/\1/p' | sort -u | tr '\n' ' ')
	[ "$got" = "$*${*:+ }" ] || fail "enrolled: $got, not: $*"
}
goldens_are() { [ "$(va golden list | wc -l)" = "$1" ] || fail "not $1 golden values: $(va golden list)"; }

echo "# a list that is wrong is asked nobody about"
list a b a >"$dir/hosts.csv"
exits 1 va enroll --from "$dir/hosts.csv" --yes
says err 'hosts.csv:4: name: the same as in line 2'
exits 1 va enroll --from "$dir/nothing.csv" --yes
list a b >"$dir/hosts.csv"
exits 1 va enroll --from "$dir/hosts.csv"
says err 'use --yes'
exits 1 va enroll --from "$dir/hosts.csv" --yes --jobs 0
exits 1 va enroll --from "$dir/hosts.csv" --yes --jobs 65
says err 'jobs takes 1 to 64'
exits 1 va enroll --from "$dir/hosts.csv" --yes --pcrs md5:1
exits 1 va enroll host-a --from "$dir/hosts.csv" --yes
exits 1 va enroll --from "$dir/hosts.csv" --yes --label x
exits 1 va enroll host-a --yes --dry-run
exits 1 va enroll --yes
hosts_are

echo "# a dry run proves all and keeps nothing"
{ list a b d && line c "$false_ek"; } >"$dir/hosts.csv"
exits 2 va enroll --from "$dir/hosts.csv" --dry-run
says out '^would enrol host-a$'
says out '^would enrol host-b$'
says out '^refused host-c: .*no such endorsement key'
says out '^unreachable host-d: '
says out '^4 hosts: 2 would enrol, 1 unreachable, 1 refused$'
hosts_are
goldens_are 0
list a b | sed 1d | va enroll --from - --dry-run >"$dir/out" 2>"$dir/err" && fail "a list without its first line"
list a b | va enroll --from - --dry-run >/dev/null

echo "# who is down or another stops nobody"
list a d >"$dir/hosts.csv"
line c "$false_ek" >>"$dir/hosts.csv"
exits 2 va enroll --from "$dir/hosts.csv" --yes
says out '^enrolled host-a (golden value 1)$'
says out '^refused host-c: '
says out '^unreachable host-d: '
says out '^3 hosts: 1 enrolled, 1 unreachable, 1 refused$'
exits 3 va enroll --from <(list a d) --yes
says out '^already host-a$'
hosts_are host-a
exits 0 va verify host-a
va show host-a --json | grep -q 'rack \\"7\\"' || fail "the label is not the list's"

echo "# enrolled with another key than the list says"
exits 2 va enroll --from <(list && line a "$false_ek") --yes
says out "^conflict host-a: .*${ek_of[a]}"
exits 2 va enroll --from <(list && line a "$false_ek") --dry-run
exits 0 va enroll --from <(list && line a "") --yes
says out '^already host-a$'
exits 0 va enroll --from <(list && line a "${ek_of[a]^^}") --yes
goldens_are 1

echo "# stopped in the middle: nothing is half there, and it goes on"
list a b c >"$dir/hosts.csv"
# c's TPM is as if it were very slow; b is enrolled meanwhile.
# A job in the background would ignore an interrupt.
start_command() {
	env --default-signal=INT "$bin/virt-attest" -S "$dir/v.sock" enroll --from "$dir/hosts.csv" --yes \
		>"$dir/middle" 2>"$dir/err" &
	pid_of[command]=$!
}
# ends STATUS [SIGNAL]: with its own word about what became of it.
ends() {
	local got=0
	[ $# = 1 ] || kill "-$2" "${pid_of[command]}"
	wait "${pid_of[command]}" || got=$?
	unset "pid_of[command]"
	[ "$got" = "$1" ] || fail "exit status $got, not $1: $(cat "$dir/err")"
}
stop_in_the_middle() {
	kill -STOP "${pid_of[tpm-c]}"
	start_command
	until_true 60 grep -q "^$2 host-b" "$dir/middle"
	until_true 60 grep -q '^already host-a' "$dir/middle"
	ends "$3" "$1"
	kill -CONT "${pid_of[tpm-c]}"
	hosts_are host-a host-b
	goldens_are 2
}
stop_in_the_middle INT enrolled 1
grep -q '^3 hosts: 1 enrolled, 1 already, 1 not asked$' "$dir/middle" || fail "does not say what it did not do"
stop_in_the_middle KILL already 137
exits 0 va enroll --from "$dir/hosts.csv" --yes --json
says out '"host": "host-c"'
[ "$(grep -c '"outcome": "already"' "$dir/out")" = 2 ] || fail "not two were there"
[ "$(grep -c '"outcome": "enrolled"' "$dir/out")" = 1 ] || fail "not one was enrolled"
says out '"golden": 3'
hosts_are host-a host-b host-c
goldens_are 3
exits 0 va audit verify

echo "# who is enrolled is not visited again: it may be down"
stop agent-b
exits 0 va enroll --from "$dir/hosts.csv" --yes
says out '^already host-b$'
start_agent agent-b host-b tpm-b

echo "# on a terminal: one question, and a line that says how it goes"
va forget host-b --yes >/dev/null
answer() {
	echo "$1" | script -qec "'$bin/virt-attest' -S '$dir/v.sock' enroll --from '$dir/hosts.csv'" /dev/null >"$dir/out" 2>"$dir/err"
}
answer n && fail "enrolled without a yes"
says out 'Enrol these 3 hosts'
hosts_are host-a host-c
answer y || fail "not enrolled: $(cat "$dir/out")"
says out '2/3 enrolled, 0 failed, 1 under way'
says out '^.*enrolled host-b (golden value 4)'

echo "# a verifier that goes away in the middle"
va forget host-b --yes >/dev/null
kill -STOP "${pid_of[tpm-b]}"
start_command
until_true 60 grep -q '^already host-c' "$dir/middle"
stop verifier KILL
ends 1
kill -CONT "${pid_of[tpm-b]}"
says err 'hung up'
exits 1 va enroll --from "$dir/hosts.csv" --yes
start_verifier -o read_group=games
exits 0 va enroll --from "$dir/hosts.csv" --yes

[ "$(id -u)" = 0 ] || exit 0
echo "# who may only ask enrols nobody"
va forget host-b --yes >/dev/null
chmod 755 "$dir"
mkdir "$dir/bin"
cp "$bin/virt-attest" "$dir/bin/"
chmod -R a+rX "$dir/bin" "$dir/hosts.csv"
asks() {
	setpriv --reuid=nobody --regid=nogroup --groups=games "$dir/bin/virt-attest" -S "$dir/v.sock" "$@"
}
exits 0 asks hosts
exits 1 asks enroll --from "$dir/hosts.csv" --yes --jobs 1 # the first that is denied ends it
says err 'may not'
says out '^3 hosts: 1 already, 2 not asked$' # reading he may
exits 1 asks enroll --from "$dir/hosts.csv" --dry-run
hosts_are host-a host-c
