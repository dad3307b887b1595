#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# virt-attest-gated by itself: what leaves whom for where, by a verifier that
# says what the story wants it to say.
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
for host in "${hosts[@]}"; do
	on "$host" ip address add "fd00:77::$(address_of "$host" | cut -d. -f4)/64" dev eth0 nodad
	on "$host" ip address add "10.88.0.$(address_of "$host" | cut -d. -f4)/24" dev eth0
done
trap 'status=$?; cgroups_down; (exit $status); lab_end' EXIT
cgroups_up
b4=$(address_of host-b) b6=fd00:77::12
launch host-b sink4 socat -u TCP4-LISTEN:5000,fork,reuseaddr OPEN:/dev/null
launch host-b sink6 socat -u TCP6-LISTEN:5000,ipv6only=1,fork,reuseaddr OPEN:/dev/null
launch host-a console setpriv "--reuid=$qemu_id" --clear-groups socat -U TCP-LISTEN:5900,fork,reuseaddr OPEN:/etc/hosts
on host-a nft -f - <<-NFT
	table inet theirs {
		set some { type ipv4_addr; elements = { 1.2.3.4 }
		}
		chain out { type filter hook output priority 0; ip daddr @some drop
		}
	}
NFT
before=$(others)

# The verifier: its answer to all who ask, and what it says afterwards.
: >"$dir/words"
verifier_up() {
	launch host-a verifier setsid --wait sh -c 'echo $$ >"$0" && exec "$@"' "$dir/verifier.pid" \
		socat UNIX-LISTEN:/run/virt-attest/verifierd.sock,unlink-early,mode=666,fork "SYSTEM:cat $dir/list; exec tail -n 0 -f $dir/words"
}
verifier_down() { # and whoever it talked to
	on host-a kill -KILL -- "-$(cat "$dir/verifier.pid")"
	halt host-a verifier || true
} 2>/dev/null
event() { # NAME STATE TRUSTED-MS ADDRESSES [SECONDS-AGO]
	local reason='"pcr"' golden=null
	[ "$2" != trusted ] || reason=null golden=1
	printf '{"event":"%s","data":{"host":"host-b","state":"%s","was":"unknown","reason":%s,"detail":"","golden":%s,"boot_session":null,"time":1,"trusted_ms":%s,"changed":true,"addresses":[%s]},"timestamp":{"seconds":%d,"microseconds":%d}}\n' \
		"$1" "$2" "$reason" "$golden" "$3" "$4" "$((${EPOCHREALTIME%.*} - ${5:-0}))" "$((10#${EPOCHREALTIME#*.}))"
}
complete() { echo '{"event":"COMPLETE","data":{"hosts":1},"timestamp":{"seconds":1,"microseconds":0}}'; }
answer() { echo '{"return":{"hosts":1},"id":1}'; }

# A knock of 1000 bytes: whether they arrive.
knock() { timeout 10 "${way[@]}" "$@"; }
as_qemu() { into host-a && knock setpriv "--reuid=$qemu_id" --clear-groups socat -u OPEN:/dev/zero,readbytes=1000 "$1"; }
as_libvirtd() { into host-a && knock "${grouped[@]}" socat -u OPEN:/dev/zero,readbytes=1000 "$1"; }
as_root() { into host-a && knock socat -u OPEN:/dev/zero,readbytes=1000 "$1"; }
as_other() { into host-a && knock setpriv --reuid=65534 --clear-groups socat -u OPEN:/dev/zero,readbytes=1000 "$1"; }
to4=TCP4:$b4:5000 to6=TCP6:[$b6]:5000

shut() {
	local from=$counted_before
	exits 1 as_qemu "$to4"
	says err "Connection refused"
	exits 1 as_libvirtd "$to4"
	exits 1 as_qemu "$to6"
	exits 1 as_libvirtd "$to6"
	[ "$(counted refused)" -ge $((from + 4)) ] || fail "not by our rules"
	counted_before=$(counted refused)
}
open() {
	exits 0 as_qemu "$to4"
	exits 0 as_libvirtd "$to4"
	exits 0 as_qemu "$to6"
	exits 0 as_libvirtd "$to6"
}


echo "# without the gate everything goes; with it, and no verifier, nothing of theirs"
open
start_gated
shut
exits 0 as_root "$to4"
[ "$(others)" = "$before" ] || fail "others' tables were touched"
exits 0 as_other "$to4"
exits 0 as_qemu "TCP4:10.88.0.12:5000" # a network that is none of ours
exits 1 as_qemu "TCP4:$b4:5000,mss=536" # whatever the port or the packet
exits 0 as_qemu TCP4:127.0.0.1:5900
exits 0 as_qemu "TCP4:$(address_of host-a):5900"
link=$(on host-b ip -6 -o address show dev eth0 scope link | sed 's/.*inet6 \([^/]*\).*/\1/')
exits 1 as_qemu "TCP6:[$link%eth0]:5000" # on nobody's list
into host-a
exits 1 knock setpriv "--reuid=$qemu_id" --clear-groups socat -u OPEN:/etc/hosts "UDP4:$b4:5000"
echo "# a console is served all the same"
exits 0 on host-b timeout 10 socat -u "TCP4:$(address_of host-a):5900" "CREATE:$shared.console"
cmp -s /etc/hosts "$shared.console" || cmp -s "$dir/host-a/etc/hosts" "$shared.console" || fail "not served whole"
[ "$(counted served)" -gt 0 ] || fail "served by another rule"

echo "# a peer's SYN that crosses ours makes no reply of it"
on host-a nft 'add chain inet theirs early { type filter hook output priority raw; }; add rule inet theirs early tcp sport 6000 tcp flags & rst == rst drop'
launch host-b crossing socat -u OPEN:/etc/hosts "TCP4:$(address_of host-a):6000,sourceport=5001"
until_true 10 on host-b sh -c 'ss -Htn state syn-sent | grep -q :6000'
exits 1 as_qemu "TCP4:$b4:5001,sourceport=6000"
halt host-b crossing || true
on host-a nft 'flush chain inet theirs early; delete chain inet theirs early'

echo "# the verifier comes: two addresses of a host"
{ answer && event STANDING trusted 60000 "\"$b4\",\"$b6\"" && complete; } >"$dir/list"
verifier_up
until_true 20 table_has attested6 "$b6"
open
echo "# ... of which one goes"
event VERDICT trusted 60000 "\"$b4\"" >>"$dir/words"
until_true 10 table_lacks attested6
exits 0 as_qemu "$to4"
exits 1 as_qemu "$to6"

echo "# what libvirt opened before it was trusted no more is cut, and so is QEMU's"
flow() { # NAME COMMAND...
	local name=$1
	shift
	launch host-a "$name" "$@" socat -u OPEN:/dev/zero "$to4"
}
flows_from=$(sent_bytes host-a memory)
flow flow-qemu setpriv "--reuid=$qemu_id" --clear-groups
flow flow-libvirtd "${grouped[@]}"
flowing() { [ "$(sent_bytes host-a memory)" -gt $((flows_from + (8 << 20))) ]; }
until_true 20 flowing
event CONFIRMED trusted 90000 "\"$b4\"" >>"$dir/words"
until_true 10 table_has attested4 "timeout 1m"
kill -0 "${pid_of[host-a-flow-qemu]}" && kill -0 "${pid_of[host-a-flow-libvirtd]}" || fail "a renewal cut it"
event VERDICT untrusted 0 "\"$b4\"" >>"$dir/words"
timeout 10 tail --pid="${pid_of[host-a-flow-qemu]}" --pid="${pid_of[host-a-flow-libvirtd]}" -f /dev/null || true
for flow in flow-qemu flow-libvirtd; do
	! kill -0 "${pid_of[host-a-$flow]}" 2>/dev/null || fail "$flow was not cut"
	! halt host-a "$flow" || fail "$flow ended well"
	grep -q "reset by peer\|Connection refused\|Broken pipe" "$dir/host-a-$flow.log" || fail "$flow ended by something else"
done
shut

echo "# what is no word of trust: an old one, one of an odd address, nonsense"
event VERDICT trusted 60000 "\"$b4\"" 61 >>"$dir/words"
event VERDICT trusted 60000 '"127.0.0.1","::1","224.0.0.1","0.0.0.0"' >>"$dir/words"
event WEATHER trusted 60000 "\"$b4\"" >>"$dir/words"
event VERDICT trusted 60000 "\"$b4\"" >>"$dir/words"
until_true 10 table_has attested4 "$b4"
! grep -q "in none of the networks" "$dir/host-a-gated.log" || fail "a network that is named was not seen"
event VERDICT trusted 60000 "\"$b4\",\"192.0.2.7\"" >>"$dir/words"
until_true 10 grep -q "192.0.2.7 is in none of the networks" "$dir/host-a-gated.log"
! grep -q "$b4 is in none" "$dir/host-a-gated.log" || fail "a network that is named was not seen"
echo nonsense >>"$dir/words"
until_true 10 grep -q "not understood" "$dir/host-a-gated.log"
until_true 10 table_has attested4 "$b4" # it asked again
event VERDICT untrusted 0 "\"$b4\"" >>"$dir/words"
until_true 10 table_lacks attested4

echo "# somebody flushes all rules: ours are back, and who is trusted is in"
event VERDICT trusted 60000 "\"$b4\",\"$b6\"" >>"$dir/words"
until_true 10 table_has attested4 "$b4"
on host-a nft flush ruleset
until_true 10 table_has attested4 "$b4"
table_has attested6 "$b6" || fail "not whole"
open
on host-a nft delete chain inet virt_attest whose 2>/dev/null || on host-a nft flush chain inet virt_attest whose
until_true 10 on host-a sh -c 'nft list chain inet virt_attest whose | grep -q skuid'
counted_before=$(counted refused)

echo "# libvirtd is restarted: its control group is another one"
{ answer && complete; } >"$dir/list"
event VERDICT untrusted 0 '' >>"$dir/words"
until_true 10 table_lacks attested4
shut
# gated hears of it from the kernel, and takes a moment; a libvirtd that starts takes more.
refuses_libvirtd() { ! as_libvirtd "$to4"; }
for _ in 1 2 3; do
	regroup
	until_true 2 refuses_libvirtd
done
shut
until_true 10 on host-a sh -c "rmdir $cgroup_root/$group $cgroup_root/$slice"
on host-a mkdir -p "$cgroup_root/$group" # its slice, too
until_true 2 refuses_libvirtd

echo "# the gate's daemon is killed, and libvirtd restarted: root stands for it when 'awake' has run out"
exits 0 as_root "$to4"
halt host-a gated KILL 2>/dev/null || true
regroup
# The kernel counts 20 s from its last word; the rest of them is not waited for.
on host-a nft list set inet virt_attest awake >"$dir/awake"
grep -qE 'timeout 20s expires (20|1[0-9])s' "$dir/awake" || fail "root stands for it never: $(cat "$dir/awake")"
on host-a nft 'delete element inet virt_attest awake { 0 }; add element inet virt_attest awake { 0 timeout 500ms }'
until_true 10 table_lacks awake
shut
exits 1 as_root "$to4"
exits 0 as_other "$to4"
start_gated
shut
exits 0 as_root "$to4"

echo "# the verifier is gone: what it said holds for its time, and no longer"
{ answer && event STANDING trusted 4000 "\"$b4\"" && complete; } >"$dir/list"
verifier_down
until_true 10 grep -q "no word" "$dir/host-a-gated.log"
verifier_up
until_true 10 table_has attested4 "$b4"
until_true 10 table_lacks attested4
shut
{ answer && event STANDING trusted 60000 "\"$b4\"" && complete; } >"$dir/list"
verifier_down
verifier_up
until_true 10 table_has attested4 "$b4"
exits 0 as_libvirtd "$to4"
echo '{"error":{"class":"Denied","desc":"uid 1 may not"},"id":1}' >"$dir/list" # read_group was taken away
verifier_down
verifier_up
until_true 10 table_lacks attested4
until_true 10 grep -q "uid 1 may not. What to do: read_group" "$dir/host-a-gated.log"
{ answer && event STANDING trusted 60000 "\"$b4\"" && complete; } >"$dir/list"
until_true 10 table_has attested4 "$b4"
[ "$(grep -c "What to do: read_group" "$dir/host-a-gated.log")" = 1 ] || fail "it says so each time"
{ answer && complete; } >"$dir/list" # host-b is forgotten
verifier_down
verifier_up
until_true 10 table_lacks attested4
shut

echo "# addresses that are always let through; users alone; no control groups here"
halt host-a gated
start_gated -o "always=$b4"
exits 0 as_qemu "$to4"
exits 1 as_qemu "$to6"
halt host-a gated
start_gated -o cgroups=
exits 1 as_qemu "$to4"
exits 0 as_libvirtd "$to4"
halt host-a gated
on host-a umount $cgroup_root
start_gated
says host-a-gated.log "control groups cannot be matched here"
exits 1 as_qemu "$to4"
exits 1 as_root "$to4"
exits 0 as_other "$to4"
on host-a mount -t cgroup2 none $cgroup_root
until_true 20 table_has awake
counted_before=$(counted refused)
shut
exits 0 as_root "$to4"

echo "# everybody is meant: but root, and who is excepted"
halt host-a gated
start_gated -o 'users=*' -o except=virt-attest-verifierd,4711
shut
exits 1 as_other "$to4"
exits 0 as_root "$to4"
into host-a
exits 0 knock setpriv --reuid=4711 --clear-groups socat -u OPEN:/etc/hosts "$to4"
exits 1 knock setpriv --reuid=4712 --clear-groups socat -u OPEN:/etc/hosts "$to4"
exits 1 knock setpriv --reuid=4712 --clear-groups socat -u OPEN:/etc/hosts "UDP4:$b4:5000"
# ... nor is anybody served but by root, in libvirt's control group or elsewhere
served() { on host-b timeout 10 socat -u "TCP4:$(address_of host-a):$1,connect-timeout=2" "CREATE:$shared.console"; }
exits 1 served 5900
launch host-a console-5901 "${grouped[@]}" setpriv "--reuid=$qemu_id" --clear-groups socat -U TCP-LISTEN:5901,fork,reuseaddr OPEN:/etc/hosts
launch host-a console-5902 "${grouped[@]}" socat -U TCP-LISTEN:5902,fork,reuseaddr OPEN:/etc/hosts
launch host-a console-5903 socat -U TCP-LISTEN:5903,fork,reuseaddr OPEN:/etc/hosts
for port in 5901 5902 5903; do until_true 10 on host-a sh -c 'ss -Htln | grep -q ":$0"' $port; done
exits 1 served 5901
exits 0 served 5902
exits 0 served 5903
for port in 5901 5902 5903; do halt host-a console-$port || true; done
# What the kernel sends itself is nobody's: its reset.
exits 1 served 5999
says err "Connection refused"
halt host-a gated
start_gated -o 'users=*'
exits 1 as_other "$to4"
halt host-a gated
start_gated
exits 0 as_other "$to4"
counted_before=$(counted refused)

echo "# it ends: the table stays, shut; --remove opens; what others have is as it was"
halt host-a gated
says host-a-gated.log "table virt_attest stays"
shut
exits 0 on host-a virt-attest-gated --remove
open
exits 0 on host-a virt-attest-gated --remove
[ "$(on host-a nft list tables)" = "" ] || fail "something is left"
on host-a nft -f - <<<"$before"
[ "$(others)" = "$before" ] || fail "not as it was"
start_gated
[ "$(others)" = "$before" ] || fail "others' tables were touched"
exits 0 on host-a virt-attest-gated --remove
until_true 10 table_has users # a daemon that runs puts it back

echo "# an account with that one right, as its unit has it"
halt host-a gated
chmod 755 "$dir/host-a/run"
start_gated "as=setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all,+net_admin --ambient-caps=+net_admin --bounding-set=-all,+net_admin"
shut
regroup
exits 1 as_libvirtd "$to4"
exits 0 as_root "$to4"
{ answer && event STANDING trusted 60000 "\"$b4\"" && complete; } >"$dir/list"
verifier_down
verifier_up
until_true 10 grep -q "served by uid 0\|is heard" "$dir/host-a-gated.log"
until_true 10 table_has attested4 "$b4"
exits 0 as_libvirtd "$to4"
[ "$(on host-a sh -c 'grep -h ^Cap /proc/$(pgrep -f virt-attest-gate[d])/status | grep -v Amb | sort -u | cut -f2' | sort -u | tr "\n" " ")" = "0000000000000000 0000000000001000 " ] ||
	fail "it has other rights"
halt host-a gated

echo "# wrong settings are told"
for wrong in networks= networks=10.0.0 networks=10.0.0.0/33 cgroups=/a 'cgroups=a"b' users=nobody-of-that-name log_level=much \
	'users=*,65534' except=65534; do
	exits 1 on host-a virt-attest-gated -d -o "networks=$lab_net.0/24" -o "users=$qemu_id" -o "$wrong"
	says err "${wrong%%=*}"
done
exits 1 on host-a virt-attest-gated -d -o "networks=$lab_net.0/24" -o 'users=*' -o except=nobody-of-that-name
says err "except: no account"
