#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The agent's TLS key in the TPM: made there, certified by request, behind a
# resource manager that quotes and handshakes share.  Its file is worth nothing
# beside another TPM, and a TPM that goes takes handshakes with it, not the
# agent.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# A bus of our own: the real one is no business of a test.
cat >"$dir/bus.conf" <<-EOT
	<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
	 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
	<busconfig>
	  <type>session</type>
	  <listen>unix:path=$dir/bus</listen>
	  <auth>EXTERNAL</auth>
	  <policy context="default">
	    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
	  </policy>
	</busconfig>
EOT
dbus-daemon --config-file="$dir/bus.conf" --nofork --nopidfile >"$dir/bus.log" 2>&1 &
pid_of[bus]=$!
until_true 60 test -S "$dir/bus"
export DBUS_SESSION_BUS_ADDRESS=unix:path=$dir/bus DBUS_SYSTEM_BUS_ADDRESS=unix:path=/dev/null
# What glib does there is not ours (the file says more).  Of its recursive locks
# the sanitizer sees one half alone; our own are looked at by every other story.
export TSAN_OPTIONS=${TSAN_OPTIONS-}:report_mutex_bugs=0:detect_deadlocks=0:suppressions=$source_dir/tests/scenario/tls-key.supp

# start_manager NAME TPM: a resource manager; tcti_of[NAME] is the way to it.
start_manager() {
	tcti_of[$1]=tabrmd:bus_type=session,bus_name=test.$1
	tpm2-abrmd --session --allow-root --dbus-name="test.$1" \
		--tcti="${tcti_of[$2]}" >"$dir/$1.log" 2>&1 &
	pid_of[$1]=$!
	until_true 60 timeout 20 tpm2_getcap -T "${tcti_of[$1]}" properties-fixed
}

# in_tpm MANAGER OPENSSL-COMMAND OPTION...
in_tpm() {
	local manager=$1 command=$2
	shift 2
	TPM2OPENSSL_TCTI=${tcti_of[$manager]} openssl "$command" -provider tpm2 -provider base \
		"$@" >"$dir/openssl.log" 2>&1 || fail "openssl $command: $(cat "$dir/openssl.log")"
}

# certify KEY NAME MANAGER: a request on the host, a certificate of the CA.
certify() {
	in_tpm "$3" req -new -key "$1" -subj "/CN=$2" -out "$dir/$2.csr"
	"$pki" host "$dir/pki" "$2" --csr "$dir/$2.csr"
}

# persist MANAGER HANDLE [ATTRIBUTES]: a key of its own at that handle, one for
# any signature if not said otherwise.
persist() {
	(
		cd "$dir"
		export TPM2TOOLS_TCTI=${tcti_of[$1]}
		tpm2_createprimary -C o -G ecc -c parent.ctx
		tpm2_create -C parent.ctx -G ecc:ecdsa-sha256:null -u key.pub -r key.priv -c key.ctx \
			-a "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|${3-sign}"
		tpm2_evictcontrol -C o -c key.ctx "$2"
	) >"$dir/tools.log" 2>&1 || fail "no key at $2"
}

agentd=virt-attest-agentd
# refuses TCTI CERTIFICATE KEY TEXT: the agent does not start.
refuses() {
	exits 1 timeout 60 "$bin/$agentd" -d -o "tcti=$1" -o endpoint_certs= -o listen=127.0.0.1:0 \
		-o "tls_ca=$dir/pki/cacert.pem" -o "tls_cert=$dir/pki/$2/servercert.pem" -o "tls_key=$3"
	says err "$4"
	# Whoever is refused ends in order too: a leak's exit status is 1 as well.
	! grep -q Sanitizer "$dir/err" || { cat "$dir/err" >&2 && fail "not in order"; }
}

# One handshake by itself; what the verifier keeps open proves none.
handshake() {
	timeout 60 openssl s_client -connect "127.0.0.1:${port_of[$1]}" -CAfile "$dir/pki/cacert.pem" \
		-cert "$dir/pki/verifier/clientcert.pem" -key "$dir/pki/verifier/clientkey.pem" \
		-alpn virt-attest/1 -tls1_3 -verify_return_error </dev/null >"$dir/heard" 2>&1 || return 1
	# The server's signature was checked, and the client was let in.
	grep -q '^Verification: OK' "$dir/heard"
}

"$pki" make "$dir/pki" --host plain --verifier verifier >/dev/null
start_tpm tpm-a
start_tpm tpm-b
start_manager rm-a tpm-a
start_manager rm-b tpm-b
handle=0x81010010

echo "# a key in the TPM, certified by request"
in_tpm rm-a genpkey -algorithm EC -pkeyopt group:P-256 -out "$dir/host-a.key"
grep -q 'TSS2 PRIVATE KEY' "$dir/host-a.key" || fail "no key of a TPM"
certify "$dir/host-a.key" host-a rm-a
start_agent agent-a host-a rm-a -o "tls_key=$dir/host-a.key"
start_verifier
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" \
	--ek-sha256 "${ek_of[tpm-a]}" --yes
exits 0 va verify host-a
exits 0 hook db1 migrate pmc qemu+ssh://root@host-a/system
for _ in 1 2 3 4 5 6 7 8; do handshake agent-a || fail "no handshake"; done
exits 0 va verify host-a

echo "# another certificate of it by a reload; a key of a file by a restart alone"
reload() {
	before=$(grep -c "event=$1" "$dir/agent-a.log" || true)
	kill -HUP "${pid_of[agent-a]}"
	until_true 60 said_again "$1"
}
said_again() { [ "$(grep -c "event=$1" "$dir/agent-a.log")" -gt "$before" ]; }
"$pki" host "$dir/pki" host-a --csr "$dir/host-a.csr" --force >/dev/null
reload reloaded
handshake agent-a || fail "no handshake"
grep -q "$(sed -n 2p "$dir/pki/host-a/servercert.pem")" "$dir/heard" || fail "the old certificate is shown"
cp "$dir/host-a.key" "$dir/key.keep"
cp "$dir/pki/plain/serverkey.pem" "$dir/host-a.key"
reload reload-refused
says agent-a.log 'host-a.key: into the TPM or out of it a key comes by a restart alone'
cp "$dir/key.keep" "$dir/host-a.key"
handshake agent-a || fail "no handshake"
exits 0 va verify host-a

echo "# the resource manager goes: handshakes fail and say why, the agent stays"
stop rm-a
! handshake agent-a || fail "a handshake without the TPM"
says agent-a.log "event=refused.*provider tpm2"
kill -0 "${pid_of[agent-a]}" || fail "the agent went too"
exits 3 va verify host-a
start_manager rm-a tpm-a
until_true 60 handshake agent-a
until_true 60 va verify host-a

echo "# it hangs: handshakes fail in time, and the agent still ends"
handshake agent-a || fail "no handshake"
kill -STOP "${pid_of[rm-a]}"
! handshake agent-a || fail "a handshake without the TPM"
says agent-a.log "event=refused.*the TPM gave no signature in"
# Of refusals, one is told in a second.
refused_at_once() { ! handshake agent-a && grep -q "event=refused.*still owes" "$dir/agent-a.log"; }
until_true 60 refused_at_once
kill -CONT "${pid_of[rm-a]}"
until_true 60 handshake agent-a
until_true 60 va verify host-a
kill -STOP "${pid_of[rm-a]}"
! handshake agent-a || fail "a handshake without the TPM"
kill -TERM "${pid_of[agent-a]}"
until_true 60 grep -q "did not end in time" "$dir/agent-a.log"
ended=0
wait "${pid_of[agent-a]}" || ended=$?
[ "$ended" = 1 ] || fail "exit status $ended"
unset "pid_of[agent-a]"
kill -CONT "${pid_of[rm-a]}"
start_agent agent-a host-a rm-a -o "tls_key=$dir/host-a.key"
until_true 60 va verify host-a

echo "# it starts anew between two handshakes: nobody notices"
stop rm-a
start_manager rm-a tpm-a
handshake agent-a || fail "the key was not looked for again"
stop agent-a

echo "# the file beside another TPM, a TPM of one client, no key of a TPM"
refuses "${tcti_of[rm-b]}" host-a "$dir/host-a.key" 'host-a.key: not a key of this TPM'
refuses "${tcti_of[tpm-a]}" host-a "$dir/host-a.key" 'resource manager'
refuses device:/dev/tpm0 host-a "handle:$handle" 'resource manager'
refuses "${tcti_of[rm-a]}" host-a "handle:$handle" 'not a key of this TPM'
refuses "${tcti_of[rm-a]}" host-a handle:0x01010010 'not a persistent handle'
refuses "${tcti_of[rm-a]}" plain "$dir/host-a.key" 'host-a.key: key values mismatch'
refuses tabrmd:bus_type=session,bus_name=test.nobody host-a "$dir/host-a.key" 'provider tpm2'

# One of the TPM's own statements: certificate or not, it signs no handshake.
persist rm-b 0x81010011 'sign|restricted'
refuses "${tcti_of[rm-b]}" host-a handle:0x81010011 'the TPM does not sign'

echo "# a persistent handle"
persist rm-a $handle
persist rm-b $handle
certify handle:$handle host-h rm-a
refuses "${tcti_of[rm-b]}" host-h handle:$handle 'key values mismatch'
start_agent agent-h host-h rm-a -o tls_key=handle:$handle
exits 0 va enroll host-h --address "127.0.0.1:${port_of[agent-h]}" \
	--ek-sha256 "${ek_of[tpm-a]}" --yes
exits 0 va verify host-h
exits 0 hook db1 migrate pmc qemu+ssh://root@host-h/system

echo "# another TPM in its place, with another key there"
stop rm-a
stop rm-b
start_manager rm-a tpm-b
! handshake agent-h || fail "another key serves"
says agent-h.log "another key's signature"
stop agent-h

echo "# RSA-2048: PSS, with the salt of TLS 1.3"
in_tpm rm-a genpkey -algorithm RSA -pkeyopt bits:2048 -out "$dir/host-r.key"
certify "$dir/host-r.key" host-r rm-a
start_agent agent-r host-r rm-a -o "tls_key=$dir/host-r.key"
handshake agent-r || fail "no handshake with RSA"
grep -q 'Peer signature type: RSA-PSS' "$dir/heard" || fail "not RSA-PSS"
