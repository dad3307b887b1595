#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest migrate` against those who mean ill: a destination that says that
# it is elsewhere and writes to the terminal, a verifier that falls silent while
# memory flows, an operator who has second thoughts, a domain that is swapped
# behind the checks.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
memory() { sent_bytes host-a memory; }
# stays: the guest is here still, and no page of it has left.
stays() {
	exits 0 only_on host-a db1
	[ $(($(memory) - began)) -le 2000 ] || fail "$(($(memory) - began)) bytes were sent"
}
# check_of_host_a: what stands on standard input is a check of its own.
check_of_host_a() {
	on host-a sh -c 'mkdir -p /etc/virt-attest/checks.d && cat >/etc/virt-attest/checks.d/own && chmod 755 /etc/virt-attest/checks.d/own'
}
no_check() { on host-a rm /etc/virt-attest/checks.d/own; }
# is_plain FILE: no byte in it moves a cursor.
is_plain() { ! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]\\|\302[\200-\237]')" "$1"; }

start_guest host-a db1

echo "# it calls itself what leads elsewhere: the memory goes where was attested"
halt host-b libvirtd
echo 'migration_host = "elsewhere"' >>"$dir/host-b/etc/libvirt/qemu.conf"
echo "$(address_of mgmt) elsewhere" >>"$dir/host-a/etc/hosts"
start_libvirtd host-b
exits 0 va host-a migrate db1 "$(to host-b)" --live
exits 0 only_on host-b db1
keeps_ticking db1
exits 0 va host-b migrate db1 "$(to host-a)" --live

echo "# it writes to the terminal: by the words with which it refuses"
on host-b sh -c 'mkdir -p /etc/libvirt/hooks && cat >/etc/libvirt/hooks/qemu && chmod 755 /etc/libvirt/hooks/qemu' <<-'HOOK'
#!/bin/sh
[ "$2" != migrate ] || { printf 'no\033]0;mine\007\033[2J\r\033[1mtrusted' >&2; exit 1; }
HOOK
halt host-b libvirtd
start_libvirtd host-b # it looks for hooks at its start
exits 1 va host-a migrate db1 "$(to host-b)" --live
says err "NOT migrated.*no.*mine"
is_plain "$dir/err" || fail "control characters reach the terminal"
exits 1 va host-a migrate db1 "$(to host-b)" --live --json
is_plain "$dir/out" || fail "control characters are in the JSON"
on host-b rm /etc/libvirt/hooks/qemu
exits 0 only_on host-a db1

echo "# another domain takes its name while it is checked"
domain_xml db1 >"$dir/db1.xml"
check_of_host_a <<-CHECK
#!/bin/sh
virsh -q destroy db1 >&2 && virsh -q create $shared/db1.xml >&2
echo '{"id":"own","outcome":"pass","text":"well"}'
CHECK
cp "$dir/db1.xml" "$shared/db1.xml"
began=$(memory)
exits 1 va host-a migrate db1 "$(to host-b)" --live
says err "NOT migrated"
stays
no_check

echo "# Ctrl-C while it is checked: it is not begun"
check_of_host_a <<-'CHECK'
#!/bin/sh
kill -INT "$(pgrep -x virt-attest)"
echo '{"id":"own","outcome":"pass","text":"well"}'
CHECK
began=$(memory)
exits 1 va host-a migrate db1 "$(to host-b)" --live
says err "not begun: interrupted"
stays
no_check

echo "# nobody listens to what it says: it says it to nobody, and goes on"
check_of_host_a <<-'CHECK'
#!/bin/sh
echo '{"id":"own","outcome":"warn","text":"well"}'
CHECK
into host-a
"${way[@]}" bash -c 'trap "" HUP; virt-attest migrate db1 '"$(to host-b)"' --live --verbose 2> >(exec true); exit $?' >"$dir/out" ||
	fail "ended with $?"
exits 0 only_on host-b db1
no_check
exits 0 va host-b migrate db1 "$(to host-a)" --live

echo "# a name that writes to the terminal; and what cannot be in the audit log is not forced"
name=$(printf 'db\302\2332J')
start_guest host-a "$name"
on host-b sh -c 'echo "new fans" >/etc/virt-attest/maintenance'
exits 1 va host-a migrate "$name" "$(to host-b)" --live --force maintenance
says err 'control characters'
is_plain "$dir/err" || fail "control characters reach the terminal"
exits 2 va host-a migrate --all "$(to host-b)" --live
says err "new fans"
is_plain "$dir/err" || fail "control characters reach the terminal"
exits 2 va host-a migrate --all "$(to host-b)" --live --json
says out '"domain": *"db.u009b2J"'
is_plain "$dir/out" || fail "control characters are in the JSON"
exits 0 only_on host-a "$name"
on host-b rm /etc/virt-attest/maintenance
end_guest host-a "$name"

end_guest host-a db1
guest_mib=128 start_guest host-a db1
# slow: a migration that takes two minutes is under way.
slow() {
	began=$(memory)
	into host-a
	"${way[@]}" virt-attest migrate db1 "$(to host-b)" --live --bandwidth 1 >"$dir/out" 2>"$dir/err" &
	pid_of[slow]=$!
	until_true 60 flows
}
flows() { [ $(($(memory) - began)) -gt $((4 << 20)) ]; }
is_not_there() { ! on host-b virsh -q -c "$libvirt" domstate db1; }

echo "# who watches is killed: libvirt ends what it began"
slow
kill -KILL "$(pgrep -P "${pid_of[slow]}")"
wait "${pid_of[slow]}" || true
unset "pid_of[slow]"
until_true 60 is_not_there
exits 0 only_on host-a db1
keeps_ticking db1

echo "# the verifier falls silent while memory flows"
slow
kill -STOP "$(pgrep -P "${pid_of[host-a-verifierd]}")"
status=0
wait "${pid_of[slow]}" || status=$?
unset "pid_of[slow]"
kill -CONT "$(pgrep -P "${pid_of[host-a-verifierd]}")"
[ "$status" = 2 ] || { cat "$dir/err" >&2 && fail "exit status $status"; }
says err "no verdict came"
[ $(($(memory) - began)) -lt $((60 << 20)) ] || fail "$(($(memory) - began)) bytes were sent without a verdict"
exits 0 only_on host-a db1
keeps_ticking db1
end_guest host-a db1
