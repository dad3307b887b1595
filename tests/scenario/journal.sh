#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What systemd's journal keeps of both daemons: fields of their own for every
# line, one entry an event, and no secret; whoever knocks does not fill it.  A
# journald of this story's own, in a mount namespace.
if [ -z "${IN_NAMESPACE:-}" ]; then
	unshare -m true 2>/dev/null || {
		echo "skipped: no mount namespace to be had"
		exit 77
	}
	IN_NAMESPACE=1 exec unshare -m "$0"
fi
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journald.conf.d /run/log/journal
printf '%s\n' '[Journal]' Storage=volatile ReadKMsg=no Audit=no ForwardToSyslog=no >/run/systemd/journald.conf.d/story.conf
/lib/systemd/systemd-journald >"$dir/journald.log" 2>&1 &
pid_of[journald]=$!
until_true 20 test -S /run/systemd/journal/socket

# FIELD=VALUE...: the entries that have them, in JSON.
entries() { journalctl -q -D /run/log/journal --no-pager -o json "$@"; }
has() { entries "$@" | grep >/dev/null .; }
count() { entries "$@" | wc -l; }
# in_journal NAME OPTION...: that daemon, its standard error a stream of the
# journal, as systemd says it (systemd-cat of our systemd does not).
in_journal() {
	local name=$1
	shift
	# shellcheck disable=SC2016
	systemd-cat -t "$name" bash -c 'JOURNAL_STREAM=$(stat -L -c %d:%i /dev/fd/2) exec "$@"' - "$bin/$name" -d -o log_level=debug "$@" &
	pid_of[$name]=$!
}

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
in_journal virt-attest-agentd -o "tcti=${tcti_of[tpm-a]}" -o endpoint_certs= -o listen=127.0.0.1:0 \
	-o "tls_ca=$dir/pki/cacert.pem" -o "tls_cert=$dir/pki/host-a/servercert.pem" -o "tls_key=$dir/pki/host-a/serverkey.pem"
in_journal virt-attest-verifierd -o reattest_s=0 -o "socket=$dir/v.sock" -o "store=sqlite:$dir/verifier.db" \
	-o "tls_ca=$dir/pki/cacert.pem" -o "tls_cert=$dir/pki/verifier/clientcert.pem" -o "tls_key=$dir/pki/verifier/clientkey.pem"
port() { entries SYSLOG_IDENTIFIER=virt-attest-agentd | sed -n 's/.*"VIRT_ATTEST_LISTEN":"127.0.0.1:\([0-9]*\)".*/\1/p' | grep .; }
until_true 30 port
until_true 30 has VIRT_ATTEST_STATE=ready SYSLOG_IDENTIFIER=virt-attest-agentd
until_true 30 has "VIRT_ATTEST_SOCKET=$dir/v.sock"

echo "# a host: enrolled, trusted, not trusted any more"
exits 0 va enroll host-a --address "127.0.0.1:$(port)" --ek-sha256 "${ek_of[tpm-a]}" --yes
exits 0 va verify host-a
exits 0 va golden revoke 1
exits 4 va verify host-a
exits 0 va audit checkpoint
until_true 10 has VIRT_ATTEST_EVENT=audit-checkpoint
[ "$(count VIRT_ATTEST_EVENT=verdict HOST=host-a VERDICT=trusted)" = 1 ] || fail "not one entry for a change"
entries VIRT_ATTEST_EVENT=verdict VERDICT=stale VIRT_ATTEST_WAS=trusted REASON=golden >"$dir/entry"
says entry MESSAGE_ID
has VIRT_ATTEST_EVENT=appraised HOST=host-a VERDICT=trusted || fail "a round has no fields"
has VIRT_ATTEST_EVENT=revoked VIRT_ATTEST_GOLDEN=1 VIRT_ATTEST_BY=uid=0 || fail "a golden value has no fields"

echo "# somebody knocks, again and again"
knock() { printf 'event=verdict host=host-a\n\n' >"/dev/tcp/127.0.0.1/$at"; }
at=$(port)
for _ in $(seq 400); do
	knock 2>/dev/null || true
done
# As entries, or, where the journal had no room at that moment, as lines.
# Each cause is a kind of its own.
refused() {
	[ "$(entries SYSLOG_IDENTIFIER=virt-attest-agentd -o cat | sed -n 's/.*event=refused.* cause=//p' |
		sort | uniq -c | sort -n | awk 'END { print $1 + 0 }')" -ge "$1" ]
}
until_true 20 refused 200
entries VIRT_ATTEST_EVENT=refused | tail -n 1 >"$dir/entry"
says entry '"VIRT_ATTEST_PEER":"127.0.0.1'
says entry '"VIRT_ATTEST_ERROR":"'
! refused 201 || fail "they fill the journal"

echo "# no key is in it, at the most talkative level"
entries >"$dir/all"
entries -o cat >>"$dir/all"
stop virt-attest-verifierd
sqlite3 "$dir/verifier.db" "SELECT writefile('$dir/key', private) FROM signing_keys" >/dev/null
key=$(od -An -v -tx1 "$dir/key" | tr -d ' \n')
[ "${#key}" = 64 ] || fail "no signing key to look for"
base64=$(base64 -w 0 "$dir/key")
for secret in "$key" "${key^^}" "${base64%=}" "$(tr '+/' '-_' <<<"${base64%=}")" \
	$(cat "$dir/pki/verifier/clientkey.pem" "$dir/pki/host-a/serverkey.pem" | sed '/-----/d'); do
	! grep -qF -- "$secret" "$dir/all" || fail "a key is in the journal"
done
