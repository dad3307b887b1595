#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A firmware's event log, looked at offline: what replays to what the TPM held
# is in words, and a log that is none is refused by its offset.
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
logs=$source_dir/tests/fixtures/bootlog
log=$logs/grub.log

# held FILE SIZE PCR: the value of a PCR, as the machine's TPM held it.
held() { od -An -v -tx1 -j "$(($2 * $3))" -N "$2" "$logs/$1" | tr -d ' \n'; }

# As text.
exits 0 va inspect "$log"
says out '^kind *boot-log$'
says out '^events *58$'
for pcr in 0 1 2 3 4 5 6 7 8 9 14; do
	says out "^  sha1:$pcr *$(held grub.sha1 20 "$pcr")$"
	says out "^  sha256:$pcr *$(held grub.sha256 32 "$pcr")$"
done
[ "$(grep -c '^  sha' "$dir/out")" = 22 ] || fail "other PCRs than those that the log extends"
says out '^ *26  PCR 4   EV_EFI_BOOT_SERVICES_APPLICATION  image of .*shimx64.efi$'
says out '^ *25  PCR 5   EV_EFI_GPT_EVENT  disk 99999999-2222-3333-4444-555555555555, 2 partitions$'
says out 'variable SecureBoot, 1 bytes'
says out 'grub_cmd: insmod part_gpt$'
says out 'Exit Boot Services Returned with Success$'
says out 'digest matches$'
says out 'digest not of the data$'
! LC_ALL=C grep -q '[^ -~]' "$dir/out" || fail "something that is not printable"

# As JSON, and from standard input.
exits 0 va inspect --json - <"$log"
says out '"kind": "boot-log"'
says out '"events": 58'
says out "\"9\": \"$(held grub.sha256 32 9)\""
says out '"type": "EV_IPL"'
says out '"digest": "matches"'
[ "$(grep -c '"number":' "$dir/out")" = 58 ] || fail "not every event is there"
exits 0 va inspect "$logs/host2.log"
says out "^  sha384:7 *$(held host2.sha384 48 7)$"

# Text that the log's writer chose does not reach the terminal as it is.
{
	head -c 69 "$log"
	printf '\010\0\0\0\015\0\0\0\002\0\0\0\004\0%020d\013\0%032d\012\0\0\0ab\n\033[31mc\0' 0 0
} >"$dir/colour"
exits 0 va inspect "$dir/colour"
! LC_ALL=C grep -q '[^ -~]' "$dir/out" || fail "a control character got through"

# Data that is not what was measured: the digests stay, and so do the PCRs.
sed 's/insmod part_gpt/insmod part_xxx/' "$log" >"$dir/other"
exits 0 va inspect "$dir/other"
says out 'insmod part_xxx$'
says out 'digest does not match$'
says out "^  sha256:8 *$(held grub.sha256 32 8)$"

# No log.
head -c 7000 "$log" >"$dir/cut"
exits 1 va inspect "$dir/cut"
says err 'boot log at byte 69[0-9]*: event 51 is cut short'
[ ! -s "$dir/out" ] || fail "half a log was printed"
exits 1 va inspect --json "$dir/cut"
says err 'boot log at byte'
{ cat "$log" && printf '\0\0\0\0\0\0\0\0garbage'; } >"$dir/tail"
exits 1 va inspect "$dir/tail"
says err 'boot log at byte 7790: neither an event nor padding'
{ cat "$log" && head -c 500 /dev/zero; } >"$dir/padded"
exits 0 va inspect "$dir/padded"
says out '^events *58$'
: >"$dir/empty"
exits 1 va inspect "$dir/empty"
says err 'hands over no boot log'
head -c 17000000 /dev/zero >"$dir/long"
exits 1 va inspect "$dir/long"
