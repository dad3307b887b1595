#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The lock-driver gate in Debian's libvirtd: stock virsh moves a guest with a
# permit, once, by each way, and not without; nothing else is asked about; and
# libvirtd outlives whatever becomes of the verifier.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/gate-lock-lib.sh"

make_plugins
# shellcheck disable=SC2119 # the usual hosts
lab_up
start_guest host-a db1

echo "# a guest that runs when the gate is switched on stays, and is behind it"
echo 'deadline_ms = 3000' >"$gate_conf"
lock_manager host-a virt-attest
exits 0 only_on host-a db1
keeps_ticking db1

echo "# no permit, by each way"
for how in '' --p2p '--p2p --tunnelled' --tls '--p2p --tls' '--p2p --parallel' --postcopy \
	'--unsafe --copy-storage-all' "--migrateuri tcp://host-b:5555"; do
	# shellcheck disable=SC2086 # words
	refused "it has no permit. What to do: run" db1 $how
done
via=mgmt refused "it has no permit" db1
via=host-b refused "it has no permit" db1

echo "# a permit, by each way: once"
for how in '' --p2p '--p2p --tunnelled' '--p2p --parallel'; do
	permit db1
	# shellcheck disable=SC2086 # words
	moves db1 $how
	refused "it has no permit" db1 --p2p
done
permit db1
via=mgmt moves db1
refused "it has no permit" db1

echo "# a permit of another, or a verdict that changed"
domain_xml db2 >"$dir/db2.xml"
on host-a virsh -q define "$dir/db2.xml"
permit db2 --offline --persistent
refused "it has no permit" db1
on host-a virsh -q undefine db2
permit db1
tamper host-b
exits 1 migrate host-a host-b db1
says err "error: virt-attest: migration of 'db1' refused"
restart_tpm host-b
refused "it has no permit" db1

echo "# one that does not run moves offline, the same way"
domain_xml db3 >"$dir/db3.xml"
on host-a virsh -q define "$dir/db3.xml"
offline() { on host-a virsh -q migrate --offline --persistent "$@" db3 "$(to host-b)"; }
for how in '' --p2p; do
	exits 1 offline $how
	says err "'db3' refused: it has no permit"
	exits 1 on host-b virsh -q domstate db3
done
permit db3 --offline --persistent
exits 0 offline --p2p
exits 0 on host-b virsh -q undefine db3
exits 0 on host-a virsh -q undefine db3

echo "# a hostile destination says that it is too old for a Begin, where the gate is"
cat >"$dir/old.c" <<'C'
#include <string.h>
struct virConnect;
int virConnectSupportsFeature(struct virConnect *, int);
int virDomainMigratePrepare2(struct virConnect *, char **, int *, const char *, char **,
                             unsigned long, const char *, unsigned long, const char *);
int virConnectSupportsFeature(struct virConnect *conn, int feature)
{
	(void)conn; /* not VIR_DRV_FEATURE_MIGRATION_V3, not _PARAMS */
	return feature != 6 && feature != 13;
}
int virDomainMigratePrepare2(struct virConnect *conn, char **cookie, int *len, const char *in, char **out,
                             unsigned long flags, const char *name, unsigned long speed, const char *xml)
{
	(void)conn, (void)cookie, (void)len, (void)in, (void)flags, (void)name, (void)speed, (void)xml;
	*out = strdup("tcp:host-b:5555");
	return 0;
}
C
cc -shared -fPIC -o "$dir/old.so" "$dir/old.c"
halt host-b libvirtd
LD_PRELOAD=$dir/old.so start_libvirtd host-b
launch host-b sink socat -u TCP-LISTEN:5555,fork /dev/null
for how in '' --p2p; do
	memory=$(sent_bytes host-a memory)
	# shellcheck disable=SC2086 # words
	exits 1 migrate host-a host-b db1 $how
	says err "virt-attest"
	echo "  ${how:-direct}: $(sed -n 's/^error: //p' "$dir/err")"
	exits 0 only_on host-a db1
	[ "$(sent_bytes host-a memory)" = "$memory" ] || fail "memory was sent"
done
survives
halt host-b sink || true
halt host-b libvirtd
start_libvirtd host-b

echo "# both hosts have it"
lock_manager host-b virt-attest
permit db1
exits 0 migrate host-a host-b db1 --p2p
exits 1 migrate host-b host-a db1
says err "refused: it has no permit"
exits 0 va host-b permit db1 "$(to host-a)"
exits 0 migrate host-b host-a db1
exits 0 only_on host-a db1
lock_manager host-b nop

echo "# the verifier is dead: only migrations end"
halt host-a verifierd KILL
refused "Is virt-attest-verifierd running" db1
refused "Is virt-attest-verifierd running" db1 --p2p
ours() { exits 0 on host-a virsh -q "$@"; }
start_guest host-a db4
ours suspend db4
ours resume db4
ours dump --live --memory-only db4 "$shared/dump"
ours save db4 "$shared/saved"
ours restore "$shared/saved"
ours destroy db4
ours define "$dir/db4.xml"
ours start db4
ours managedsave db4
ours start db4
ours reboot db4
ours destroy db4
ours undefine db4
survives
start_verifierd host-a
refused "it has no permit" db1
permit db1
moves db1

echo "# it hangs: until the deadline"
kill -STOP "$(pgrep -P "${pid_of[host-a-verifierd]}")"
began=${EPOCHREALTIME/[.,]/}
refused "did not take the question in time" db1
took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
if [ "$took" -lt 3000 ] || [ "$took" -gt 15000 ]; then fail "it took $took ms"; fi
kill -CONT "$(pgrep -P "${pid_of[host-a-verifierd]}")"
refused "it has no permit" db1

echo "# somebody else serves its socket"
run=$dir/host-a/run/virt-attest
mv "$run/verifierd.sock" "$run/away"
chmod 777 "$run"
launch host-a stranger setpriv --reuid 65534 --regid 65534 --clear-groups \
	socat UNIX-LISTEN:/run/virt-attest/verifierd.sock,fork,mode=777 EXEC:cat
until_true 20 test -S "$run/verifierd.sock"
refused "served by uid 65534, not by" db1
halt host-a stranger || true
rm -f "$run/verifierd.sock"
mv "$run/away" "$run/verifierd.sock"
chmod 755 "$run"
permit db1
moves db1

echo "# a paused guest is nobody's question: docs/GATES.md says so"
on host-a virsh -q suspend db1
exits 0 migrate host-a host-b db1 --p2p
exits 0 on host-b virsh -q resume db1
exits 0 only_on host-b db1
exits 0 migrate host-b host-a db1

echo "# unless that is switched on: then none goes, and each resumes"
echo 'paused = "refuse"' >"$gate_conf"
lock_manager host-a virt-attest
on host-a virsh -q suspend db1
permit db1
memory=$(sent_bytes host-a memory)
for how in '' --p2p '--p2p --tunnelled'; do
	# shellcheck disable=SC2086 # words
	exits 1 migrate host-a host-b db1 $how
	echo "  ${how:-direct}: $(sed -n 's/^error: //p' "$dir/err")"
	[ "$(on host-a virsh -q domstate db1)" = paused ] || fail "db1 is not paused on host-a"
done
[ "$(sent_bytes host-a memory)" = "$memory" ] || fail "memory was sent"
survives
lock_manager host-a virt-attest # it is read back from the status file
exits 1 migrate host-a host-b db1 --p2p
[ "$(sent_bytes host-a memory)" = "$memory" ] || fail "memory was sent"
exits 0 on host-a virsh -q resume db1
moves db1 --p2p
on host-a virsh -q suspend db1
echo >"$gate_conf"
lock_manager host-a nop # and by a libvirtd without us
exits 0 on host-a virsh -q resume db1
keeps_ticking db1
lock_manager host-a virt-attest

echo "# a configuration with a slip in it: libvirtd says so, and moves nothing"
echo 'sokket = "/x"' >"$gate_conf"
halt host-a libvirtd
launch host-a libvirtd libvirtd --listen
until_true 60 grep -q "qemu-virt-attest.conf:1: sokket: no such key" "$dir/host-a-libvirtd.log"
