#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a host runs: IMA's list of a real machine, judged by a policy as it grows,
# read once, and begun anew after a reboot; and lists that lie.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

fixtures=$source_dir/tests/fixtures
whole=$fixtures/imalog/unknown-binary.bin # 454 entries; 401 is an unknown tool
boot=$fixtures/bootlog/grub.log           # of the same boot
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
list=$dir/ima-list # of the host
cp "$whole" "$list"
boots tpm-a "$boot" "$list" 0 390
start_agent agent-a host-a tpm-a -o "boot_log=$boot" -o "ima_log=$list"
start_verifier
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" \
	--ek-sha256 "${ek_of[tpm-a]}" --yes

# goes_on FIRST COUNT: the machine measures more of its list's files.
goes_on() { boots tpm-a - "$list" "$1" "$2"; }
read_log() { grep -c "request=log" "$dir/agent-a.log" || true; }

echo "# a policy of the files of a good boot, as sha256sum prints them"
{
	echo "virt-attest-ima-policy 1"
	"$bin/virt-attest" inspect "$whole" |
		sed -n 's/^ *\([0-9]*\) 10 ima-ng sha256:\([0-9a-f]*\) \(\/.*\)$/\1 \2  \3/p' |
		awk '$1 <= 400 { print $2 "  " $3 }'
} >"$dir/policy"
exits 0 va golden add host-a --from-log --ima-policy "$dir/policy" --label files
says out 'PCR 10 (.*): each file must be as its IMA policy wants it'
exits 0 va golden approve 2
exits 0 va golden revoke 1
exits 0 va verify host-a

echo "# the list is longer than the quote; it grows, and is read from where it was left"
goes_on 390 10
exits 0 va verify host-a
head -c 20000 /dev/zero >"$dir/zeroes"
dd if="$dir/zeroes" of="$list" conv=notrunc 2>/dev/null # what was read is not asked for again
exits 0 va verify host-a
goes_on_after_zeroes() { "$bin/boot-tool" "${tcti_of[tpm-a]}" - "$whole" 400 1; }
goes_on_after_zeroes || fail "not extended"
exits 0 va verify host-a

echo "# a verifier that starts knows nothing, and must see it all"
stop verifier
start_verifier
exits 2 va verify host-a --explain
says out '^  ima-log: '
cp "$whole" "$list"
exits 0 va verify host-a

echo "# an unknown tool runs: refused by its name, for ever in this boot"
goes_on 401 1
exits 2 va verify host-a --explain
says out '^  ima-log: '
says out '/usr/local/bin/unknown-tool (entry 401) is not known to the golden value'
exits 2 hook db1 migrate pmc qemu+ssh://host-a/system
goes_on 402 52
exits 2 va verify host-a --explain
says out 'unknown-tool'

echo "# another policy judges all of it anew: unknown files are warned of, a changed one is not"
{
	cat "$dir/policy"
	echo "unknown warn"
} >"$dir/lax"
exits 0 va golden add host-a --from-log --ima-policy "$dir/lax" --label lax
exits 0 va golden approve 3
exits 2 va verify host-a --explain
says out '3 of 454 entries refused, the first: the file /usr/bin/cat (entry 408) has another digest'

echo "# files that are warned of: trusted, and said"
{
	grep -v ' /usr/bin/cat$' "$dir/lax"
	printf '%s\n' 'violation exclude' 'exclude /root'
} >"$dir/laxer"
exits 0 va golden add host-a --from-log --ima-policy "$dir/laxer" --label laxer
exits 0 va golden approve 4
exits 0 va verify host-a --explain
says out 'WARNING: 49 of 454 entries warned of, the first: the file /usr/bin/cat (entry 6)'
exits 0 va verify host-a --json
says out '"warning": "49 of 454'
exits 0 va verify host-a --max-age 60 --json
says out '"warning": "49 of 454'
exits 0 va show host-a --json
says out '"warning": "49 of 454'
exits 0 va golden revoke 4

echo "# a reboot: the list begins anew"
reboot tpm-a "$boot" "$whole" 0 401
until_true 60 va verify host-a
exits 0 va verify host-a

# lie TEXT: what the host shows as its list is refused, whatever was known of it.
lie() {
	reboot tpm-a "$boot" "$whole" 0 401
	exits 2 va verify host-a --explain
	says out '^  ima-log: '
	says out "$1"
	cp "$whole" "$list"
	exits 0 va verify host-a
}
echo "# lists that lie: another's, cut, a file's digest bent, empty, none, no list"
cp "$fixtures/imalog/host2.bin" "$list"
lie 'does not lead to the quoted PCR 10'
head -c 40000 "$whole" >"$list"
lie 'does not lead to the quoted PCR 10'
at=$(LC_ALL=C grep -obUaP '/usr/bin/cut' "$list" | tail -n 1 | cut -d: -f1)
printf '\377' | dd of="$list" bs=1 seek=$((at - 12)) conv=notrunc 2>/dev/null
lie 'digest'
: >"$list"
lie 'empty'
rm "$list"
lie 'the host gave no list of IMA.s; it says: .*no such file'
echo "this is no list" >"$list"
lie 'ima log'

echo "# a policy that is none"
echo "sha256:00 /usr/bin/true" >"$dir/none"
exits 1 va golden add host-a --ima-policy "$dir/none"
says err 'line 1'

echo "# a long policy is taken whole, one that is too long is refused at once"
long() { seq "$1" | awk '{ printf "%064x  /usr/lib/a-folder/of-many/files/%s\n", $1, $1 }'; }
{ echo "virt-attest-ima-policy 1" && long 165000; } >"$dir/long"
[ "$(stat -c %s "$dir/long")" -gt 17000000 ] || fail "not long"
exits 0 va golden add host-a --ima-policy "$dir/long"
exits 0 va golden export 5
sed -n 's/.*"ima_policy_sha256": "\([0-9a-f]*\)".*/\1/p' "$dir/out" >"$dir/kept"
[ "$(cat "$dir/kept")" = "$(sha256sum <"$dir/long" | cut -d' ' -f1)" ] || fail "not whole"
long 200000 | sed 's|/usr|/////////////////////////////////////////////////////usr|' >>"$dir/long"
exits 1 timeout 30 "$bin/virt-attest" -S "$dir/v.sock" golden add host-a --ima-policy "$dir/long"
says err 'large\|over'
exits 0 va audit verify
