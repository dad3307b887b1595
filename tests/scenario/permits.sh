#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Permits: given on a fresh trusted verdict and on nothing else, used once, by
# the domain that they are of; and gone when their host's verdict, its boot, their
# time or the verifier ends.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || {
	echo "skipped: only root can be somebody else"
	exit 77
}
chmod 755 "$dir"
"$pki" make "$dir/pki" --host host-a --host host-b --verifier verifier >/dev/null
verifier() { start_verifier -o read_group=staff -o admin_group= -o reattest_s=0 "$@"; }
verifier
for host in a b; do
	start_tpm "tpm-$host"
	start_agent "agent-$host" "host-$host" "tpm-$host"
	exits 0 va enroll "host-$host" --address "127.0.0.1:${port_of[agent-$host]}" --ek-sha256 "${ek_of[tpm-$host]}" --yes
done
one=6ba7b810-9dad-11d1-80b4-00c04fd430c8 two=6ba7b811-9dad-11d1-80b4-00c04fd430c8

# raw COMMAND ARGUMENTS: as a gate asks, which stays until it is answered.
raw() {
	local line to from
	coproc gate { exec socat -t 1 - "UNIX-CONNECT:$dir/v.sock"; }
	to=${gate[1]} from=${gate[0]}
	printf '{"execute":"%s","arguments":%s,"id":1}\n' "$1" "$2" >&"$to"
	read -r -t 30 line <&"$from" || fail "no answer to $1"
	exec {to}>&-
	wait "${gate_PID:-}" || true
	echo "$line" >"$dir/out"
}
# give DOMAIN UUID HOST: as the command does for a domain that libvirt knows.
give() {
	raw permit "{\"domain\":\"$1\",\"uuid\":\"$2\",\"destination\":\"$3\"}"
	says out "\"permit\":{\"domain\":\"$1\",\"uuid\":\"$2\",\"host\":\"$3\",\"destination\":\"$3\",\"seconds\":60"
}
# take HOST ARGUMENTS: it is let go there.
take() {
	raw verify "{\"permit\":true,$2}"
	says out "\"verdict\":\"trusted\",\"host\":\"$1\""
}
# none ARGUMENTS: there is none that is meant.
none() {
	raw verify "{\"permit\":true,$1}"
	says out '"verdict":"unknown","host":"".*no permit for'
}
listed() {
	va permits --json >"$dir/listed"
	grep -q "$1" "$dir/listed"
}
lists() { listed "$1" || { cat "$dir/listed" >&2 && fail "permits does not list $1"; }; }
lists_none() {
	exits 0 va permits
	says out '^no permits$'
}

echo "# given only where the verdict is trusted"
lists_none
give db1 $one host-a
exits 0 va permits
says out "^db1  *$one  *host-a  *[0-9]* s  no$"
extend tpm-b 4 "something else"
raw permit '{"domain":"db2","destination":"host-b"}'
says out '"verdict":"untrusted","host":"host-b"'
! grep -q '"permit"' "$dir/out" || fail "a permit for a host that is not trusted"
exits 2 va permit db2 host-b --unchecked
says err 'no permit was given'
exits 4 va permit db2 host-c --unchecked
none '"domain":"db2"'
exits 0 va audit show
! grep -q 'permit  .* db2' "$dir/out" || fail "one that was not given is written down"

echo "# once, and listed as used until its time ends"
take host-a "\"domain\":\"db1\",\"uuid\":\"$one\""
none "\"domain\":\"db1\",\"uuid\":\"$one\""
lists '"used": *true'

echo "# by the UUID, by the name, and by both when both are said"
give db1 $one host-a
none "\"uuid\":\"$two\""
none "\"domain\":\"db1\",\"uuid\":\"$two\""
none "\"domain\":\"db2\",\"uuid\":\"$one\""
take host-a "\"uuid\":\"${one^^}\""
give db1 $one host-a
take host-a '"domain":"db1"'
give db1 $one host-a
take host-a "\"domain\":\"$one\""
exits 0 va permit $one host-a --unchecked
take host-a "\"domain\":\"db1\",\"uuid\":\"$one\""
exits 0 va permit db1 host-a --unchecked
none "\"domain\":\"db1\",\"uuid\":\"$one\""
take host-a '"domain":"db1"'

echo "# of two the later one"
give db1 $one host-a
give db1 $one host-a
take host-a "\"uuid\":\"$one\""
none "\"uuid\":\"$one\""

echo "# withdrawn, by who may give one"
give db1 $one host-a
raw permit-withdraw "{\"uuid\":\"$two\"}"
lists '"used": *false'
raw permit-withdraw "{\"uuid\":\"$one\"}"
none "\"uuid\":\"$one\""
exits 0 va audit show
says out 'uid=0 .*permit-void  *db1  to host-a: withdrawn'

echo "# its time"
exits 0 va permit db1 host-a --unchecked --seconds 1
is_over() { ! listed '"db1"'; }
until_true 30 is_over
none '"domain":"db1"'

echo "# who may ask may use it and see it, and not give it"
mkdir "$dir/bin"
cp "$bin/virt-attest" "$dir/bin/"
chmod -R a+rX "$dir/bin"
somebody() { setpriv --reuid=nobody --regid=nogroup --groups="$1" "$dir/bin/virt-attest" -S "$dir/v.sock" "${@:2}"; }
exits 1 somebody staff permit db1 host-a --unchecked
says err 'may not'
exits 1 somebody users permits
give db1 $one host-a
exits 0 somebody staff permits
says out '^db1 '

echo "# the host is not what it was: gone before anybody uses it"
extend tpm-a 4 "something else"
exits 2 va verify host-a
lists_none
none "\"uuid\":\"$one\""
exits 0 va audit show
says out 'permit-void  *db1  to host-a: host-a is untrusted'

echo "# by whoever asks first"
restart_tpm() {
	stop "$1" KILL
	run_tpm "$1"
}
restart_tpm tpm-a
give db1 $one host-a
extend tpm-a 4 "something else"
raw verify "{\"permit\":true,\"uuid\":\"$one\"}"
says out '"verdict":"untrusted"'
lists_none

echo "# it has started again since, and is trusted again"
restart_tpm tpm-a
give db1 $one host-a
restart_tpm tpm-a
raw verify "{\"permit\":true,\"uuid\":\"$one\"}"
says out '"verdict":"stale","host":"host-a".*"rebooted".*has started again since the permit'
lists_none
give db1 $one host-a
restart_tpm tpm-a
exits 0 va verify host-a
lists_none
exits 0 va audit show
says out 'permit-void  *db1  to host-a: host-a has started again'

echo "# on a verdict of some seconds, when one is asked for; its use asks anew"
raw permit '{"domain":"db1","destination":"host-a","max_age":8}'
says out '"error":{"class":"Limit"'
restart_tpm tpm-a
exits 0 va verify host-a
extend tpm-a 4 "something else"
raw permit '{"domain":"db1","destination":"host-a","max_age":7}'
says out '"age_ms":[1-9].*"permit":{'
raw verify '{"permit":true,"domain":"db1"}'
says out '"verdict":"untrusted"'
raw permit '{"domain":"db1","destination":"host-a","max_age":7}'
says out '"verdict":"untrusted"'
! grep -q '"permit"' "$dir/out" || fail "a permit on a verdict that is no more"
restart_tpm tpm-a

echo "# its host is forgotten"
restart_tpm tpm-b
give db2 $two host-b
exits 0 va forget host-b --yes
lists_none

echo "# a restart forgets"
give db1 $one host-a
stop verifier
verifier
lists_none
none "\"uuid\":\"$one\""

echo "# the verifier looks by itself"
stop verifier
verifier -o reattest_s=1 -o deadline_ms=2000
give db1 $one host-a
extend tpm-a 4 "something else"
is_gone() { ! listed '"db1"'; }
until_true 20 is_gone
exits 0 va audit show
says out 'permit-void  *db1  to host-a: host-a is untrusted'
exits 0 va audit verify
