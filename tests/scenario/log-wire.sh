#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The measurement logs of a host over the wire, byte for byte: in pieces, while
# one grows, switched off, missing, not a file; askers that leave or do not read.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

piece=262144
fixtures=$source_dir/tests/fixtures
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
boot=$dir/boot-log ima=$dir/ima-log # of the host
cp "$fixtures/bootlog/host2.log" "$boot"
# The agent looks into no log: a long one of the entries that there are.
for _ in {1..11}; do cat "$fixtures/imalog/host2.bin"; done >"$ima"
start_agent agent-a host-a tpm-a -o "boot_log=$boot" -o "ima_log=$ima"

# One connection that stays: `tell LINE` and `hear` into $dir/reply.
call() {
	mkfifo "$dir/to" "$dir/from"
	openssl s_client -quiet -connect "127.0.0.1:${port_of[agent-a]}" -alpn virt-attest/1 \
		-CAfile "$dir/pki/cacert.pem" -cert "$dir/pki/verifier/clientcert.pem" \
		-key "$dir/pki/verifier/clientkey.pem" <"$dir/to" >"$dir/from" 2>"$dir/s_client.log" &
	pid_of[caller]=$!
	exec 8>"$dir/to" 9<"$dir/from"
	rm "$dir/to" "$dir/from"
}
hang_up() {
	exec 8>&- 9<&-
	stop caller
}
tell() { printf '%s\n' "$1" >&8; }
hear() { timeout 20 head -n 1 <&9 >"$dir/reply" && [ -s "$dir/reply" ]; }
member() { sqlite3 :memory: "select json_extract(cast(readfile('$dir/reply') as text), '$1')"; }
# log NAME FROM: one piece, appended to $dir/got; $more and $len of it.
log() {
	tell "{\"execute\":\"log\",\"arguments\":{\"log\":\"$1\",\"from\":$2},\"id\":7}"
	hear || fail "no answer: log $1 $2"
	[ "$(member '$.id')" = 7 ] || fail "an answer to another question"
	more=$(member '$.return.more')
	member '$.return.data' | base64 -d >"$dir/piece"
	len=$(stat -c %s "$dir/piece")
	cat "$dir/piece" >>"$dir/got"
}
# refused NAME CLASS TEXT
refused() {
	tell "{\"execute\":\"log\",\"arguments\":{\"log\":\"$1\",\"from\":0},\"id\":8}"
	hear || fail "no answer: log $1"
	[ "$(member '$.error.class')" = "$2" ] || fail "log $1: $(cat "$dir/reply")"
	says reply "$3"
}
# whole NAME [FROM]: all of it from there on.
whole() {
	local at=${2:-0} before
	more=1
	while [ "$more" = 1 ]; do
		before=$at
		log "$1" "$at"
		at=$((at + len))
		[ "$more" = 0 ] || [ "$at" -gt "$before" ] || fail "more of nothing"
	done
}
same() { cmp "$dir/got" "$1" || fail "not the bytes of $1"; }

echo "# whole logs, in pieces"
call
: >"$dir/got"
log boot 0
[ "$more" = 0 ] || fail "more of the boot log"
same "$boot"
: >"$dir/got"
log ima 0
[ "$len $more" = "$piece 1" ] || fail "a first piece of $len bytes, more $more"
whole ima "$len"
same "$ima"

echo "# a list that grows is read on, and its end is no error"
size=$(stat -c %s "$ima")
log ima "$size"
[ "$len $more" = "0 0" ] || fail "something behind the end"
log ima $((size + 1000000))
[ "$len $more" = "0 0" ] || fail "something far behind the end"
cat "$fixtures/imalog/unknown-binary.bin" >>"$ima"
whole ima "$size"
same "$ima"

echo "# the same connection answers other questions"
tell '{"execute":"identity","id":1}'
hear
says reply '"ak_public"'
refused kernel Unsupported 'no such log'
tell '{"execute":"log","arguments":{"log":"ima"},"id":8}'
hear
says reply '"Malformed".*from'

echo "# what is no log, with the reason"
: >"$boot"
refused boot NotFound 'the boot log is empty: the firmware or boot loader left none'
rm "$boot"
refused boot NotFound 'there is no such file'
mkdir "$boot"
refused boot NotFound 'it is no regular file'
rmdir "$boot"
mkfifo "$boot" # nobody writes to it, and nobody waits for it
refused boot NotFound 'it is no regular file'
rm "$boot"
grep -q 'request=log error=.*no regular file' "$dir/agent-a.log" || fail "the agent does not say so"
grep 'request=log' "$dir/agent-a.log" | grep -v 'request=log error="\(the boot log\|IMA.s list\)' &&
	fail "another complaint"
hang_up

echo "# who does not read what it asked for is not read more for"
memory() { sed -n 's/^VmRSS:\s*\([0-9]*\) kB$/\1/p' "/proc/${pid_of[agent-a]}/status"; }
call
before=$(memory)
for id in {1..120}; do
	tell "{\"execute\":\"log\",\"arguments\":{\"log\":\"ima\",\"from\":0},\"id\":$id}"
done
exec 7>&8 8>&- 6<&9 9<&-
pid_of[silent]=${pid_of[caller]}
call # another one is served meanwhile
: >"$dir/got"
whole ima
same "$ima"
grown=$(($(memory) - before))
[ "${SANITIZED:-no}" = yes ] || [ "$grown" -lt 16384 ] || fail "$grown kB for one that does not read"
echo "grown by $grown kB"
# In order, and nothing is lost, once it reads.
timeout 60 head -n 120 <&6 | grep -o '"id":[0-9]*' >"$dir/ids"
cmp "$dir/ids" <(printf '"id":%d\n' {1..120}) || fail "answers out of order"
exec 7>&- 6<&-
stop silent
hang_up

echo "# askers that leave at once"
for _ in {1..10}; do
	call
	tell '{"execute":"log","arguments":{"log":"ima","from":0},"id":1}'
	hang_up
done
call
: >"$dir/got"
whole ima
same "$ima"
hang_up

echo "# switched off; an account that may not read"
stop agent-a
start_agent agent-a host-a tpm-a -o boot_log= -o "ima_log=$dir/none"
call
refused boot NotFound 'the boot log is switched off on this host'
refused ima NotFound 'there is no such file'
hang_up

echo "# a host that hands out another log than its own"
stop agent-a
export LIE=$dir/lie
printf '%s\n' none "boot-log=$fixtures/bootlog/grub.log" >"$LIE"
cp "$fixtures/bootlog/host2.log" "$boot"
agentd=lying-agentd start_agent agent-a host-a tpm-a -o "boot_log=$boot" -o "ima_log=$ima"
call
: >"$dir/got"
log boot 0
same "$fixtures/bootlog/grub.log"
: >"$dir/got"
whole ima
same "$ima"
echo "ima-log=$fixtures/imalog/ngv2.bin" >"$LIE"
: >"$dir/got"
log ima 0
same "$fixtures/imalog/ngv2.bin"
: >"$dir/got"
log boot 0
same "$boot"
hang_up
echo ok
