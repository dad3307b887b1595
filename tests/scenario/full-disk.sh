#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A full disk: a clear error, no verdict, no crash; with room again it goes on.
if [ -z "${IN_NAMESPACE:-}" ]; then
	unshare -m true 2>/dev/null || {
		echo "skipped: no mount namespace to be had"
		exit 77
	}
	IN_NAMESPACE=1 exec unshare -m "$0"
fi
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

mkdir "$dir/disk"
mount -t tmpfs -o size=768k tmpfs "$dir/disk"
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
start_agent agent-a host-a tpm-a
start_verifier -o "store=sqlite:$dir/disk/v.db"
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes
exits 0 hook db1 migrate pmc qemu+tls://host-a/system
exits 0 va permit db2 host-a --unchecked
exits 0 va permit db3 host-a --unchecked
head -c 1000000 /dev/zero >"$dir/disk/ballast" 2>/dev/null || true
# By lines of the audit log first: they say nothing of the host.
forced='{"execute":"forced","arguments":{"host":"h","domain":"d","checks":"c"},"id":1}'
no_line() { socat -t 5 - "UNIX-CONNECT:$dir/v.sock" <<<"$forced" | grep -q '"error"'; }
for _ in {1..2000}; do
	no_line && break
done
# A permit whose use cannot be written is used up.
exits 4 hook db2 migrate pmc -
says err 'the destination is unknown: the verifier could not write its store'
full() { [ "$(va verify host-a --json 2>/dev/null | grep -c '"store"')" -gt 0 ]; }
for _ in {1..200}; do
	full && break
done
exits 4 va verify host-a
says out 'disk full'
exits 4 hook db1 migrate pmc qemu+tls://host-a/system
exits 1 va golden add host-a
# What cannot be written down is no permit; and what rests on a host that
# cannot be proved is none any more.
exits 4 va permit db1 host-a --unchecked
exits 2 hook db3 migrate pmc -
rm "$dir/disk/ballast"
exits 0 hook db1 migrate pmc qemu+tls://host-a/system
exits 2 hook db1 migrate pmc -
exits 2 hook db2 migrate pmc -
exits 0 va audit verify
