#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# virt-attest inspect of measurement lists of IMA: what it shows, what it
# refuses and where; names that would write to the terminal do not.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

logs=$source_dir/tests/fixtures/imalog
inspect() { "$bin/virt-attest" inspect "$@"; }
is_json() { [ "$(sqlite3 :memory: "select json_valid(cast(readfile('$dir/out') as text))")" = 1 ] || fail "no JSON"; }
# member PATH: of what was said.
member() { sqlite3 :memory: "select json_extract(cast(readfile('$dir/out') as text), '$1')"; }
member_is() { [ "$(member "$1")" = "$2" ] || fail "$1 is $(member "$1"), not $2"; }

echo "# a whole list, and what its TPM quoted then"
exits 0 inspect "$logs/unknown-binary.bin"
says out '^kind  *ima-log$'
says out '^events  *454$'
says out 'sha256:10  78a1a3ed5103648fad33b4cf354cd92e01a8335a3b8c337355ff0fd6f7955b30$'
says out ' 409 10 ima-ng sha256:0* /root/violation-open-writers \[violation\]$'
exits 0 inspect "$logs/unknown-binary.bin" --json
is_json
member_is '$.kind' ima-log
member_is '$.events' 454
member_is '$.violations' 2
member_is '$.replay.sha1."10"' 49dec217e74cd0d32b20c862f83e7c0b6443f9e0
member_is '$.entries[0].path' boot_aggregate
member_is '$.entries[0].algorithm' sha256
member_is '$.entries[412].violation' 1
member_is '$.entries[453].number' 453

echo "# a name with the end of a line in it"
member_is '$.entries[414].path' '/usr/local/bin/name\x0anewline'
exits 0 inspect "$logs/unknown-binary.bin"
says out '/usr/local/bin/name\\x0anewline$'
says out '/usr/local/bin/na\\xc3\\xafve'
[ "$(LC_ALL=C tr -d ' -~\n' <"$dir/out" | wc -c)" = 0 ] || fail "a byte that is not to be printed"
# One that would clear the terminal, and one that looks like its own escape.
{
	printf '\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\6\0\0\0ima-ng'
	printf '\67\0\0\0\50\0\0\0sha256:\0abcdefghijklmnopqrstuvwxyz012345\7\0\0\0\33[2J\\x\0'
} >"$dir/escape"
exits 0 inspect "$dir/escape"
says out ' \\x1b\[2J\\\\x \[violation\]$'

echo "# the text form, a list of one bank, signatures, standard input"
exits 0 inspect - --json <"$logs/signed.txt"
is_json
member_is '$.form' text
member_is '$.entries[1].signature' 0
member_is '$.entries[2].signature' 1
exits 0 inspect "$logs/bank-sha256.bin" --json
member_is '$.digests' sha256
member_is '$.replay.sha1."10"' 9575f62b11bbce72948cf2555f2bfc6f145a6f77
exits 0 inspect "$logs/host2.bin" --json
says out '"replay_padded_sha1":.*"sha384": *{ *"10": *"c0e16b3b'

echo "# what is cut or altered is refused, with the place, and nothing is shown"
refused() {
	exits 1 inspect "$dir/bad" "${@:2}"
	says err "$1"
	[ ! -s "$dir/out" ] || fail "something was shown"
}
head -c 400 "$logs/violation.bin" >"$dir/bad"
refused 'entry 3 is cut at offset '
refused 'entry 3 is cut at offset ' --json
head -c -1 "$logs/signed.txt" >"$dir/bad"
refused 'entry 2, offset [0-9]*: the line has no end'
sed 's/boot_aggregate/boot_aggregatE/' "$logs/ngv2.bin" >"$dir/bad"
refused 'entry 0, offset 0: the recorded digest is not that of its data'
sed 's/sha256/sha-56/' "$logs/ngv2.txt" >"$dir/bad"
refused 'entry 0, offset 0: '
head -c 20 "$logs/ngv2.bin" >"$dir/bad"
refused 'virt-attest: '
head -c 2200000 /dev/zero >"$dir/bad" # no log, and too large for anything else
refused 'over 2097152 bytes'
echo ok
