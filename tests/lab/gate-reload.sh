#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# virt-attest-gated takes another gated.conf while it runs, whole or not at all: what
# is shut is shut all the while, and what flows flows on.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/gate-lib.sh"

hosts=(host-a host-b)
may_be_made
has_tools socat
chmod 711 "$dir"
mkdir -p "$dir/bin"
for host in mgmt "${hosts[@]}"; do bear "$host"; done
wire
trap 'status=$?; cgroups_down; (exit $status); lab_end' EXIT
cgroups_up
b4=$(address_of host-b) log=$dir/host-a-gated.log conf=$dir/gated.conf
for port in 5000 5001; do
	launch host-b "sink-$port" socat -u "TCP4-LISTEN:$port,fork,reuseaddr" OPEN:/dev/null
	until_true 10 on host-b sh -c 'ss -Htln | grep -q ":$0"' $port
done

# Verifiers: one trusts host-b, the other nobody.
standing() {
	printf '{"event":"STANDING","data":{"host":"host-b","state":"trusted","was":"unknown","reason":null,"detail":"","golden":1,"boot_session":null,"time":1,"trusted_ms":60000,"changed":true,"addresses":["%s"]},"timestamp":{"seconds":%d,"microseconds":0}}\n' \
		"$b4" "${EPOCHREALTIME%.*}"
}
complete='{"event":"COMPLETE","data":{"hosts":1},"timestamp":{"seconds":1,"microseconds":0}}'
answer='{"return":{"hosts":1},"id":1}'
{ echo "$answer" && standing && echo "$complete"; } >"$dir/trusts"
printf '%s\n' "$answer" "$complete" >"$dir/none"
for list in trusts none; do
	launch host-a "verifier-$list" socat "UNIX-LISTEN:/run/virt-attest/$list.sock,unlink-early,mode=666,fork" "SYSTEM:cat $dir/$list; exec sleep infinity"
done

# write_conf [LINE...]: these beside what all have; a later line of a key is its line.
write_conf() {
	{
		printf '%s\n' "networks = [\"$lab_net.0/24\"]" "users = [\"$qemu_id\"]" "cgroups = [\"$group\"]" \
			'socket = "/run/virt-attest/none.sock"' "$@"
	} | tac | awk -F ' = ' '!had[$1]++' >"$conf.new"
	mv "$conf.new" "$conf"
}
hup() {
	local before
	before=$(grep -c "event=reload" "$log") || true
	kill -HUP "$(pgrep -P "${pid_of[host-a-gated]}" || echo "${pid_of[host-a-gated]}")"
	reloads() { [ "$(grep -c "event=reload" "$log")" -gt "$before" ]; }
	until_true 10 reloads
}
takes() {
	write_conf "$@"
	hup
	tail -n 20 "$log" | grep "event=reload" | tail -n 1 | grep -q "event=reloaded" || fail "not taken: $(tail -n 3 "$log")"
}
# refuses TEXT LINE...
refuses() {
	write_conf "${@:2}"
	hup
	grep "event=reload" "$log" | tail -n 1 | grep -q "event=reload-refused.*$1.*as it was before" || fail "taken, or no word of $1: $(tail -n 3 "$log")"
}
as_qemu() { into host-a && timeout 10 "${way[@]}" setpriv "--reuid=$qemu_id" --clear-groups socat -u OPEN:/dev/zero,readbytes=1000 "TCP4:$b4:5000"; }
as_libvirtd() { into host-a && timeout 10 "${way[@]}" "${grouped[@]}" socat -u OPEN:/dev/zero,readbytes=1000 "TCP4:$b4:5000"; }
told() { grep -a -q -- "$1" "$dir/notified"; }

echo "# it tells who started it how it stands"
launch host-a hears socat -u "UNIX-RECV:$dir/notify" "CREATE:$dir/notified"
until_true 10 test -S "$dir/notify"
write_conf
launch host-a gated env "NOTIFY_SOCKET=$dir/notify" WATCHDOG_USEC=400000 virt-attest-gated -d -c "$conf" -o log_level=info
until_true 20 told READY=1
told 'STATUS=the gate stands; 0 hosts trusted' || fail "no status"
until_true 20 told WATCHDOG=1
exits 1 as_qemu
exits 1 as_libvirtd

echo "# what is shut is shut in each moment of many reloads"
# Connections as fast as they come, each of which had to be refused.
launch host-a knocks setpriv "--reuid=$qemu_id" --clear-groups bash -c '
	while :; do (exec 3<>"/dev/tcp/$0/5000") 2>/dev/null && echo OPEN; echo knocked; done' "$b4"
knocked() { [ "$(grep -c knocked "$dir/host-a-knocks.log")" -gt "$1" ]; }
until_true 20 knocked 20
for i in $(seq 12); do
	takes "always = [\"$lab_net.$((200 + i))\"]"
	until_true 10 knocked $((i * 10 + 20))
done
until_true 10 told RELOADING=1
halt host-a knocks || true
echo "  $(grep -c knocked "$dir/host-a-knocks.log") attempts"
! grep OPEN "$dir/host-a-knocks.log" || fail "it stood open"

echo "# another verifier, who trusts host-b; and what flows there flows on"
takes 'socket = "/run/virt-attest/trusts.sock"'
until_true 10 table_has attested4 "$b4"
exits 0 as_qemu
from=$(sent_bytes host-a memory)
launch host-a flow setpriv "--reuid=$qemu_id" --clear-groups socat -u OPEN:/dev/zero "TCP4:$b4:5001"
flowing() { [ "$(sent_bytes host-a memory)" -gt $((from + (4 << 20))) ]; }
until_true 20 flowing
for i in 1 2 3 4; do
	takes 'socket = "/run/virt-attest/trusts.sock"' "always = [\"$lab_net.$((200 + i))\"]"
	from=$(sent_bytes host-a memory)
	until_true 10 flowing
done
kill -0 "${pid_of[host-a-flow]}" || fail "a reload cut it"
halt host-a flow || true

echo "# and one who trusts nobody"
takes
until_true 10 table_lacks attested4
exits 1 as_qemu

echo "# users, networks and control groups come and go"
takes 'users = ["4711"]'
exits 0 as_qemu
exits 1 as_libvirtd
on host-a mkdir "$cgroup_root/$slice/deep"
takes "cgroups = [\"$slice/deep/other.service\"]"
exits 1 as_qemu
exits 0 as_libvirtd
on host-a mkdir -p "$cgroup_root/$slice/deep/other.service" # it is heard of
grouped=(sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$cgroup_root/$slice/deep/other.service")
refuses_libvirtd() { ! as_libvirtd 2>"$dir/err" && grep -q "Connection refused" "$dir/err"; }
until_true 4 grep -q "control groups of libvirt's came" "$log" # by the kernel's word, before the next tick
refuses_libvirtd || fail "it does not count"
takes 'networks = ["192.0.2.0/24"]'
exits 0 as_qemu

echo "# what is wrong is refused as a whole, and said"
takes
for wrong in 'users = ["nobody-of-that-name"]' 'networks = []' 'cgroups = ["/a"]' 'log_level = "much"' 'nonsense = "1"'; do
	refuses "${wrong%% =*}" "$wrong" "always = [\"$b4\"]"
	exits 1 as_qemu
done
until_true 10 told 'STATUS=the gate stands.*the last reload was refused'
told "THE GATE DOES NOT STAND" && fail "it fell"
takes "always = [\"$b4\"]"
exits 0 as_qemu
halt host-a gated
