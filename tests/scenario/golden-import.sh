#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Golden values in the forms of other programs, of a host that booted as a real
# log says: .pcrlock files, what tpm2_pcrread prints, a tpm_policy.  Each is
# approved, and the host is trusted; with one digit altered it is refused, with
# the reason.  And what cannot be taken is refused before anything is stored.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# The events that the log extended, as lines "PCR SHA1 SHA256 NUMBER".
log=$source_dir/tests/fixtures/bootlog/grub.log
"$bin/virt-attest" inspect "$log" --json >"$dir/log"
sqlite3 -separator ' ' :memory: "select json_extract(value, '$.pcr'), json_extract(value, '$.digests.sha1'),
	json_extract(value, '$.digests.sha256'), json_extract(value, '$.number')
	from json_each(cast(readfile('$dir/log') as text), '$.log')
	where json_extract(value, '$.type') <> 'EV_NO_ACTION'" >"$dir/events"
[ "$(wc -l <"$dir/events")" -gt 50 ] || fail "few events"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
while read -r pcr sha1 sha256 _; do
	set -- "$@" "$pcr:sha1=$sha1,sha256=$sha256"
done <"$dir/events"
timeout 60 tpm2_pcrextend -T "${tcti_of[tpm-a]}" "$@" || fail "the TPM was not extended"
start_agent agent-a host-a tpm-a -o "boot_log=$log"
start_verifier
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --group rack-1 --ek-sha256 "${ek_of[tpm-a]}" --yes
exits 0 va golden revoke 1

id=1 # of the newest golden value
approve() {
	id=$((id + 1))
	exits 0 va golden approve "$id"
}
revoke() { exits 0 va golden revoke "$id"; }
member() { sqlite3 :memory: "select json_extract(cast(readfile('$dir/out') as text), '$1')"; }
count() { va golden list --json | grep -c '"id"'; }
# turned FILE DIGEST: a copy with the last digit of that digest altered.
turned() {
	local last=${2: -1} other=0
	[ "$last" != 0 ] || other=1
	sed "s/$2/${2%?}$other/I" "$1" >"$dir/turned"
	! cmp -s "$1" "$dir/turned" || fail "nothing was altered in $1"
}

echo "# tpm2_pcrread: the values of the PCRs that are asked for"
timeout 20 tpm2_pcrread -T "${tcti_of[tpm-a]}" >"$dir/pcrs.yaml" || fail "no PCRs"
exits 0 va golden import "$dir/pcrs.yaml" --host host-a --label "pcrread"
says out 'read as output of tpm2_pcrread: no proof, nothing in it is signed'
says out 'candidate  *host-a  *pcrread'
says out 'sha256:4   57d2b262cba27f1e'
[ "$(grep -c ' sha256:' "$dir/out")" = 4 ] || fail "other PCRs than the usual ones"
exits 4 va verify host-a # a candidate trusts nothing
approve
exits 0 va verify host-a
revoke
exits 0 va golden import - --group rack-1 --label "all of the boot" --pcrs sha256:0-9,14 --json <"$dir/pcrs.yaml"
[ "$(member '$.form')" = pcrread ] && [ "$(member '$.goldens[0].group')" = rack-1 ] || fail "another form or scope"
approve
exits 0 va verify host-a
revoke
turned "$dir/pcrs.yaml" 57d2b262cba27f1e37e75a24ac18397b098dc0ea3781961f81b0cc46f87f81ad
exits 0 va golden import "$dir/turned" --host host-a --label "turned"
approve
exits 2 va verify host-a --explain
says out 'PCR 4 (sha256), against golden value'
revoke

echo "# a tpm_policy of Keylime: what it allows, a golden value for each"
pcr4=57d2b262cba27f1e37e75a24ac18397b098dc0ea3781961f81b0cc46f87f81ad
pcr7=b926225ac488e9c50ef2fa815aa7104b385a06907093bfb1dc62eeb7abecddf1
old=$(printf 'an older kernel' | sha256sum | cut -d' ' -f1)
printf '{"4": ["%s", "%s"], "7": "%s", "mask": "0x490"}\n' "$old" "$pcr4" "$pcr7" >"$dir/tpm_policy.json"
exits 0 va golden import "$dir/tpm_policy.json" --host host-a --label "policy"
says out 'read as a tpm_policy of Keylime: no proof'
says out 'PCR 10 of its mask have no value in it'
says out 'allows 2 combinations'
says out 'policy (1 of 2)'
approve
exits 2 va verify host-a
approve
exits 0 va verify host-a
exits 0 va golden revoke $((id - 1))
revoke
turned "$dir/tpm_policy.json" $pcr7
exits 0 va golden import "$dir/turned" --host host-a --label "turned" --pcrs sha256:7
approve
exits 2 va verify host-a --explain
says out 'PCR 7 (sha256), against golden value'
revoke

echo "# .pcrlock files: events, of PCR 4, 7 and 8; another kernel's beside this one's"
# record PCR SHA1 SHA256: a comma before it but for the first of a file.
record() {
	printf '%s{"pcr":%s,"digests":[{"hashAlg":"sha1","digest":"%s"},{"hashAlg":"sha256","digest":"%s"}]}' \
		"$comma" "$1" "$2" "$3"
	comma=,
}
lock() { # PCR...: all their events
	local comma='' pcr sha1 sha256
	printf '{"records":['
	while read -r pcr sha1 sha256 _; do
		[[ " $* " != *" $pcr "* ]] || record "$pcr" "$sha1" "$sha256"
	done <"$dir/events"
	printf ']}\n'
}
locks=$dir/pcrlock.d
mkdir -p "$locks/650-kernel.pcrlock.d"
lock 7 >"$locks/240-secureboot-policy.pcrlock"
lock 4 8 >"$locks/650-kernel.pcrlock.d/6.1.pcrlock"
printf '{"records":[{"pcr":4,"digests":[{"hashAlg":"sha256","digest":"%s"}]},{"pcr":11,"digests":[{"hashAlg":"sha256","digest":"%s"}]}]}\n' \
	"$old" "$old" >"$locks/650-kernel.pcrlock.d/5.10.pcrlock"
ln -s /dev/null "$locks/700-action.pcrlock"
exits 0 va golden import "$locks" --host host-a --label "locked"
says out "read as systemd's .pcrlock files: 3 of them"
says out 'their order, their number and which go together are not judged'
says out 'PCR 11 .* has events in it, and is left free'
says out 'sha256:4   (its value is not known)'
says out 'PCR 4 (boot loader and kernel images): each of its [0-9]* events must be among these'
says out 'PCR 0 (firmware code): left free'
approve
exits 0 va verify host-a --explain
exits 0 va golden export "$id"
cp "$dir/out" "$dir/exported"
[ "$(member '$.pcr_values.sha256."4"')" = "" ] && [ "$(member '$.by_events')" = 4,7,8 ] || fail "$(cat "$dir/out")"
# Our own form carries it further.
exits 1 va golden import "$dir/exported" --label other
says err 'says itself whose it is'
revoke
exits 0 va golden import "$dir/exported"
approve
exits 0 va verify host-a
revoke

echo "# one digit altered in one file of them"
kernel=$(grep '^8 ' "$dir/events" | tail -n 1)
read -r _ _ digest number <<<"$kernel"
cp -r "$locks" "$dir/altered.d"
turned "$locks/650-kernel.pcrlock.d/6.1.pcrlock" "$digest"
cp "$dir/turned" "$dir/altered.d/650-kernel.pcrlock.d/6.1.pcrlock"
exits 0 va golden import "$dir/altered.d/650-kernel.pcrlock.d" "$locks/240-secureboot-policy.pcrlock" \
	--host host-a --label "altered"
approve
exits 2 va verify host-a --explain
says out "event $number of the boot log, of PCR 8, is not among the reference events"
! grep -q 'expected *$' "$dir/out" || fail "an expected value of nothing"
# A folder that comes first hides what others have by the same name.
exits 0 va golden import "$locks" "$dir/altered.d" --host host-a --label "hidden"
says out "files: 3 of them"
approve
exits 0 va verify host-a
revoke

echo "# the same host with something behind its log"
exits 0 va golden import "$locks" --host host-a --label "locked"
approve
stop verifier
start_verifier
exits 0 va verify host-a
extend tpm-a 8 'something that no log has'
exits 2 va verify host-a --explain
says out 'does not lead to the quoted value of PCR 8'
says out 'expected (none is known)'
revoke

echo "# what is refused stores nothing"
before=$(count)
# refused TEXT ARGUMENT...
refused() {
	local text=$1
	shift
	exits 1 va golden import "$@"
	says err "$text"
}
refused 'one of --host HOST and --group GROUP' "$dir/pcrs.yaml" --label x
refused 'one of --host HOST and --group GROUP' "$dir/pcrs.yaml" --label x --host host-a --group rack-1
refused 'label' "$dir/pcrs.yaml" --host host-a
refused 'PCR 16 and 23' "$dir/pcrs.yaml" --host host-a --label x --pcrs sha256:16
refused 'SHA-1' "$dir/pcrs.yaml" --host host-a --label x --pcrs sha1:4
printf 'sha256:\n  7 : 0x%s\n' "$pcr7" >"$dir/seven"
refused 'no value of PCR 0 in bank sha256' "$dir/seven" --host host-a --label x
refused 'each must be a .pcrlock file' "$dir/pcrs.yaml" "$dir/tpm_policy.json" --host host-a --label x
refused 'no .pcrlock file in it' "$dir/pki" --host host-a --label x
sed 's/sha256:/sha257:/' "$dir/pcrs.yaml" >"$dir/turned"
refused 'turned: tpm2_pcrread, line 26' "$dir/turned" --host host-a --label x
sed '2s/"pcr":/"pcr":2/;1s/"pcr":8/"pcr":88/' "$locks/650-kernel.pcrlock.d/6.1.pcrlock" >"$dir/turned"
refused "turned: record [0-9]*: 'pcr' is not 0 to 23" "$dir/turned" --host host-a --label x
refused 'JSON, but neither' - --host host-a --label x <<<'{"mosk":1}'
exits 4 va golden import "$dir/pcrs.yaml" --host host-z --label x # no such host
# A value that is compared must be there, whoever says otherwise.
sed 's/"by_events": "4,7,8"/"by_events": "4,7"/' "$dir/exported" >"$dir/turned"
refused 'PCR 8 is not 32 bytes' "$dir/turned"
[ "$(count)" = "$before" ] || fail "something was stored"
exits 0 va audit verify
echo ok
