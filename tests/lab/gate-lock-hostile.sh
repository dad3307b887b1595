#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Debian's libvirtd with the lock-driver gate, and a verifier that talks nonsense, or
# not a descriptor left to ask it by: no migration begins, libvirtd lives, and the
# next permit counts.  (tests/unit/lock_test.c tells the same of the plugin alone.)
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/gate-lock-lib.sh"

make_plugins
# shellcheck disable=SC2119 # the usual hosts
lab_up
guest_mib=8 start_guest host-a db1
echo 'deadline_ms = 2000' >"$gate_conf"
lock_manager host-a virt-attest

echo "# what is no whole, fresh 'trusted' to this question is a no"
cat >"$shared/answer" <<'ANSWER'
#!/bin/bash
# answer NAME: reads the question, and says that.
read -r question
said='"verdict":"trusted","host":"host-b","warning":null,"time":1,"differences":[]'
said+=',"boot_session":{"reset_count":1,"restart_count":0,"clock_ms":1,"safe":true}'
case $1 in
nothing) ;;
bytes) head -c 4096 /dev/urandom ;;
too-long) head -c 1048576 /dev/zero ;;
cut) printf '{"return":{%s,"reasons":[],"golden":1,"age_ms":0' "$said" ;;
no-object) echo '[1]' ;;
empty) echo '{"return":{},"id":1}' ;;
another-id) echo "{\"return\":{$said,\"reasons\":[],\"golden\":1,\"age_ms\":0},\"id\":2}" ;;
an-old-one) echo "{\"return\":{$said,\"reasons\":[],\"golden\":1,\"age_ms\":5},\"id\":1}" ;;
no-golden) echo "{\"return\":{$said,\"reasons\":[],\"golden\":null,\"age_ms\":0},\"id\":1}" ;;
drips) for _ in {1..30}; do printf x && sleep 0.5; done ;;
good) echo "{\"return\":{$said,\"reasons\":[],\"golden\":1,\"age_ms\":0},\"id\":1}" ;;
esac
ANSWER
chmod 755 "$shared/answer"
run=$dir/host-a/run/virt-attest
mv "$run/verifierd.sock" "$run/away"
serve() {
	rm -f "$run/verifierd.sock"
	launch host-a liar socat UNIX-LISTEN:/run/virt-attest/verifierd.sock,fork,mode=777 "EXEC:$shared/answer $1"
	until_true 20 test -S "$run/verifierd.sock"
}
for name in nothing bytes too-long cut no-object empty another-id an-old-one no-golden drips; do
	serve "$name"
	echo "  $name"
	refused "no verdict\|not fresh" db1
	halt host-a liar || true
done
serve good # so that it was what was said, and not how
exits 0 migrate host-a host-b db1
exits 0 migrate host-b host-a db1
halt host-a liar || true
rm -f "$run/verifierd.sock"
mv "$run/away" "$run/verifierd.sock"
permit db1
moves db1

echo "# no descriptor is left in libvirtd"
coproc SHELL_OF_VIRSH { on host-a virsh -q -c "$libvirt" 2>&1; }
virsh_pid=$!
tell_virsh() { echo "$1" >&"${SHELL_OF_VIRSH[1]}"; }
# virsh_says TEXT: among its next lines.
virsh_says() {
	local line
	while read -r -t 60 line <&"${SHELL_OF_VIRSH[0]}"; do
		echo "$line" >>"$dir/virsh.said"
		[[ $line != *"$1"* ]] || return 0
	done
	fail "virsh does not say '$1': $(cat "$dir/virsh.said")"
}
tell_virsh "domstate db1"
virsh_says running
free=0
while [ -e "/proc/$libvirtd_pid/fd/$free" ]; do free=$((free + 1)); done
limit=$(prlimit --pid "$libvirtd_pid" --nofile --noheadings --output SOFT)
permit=$(va host-a permit db1 "$(to host-b)" 2>&1) || fail "$permit"
prlimit --pid "$libvirtd_pid" --nofile="$free:"
memory=$(sent_bytes host-a memory)
tell_virsh "migrate --live db1 $(to host-b)"
virsh_says "Too many open files"
[ "$(sent_bytes host-a memory)" = "$memory" ] || fail "memory was sent"
prlimit --pid "$libvirtd_pid" --nofile="$limit:"
tell_virsh quit
wait "$virsh_pid" || true
# What virsh shows is the last thing that failed.
grep -o "virt-attest: migration of 'db1' refused: no verdict (socket: Too many open files)" "$dir/host-a-libvirtd.log" ||
	fail "it was not the gate: $(cat "$dir/virsh.said")"
exits 0 only_on host-a db1
keeps_ticking db1
survives
moves db1
