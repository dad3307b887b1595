#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The host that is attested is the one that receives: the key of its libvirt
# endpoint is under the TPM's signature, and whoever shows another is refused.
# A TLS server with that certificate stands where libvirtd would.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --host libvirt-a --host libvirt-b --verifier verifier >/dev/null
start_tpm tpm-a
start_agent agent-a host-a tpm-a -o "endpoint_certs=$dir/pki/libvirt-a/servercert.pem"
start_verifier -o deadline_ms=6000 -o read_group=games
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null

# serve NAME: a TLS server with its certificate that asks for ours, as libvirtd.
serve() {
	openssl s_server -accept "127.0.0.1:${port:-0}" -Verify 1 -quiet -CAfile "$dir/pki/cacert.pem" \
		-cert "$dir/pki/$1/servercert.pem" -key "$dir/pki/$1/serverkey.pem" >"$dir/serve.log" 2>&1 &
	pid_of[serve]=$!
	until_true 60 serving
	port=$(serving)
}
serving() { ss -Hltnp | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=${pid_of[serve]},.*/\1/p" | grep .; }

echo "# by name alone no endpoint is met; by URI it must show the attested key"
exits 0 va verify host-a
serve libvirt-a
exits 0 va verify "qemu+tls://127.0.0.1:$port/system"
cached() { va status --json | sed -n 's/.*"cached": *\([0-9]*\).*/\1/p'; }
before=$(cached)
exits 0 va verify --max-age 600 "qemu+tls://127.0.0.1:$port/system"
[ "$(cached)" = $((before + 1)) ] || fail "what was just proved was asked for again"
exits 0 hook db1 migrate pmc "qemu+tls://127.0.0.1:$port/system"
stop serve
serve libvirt-b
exits 2 va verify "qemu+tls://127.0.0.1:$port/system"
says out 'endpoint: '
exits 2 va verify --max-age 600 "qemu+tls://127.0.0.1:$port/system"
exits 2 hook db1 migrate pmc "qemu+tls://127.0.0.1:$port/system"
stop serve
exits 3 va verify "qemu+tls://127.0.0.1:$port/system"
says out 'endpoint-silent'
exits 0 va verify host-a

echo "# what is the endpoint's fault alone closes nothing: who may only ask would shut out every guest"
changes() { grep -c 'event=verdict host=host-a' "$dir/verifier.log"; }
stands() { va hosts | grep -Eq "^host-a .*(^| )$1( |$)" || fail "it does not stand as $1"; }
permits() { va permits | grep -c db1 || true; }
exits 0 va permit db1 host-a --unchecked
before=$(changes)
closes_nothing() {
	stands trusted
	[ "$(permits)" = 1 ] || fail "the permit is gone"
	[ "$(changes)" = "$before" ] || fail "the host stands otherwise"
}
exits 3 va verify "qemu+tls://127.0.0.1:$port/system"
closes_nothing
serve libvirt-b
exits 2 va verify "qemu+tls://127.0.0.1:$port/system"
closes_nothing
exits 0 va verify --max-age 600 host-a # this one was looked at
exits 2 va verify --max-age 600 "qemu+tls://127.0.0.1:$port/system"
exits 2 va permit db2 "qemu+tls://127.0.0.1:$port/system" --unchecked
exits 0 va permits
! grep db2 "$dir/out" || fail "a permit for an endpoint that is another's"
stop serve
socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "SYSTEM:tail --pid=$$ -f /dev/null" 2>"$dir/serve.log" &
pid_of[serve]=$!
until_true 60 serving
exits 3 va verify "qemu+tls://127.0.0.1:$port/system"
says out 'endpoint-silent'
closes_nothing
exits 0 va audit show
says out 'endpoint-silent'

echo "# who may only ask, for endpoint after endpoint that hangs, makes who may change wait for one of them"
if [ "$(id -u)" = 0 ]; then
	stop serve
	for i in 1 2 3 4 5; do
		socat "TCP-LISTEN:0,bind=127.0.0.1,fork" "SYSTEM:tail --pid=$$ -f /dev/null" 2>"$dir/hangs-$i.log" &
		pid_of[serve]=$! pid_of[hangs-$i]=$!
		until_true 60 serving
		chmod 711 "$dir"
		{
			printf '{"execute":"verify","arguments":{"destination":"qemu+tls://127.0.0.1:%s/system"}}\n' "$(serving)"
			tail --pid=$$ -f /dev/null
		} | setpriv --reuid=nobody --regid=nogroup --groups=games socat - "UNIX-CONNECT:$dir/v.sock" >"$dir/asks-$i.log" 2>&1 &
		pid_of[asks-$i]=$!
	done
	asks() { [ "$(ss -Hx | grep -c "$dir/v.sock")" -ge 5 ]; }
	until_true 60 asks
	began=$SECONDS
	exits 0 va verify host-a
	[ $((SECONDS - began)) -lt 14 ] || fail "it waited for $((SECONDS - began)) s"
	for i in 1 2 3 4 5; do
		stop "asks-$i"
		stop "hangs-$i"
	done
	socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "SYSTEM:tail --pid=$$ -f /dev/null" 2>"$dir/serve.log" &
	pid_of[serve]=$!
	until_true 60 serving
	stands trusted
fi

echo "# and hides nothing: the host is judged beside it"
extend tpm-a 4 "kernel 2"
exits 2 va verify "qemu+tls://127.0.0.1:$port/system"
says out 'golden: '
stands untrusted
[ "$(permits)" = 0 ] || fail "the permit outlived its verdict"
stop serve

echo "# an agent that attests another key than the enrolled one"
stop agent-a
start_agent agent-a host-a tpm-a -o "endpoint_certs=$dir/pki/libvirt-b/servercert.pem"
exits 2 va verify host-a
says out 'endpoint: '
stands untrusted
