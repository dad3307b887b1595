#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a host says of itself: who may ask, what is true, and that what hangs
# there holds up no quote.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier --verifier other >/dev/null
start_tpm tpm-a
start_agent agent-a host-a tpm-a
groups=()
[ "$(id -u)" != 0 ] || groups=(-o read_group=games -o admin_group=staff)
start_verifier "${groups[@]}"
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >/dev/null

# request COMMAND ARGUMENTS [RUNNER...]: the answer in $dir/reply.
request() {
	local line="{\"execute\":\"$1\",\"arguments\":$2,\"id\":5}"
	shift 2
	printf '%s\n' "$line" >"$dir/request"
	"$@" timeout 60 socat "UNIX-CONNECT:$dir/v.sock" \
		"SYSTEM:cat '$dir/request'; head -n 1 >&3" 3>"$dir/reply" 2>"$dir/err" || true
	[ -s "$dir/reply" ] || fail "no answer"
}
facts() { request facts "{\"host\":\"$1\",\"asking\":$2}"; }
member() { sqlite3 :memory: "select json_extract(cast(readfile('$dir/reply') as text), '$1')"; }
is() { [ "$(member "$1")" = "$2" ] || fail "$1 is $(member "$1"), not $2: $(cat "$dir/reply")"; }
refused() {
	is '$.error.class' "$1"
	says reply "$2"
}

echo "# nobody is named: nobody may ask"
facts host-a '{}'
refused Denied "facts_verifiers of the agentd.conf there"
grep -q 'request=facts error=.*facts_verifiers' "$dir/agent-a.log" || fail "the agent does not say so"
exits 0 va verify host-a
# Also with a question that is longer than others may be.
long=$(printf ',{"path":"/%01000d"}' {1..60})
facts host-a "{\"paths\":[${long#,}]}"
refused Denied facts_verifiers
stop agent-a
echo 'facts_verifiers = ["other"]' >"$dir/agent.conf"
start_agent agent-a host-a tpm-a -c "$dir/agent.conf"
facts host-a '{}'
refused Denied facts_verifiers
echo 'facts_verifiers = ["other", "verifier"]' >"$dir/agent.conf"
kill -HUP "${pid_of[agent-a]}"
until_true 60 grep -q event=reloaded "$dir/agent-a.log"

echo "# who may not change here may not ask"
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$dir"
	for group in mail games; do
		request facts '{"host":"host-a","asking":{}}' setpriv --reuid=nobody --regid=nogroup --groups="$group"
		refused Denied 'not in the admin group'
	done
	request facts '{"host":"host-a","asking":{}}' setpriv --reuid=nobody --regid=nogroup --groups=staff
	is '$.return.hostname' "$(uname -n)"
fi

echo "# a host that is not enrolled, one that is meant by a URI, a bent question"
facts host-b '{}'
refused NotFound host-b
facts 'qemu+tcp://host-a/system' '{}'
is '$.return' ''
facts qemu+tls://host-a/system '{}'
is '$.return.kernel' "$(uname -r)"
facts host-a '{"links":["../eth0"]}'
refused Malformed 'network device'
request facts '{"host":"host-a"}'
refused Malformed asking

echo "# true things"
printf 'a disk' >"$dir/disk"
ln -s disk "$dir/link"
mkfifo "$dir/fifo"
asking="{\"paths\":[{\"path\":\"$dir/disk\",\"hash\":true},{\"path\":\"$dir/none\"},{\"path\":\"$dir/link\"}"
asking+=",{\"path\":\"$dir/fifo\",\"hash\":true}],\"links\":[\"lo\",\"none0\"]"
asking+=",\"addresses\":[\"127.0.0.1\",\"192.0.2.1\"],\"names\":[\"127.0.0.1\",\"192.0.2.1\"],\"swtpm\":true}"
before=$(date +%s%3N)
facts host-a "$asking"
after=$(date +%s%3N)
at=$(member '$.return.time_ms') took=$(member '$.return.took_ms')
[ "$at" -ge "$before" ] && [ "$at" -le "$after" ] || fail "$at is not between $before and $after"
[ "$took" -le $((after - before)) ] || fail "took $took of $((after - before)) ms"
echo "took $took ms"
is '$.return.boot_id' "$(cat /proc/sys/kernel/random/boot_id)"
is '$.return.cpus' "$(getconf _NPROCESSORS_ONLN)"
is '$.return.paths[0].exists' 1
is '$.return.paths[0].kind' file
is '$.return.paths[0].size' 6
is '$.return.paths[0].inode' "$(stat -c %i "$dir/disk")"
is '$.return.paths[0].sha256' "$(sha256sum "$dir/disk" | cut -d' ' -f1)"
is '$.return.paths[0].filesystem' "$(findmnt -no FSTYPE -T "$dir/disk")"
is '$.return.paths[1].exists' 0
is '$.return.paths[1].why' ''
is '$.return.paths[2].inode' "$(stat -c %i "$dir/disk")"
is '$.return.paths[2].sha256' ''
is '$.return.paths[3].kind' other
is '$.return.paths[3].sha256' ''
is '$.return.links[0].exists' 1
is '$.return.links[0].mtu' "$(cat /sys/class/net/lo/mtu)"
is '$.return.links[1].exists' 0
is '$.return.addresses[0].yes' 1
is '$.return.addresses[1].yes' 0
is '$.return.names[0].yes' 0
is '$.return.names[1].told' 192.0.2.1
is '$.return.swtpm' "$(swtpm --version | sed -n 's/.* version \([^, ]*\).*/\1/p')"
# Nothing of it is evidence, and nothing is kept.
exits 0 va audit show
! grep -q facts "$dir/out" || fail "a question is in the audit log"

echo "# at length, now"
facts host-a "{\"paths\":[${long#,}]}"
is '$.return.paths[59].exists' 0
says reply 'File name too long'

echo "# a mount whose server is gone, a resolver that nobody answers: the rest is told"
# What is there alone, in namespaces of its own, with the question's FILE.
alone() {
	ip link set lo up
	mkdir "$dir/dead"
	exec 7<>/dev/fuse # a file system that nobody serves
	mount -i -t fuse -o fd=7,rootmode=40000,user_id=0,group_id=0 dead "$dir/dead"
	echo 'nameserver 127.0.0.1' >"$dir/resolv.conf"
	echo 'hosts: files dns' >"$dir/nsswitch.conf"
	mount --bind "$dir/resolv.conf" /etc/resolv.conf
	mount --bind "$dir/nsswitch.conf" /etc/nsswitch.conf
	socat -u UDP4-RECV:53,bind=127.0.0.1 "OPEN:$dir/asked,creat" 7>&- &
	until ss -Hlun | grep -q '127.0.0.1:53 '; do sleep 0.02; done
	"$bin/virt-attest-facts" <"$dir/request" >"$dir/reply" 7>&-
	kill $!
}
if [ "$(id -u)" = 0 ] && [ -w /dev/fuse ]; then
	export -f alone
	export bin dir
	printf '%s\n' "{\"paths\":[{\"path\":\"$dir/dead/disk\",\"hash\":true},{\"path\":\"$dir/disk\"}],
		\"names\":[\"host-b.example\",\"192.0.2.1\"]}" >"$dir/request"
	timeout 30 unshare -mn bash -eu -c alone
	is '$.paths[0].exists' 0
	says reply 'not answered in time'
	is '$.paths[1].size' 6
	is '$.names[0].name' 192.0.2.1
	is '$.names[1].name' ''
	[ -s "$dir/asked" ] || fail "the resolver was not asked"
else
	echo "left out: only root can mount what hangs"
fi

echo "# a program that hangs, one that lies, one that dies, one that is not there"
stop agent-a
mkdir "$dir/bin"
cp "$bin/virt-attest-agentd" "$dir/bin/"
real=$bin bin=$dir/bin
# instead SCRIPT: what runs in place of virt-attest-facts.
instead() {
	printf '#!/bin/sh\n%s\n' "$1" >"$dir/bin/virt-attest-facts.new"
	chmod 755 "$dir/bin/virt-attest-facts.new"
	mv "$dir/bin/virt-attest-facts.new" "$dir/bin/virt-attest-facts"
}
instead "echo \$\$ >'$dir/pid'; exec sleep 600"
start_agent agent-a host-a tpm-a -o facts_verifiers=verifier
bin=$real
began=$(date +%s%3N)
facts host-a '{}' &
asker=$!
until_true 20 test -s "$dir/pid"
# Quotes go on meanwhile, and do not wait for it.
for _ in {1..5}; do exits 0 va verify host-a; done
kill -0 "$asker" || fail "the quotes waited for the facts"
wait "$asker"
refused Timeout 'virt-attest-facts'
took=$(($(date +%s%3N) - began))
[ "$took" -ge 4500 ] && [ "$took" -lt 12000 ] || fail "ended after $took ms"
gone() { ! kill -0 "$(cat "$dir/pid")"; }
until_true 20 gone
exits 0 va verify host-a
instead 'echo "{\"time_ms\":1}"'
facts host-a '{}'
refused Internal 'answers nonsense'
instead 'head -c 1000000 /dev/zero'
facts host-a '{}'
refused Limit 'virt-attest-facts'
instead 'echo "no luck" >&2; exit 3'
facts host-a '{}'
refused Internal 'failed: no luck'
rm "$dir/bin/virt-attest-facts"
facts host-a '{}'
refused Io 'virt-attest-facts'

echo "# an agent that stands still, an asker that leaves, an agent that is not there"
stop verifier
start_verifier -o deadline_ms=1000
exits 0 va verify host-a
rm "$dir/pid"
instead "echo \$\$ >'$dir/pid'; exec sleep 600"
facts host-a '{}' &
asker=$!
until_true 20 test -s "$dir/pid"
kill -STOP "${pid_of[agent-a]}"
wait "$asker"
kill -CONT "${pid_of[agent-a]}"
refused Timeout 'did not say in time'
until_true 20 gone
exits 0 va verify host-a
rm "$dir/pid"
instead "echo \$\$ >'$dir/pid'; exec sleep 600"
socat "UNIX-CONNECT:$dir/v.sock" "SYSTEM:cat '$dir/request'; cat >/dev/null" &
asker=$!
until_true 20 test -s "$dir/pid"
kill "$asker"
wait "$asker" || true
exits 0 va verify host-a
stop agent-a
until_true 20 gone
facts host-a '{}'
is '$.return' ''
refused Unavailable ''
echo ok
