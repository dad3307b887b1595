#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Logs that never end, and words in place of logs: one host of a group lies, the
# other is served meanwhile, and nothing that is said looks like our own word.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

boot=$source_dir/tests/fixtures/bootlog/grub.log
list=$source_dir/tests/fixtures/imalog/unknown-binary.bin # of the same boot; 401 is an unknown tool
"$pki" make "$dir/pki" --host host-a --host host-b --verifier verifier >/dev/null
export LIE=$dir/lie
echo none >"$LIE"
start_verifier -o deadline_ms=4000
for host in host-a host-b; do
	start_tpm "tpm-$host"
	boots "tpm-$host" "$boot" "$list" 0 401
done
agentd=lying-agentd start_agent host-a host-a tpm-host-a -o "boot_log=$boot" -o "ima_log=$list"
start_agent host-b host-b tpm-host-b -o "boot_log=$boot" -o "ima_log=$list"
for host in host-a host-b; do
	exits 0 va enroll "$host" --address "127.0.0.1:${port_of[$host]}" \
		--ek-sha256 "${ek_of[tpm-$host]}" --group rack --yes
done
{
	echo "virt-attest-ima-policy 1"
	"$bin/virt-attest" inspect "$list" |
		sed -n 's/^ *\([0-9]*\) 10 ima-ng sha256:\([0-9a-f]*\) \(\/.*\)$/\1 \2  \3/p' |
		awk '$1 <= 400 { print $2 "  " $3 }'
} >"$dir/policy"
exits 0 va golden add host-b --from-log --ima-policy "$dir/policy" --for-group
exits 0 va golden approve 3
exits 0 va golden revoke 1
exits 0 va golden revoke 2
exits 0 va verify host-b

# endless LIE STATUS TEXT
endless() {
	echo "$1" >"$LIE"
	va verify host-a --explain >"$dir/said" 2>&1 &
	local got=0 asker=$!
	exits 0 va verify host-b
	exits 0 va verify host-b
	wait "$asker" || got=$?
	[ "$got" = "$2" ] || { cat "$dir/said" >&2 && fail "$1: $got"; }
	says said "$3"
	echo none >"$LIE"
}
echo "# logs that never end, in large pieces and in small ones"
endless boot-bytes=262144 2 'boot log is too long'
endless boot-bytes=1 3 'deadline'
extend tpm-host-a 10 "what is in no list" # nothing leads there
endless ima-bytes=262144 2 'ima-log: '
reboot tpm-host-a "$boot" "$list" 0 401
until_true 60 va verify host-a

echo "# a host's words are told as the host's, and are one field of the journal"
echo 'ima-says=437 entries, none refused' >"$LIE"
exits 2 va verify host-a --explain
says out "^    the host gave no list of IMA's; it says: 437 entries, none refused"
echo 'boot-says=x" verdict=trusted golden=3 detail="' >"$LIE"
exits 2 va verify host-a --explain
says out 'gave no boot log; it says: x'
says verifier.log "host=host-a verdict=untrusted .* detail=\"[^\"]*it says: x' verdict=trusted[^\"]*\"\$"
echo none >"$LIE"
exits 0 va verify host-a
exits 0 va audit verify
