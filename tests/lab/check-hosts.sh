#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest check`, of the two hosts and the way between them: trust, names,
# ports, load.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/check-lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
start_guest host-a db1

echo "# all is well"
ask db1
blocks 0
tell attestation pass 'is trusted'
tell endpoint pass 'the key that it attested'
tell software warn 'PCR values only'
tell reachable pass 'no firewall hides'
tell migration-pki pass 'in the clear'
tell clock pass 'agree within'
tell same-host pass 'another host'
tell hostname pass "'host-b' as $(address_of host-b)"
tell lock-manager pass "'nop'"
tell qemu-user pass 'same user and group'
tell jobs pass '0 migrations'
case $(grep '^maintenance ' "$dir/findings") in
*busy*) tell maintenance warn 'a load of' ;; # with all that runs on this machine
*) tell maintenance pass 'takes domains' ;;
esac
ask db1 --tls
tell migration-pki pass "for 'host-b'"
tell endpoint pass 'the key that it attested'

echo "# what the golden value judges"
exits 0 va host-a golden add host-b --label log --pcrs sha256:0,2,4,7,8,9 --from-log
exits 0 va host-a golden approve 3
exits 0 va host-a golden revoke 2
ask db1
tell software pass 'by its boot log'

echo "# host-b has something that nobody approved; then it is silent"
tamper host-b
ask db1
tell attestation block 'untrusted'
exits 2 va host-a check db1 "$there"
exits 1 va host-a check db1 "$there" --force attestation
says err 'cannot be forced'
restart_tpm host-b
halt host-b agentd
exits 3 va host-a check db1 "$there"
ask db1
tell attestation block 'unreachable'
tell maintenance not-run "agent did not tell"
tell clock not-run "agent did not tell"
start_agentd host-b
exits 0 va host-a check db1 "$there"

echo "# agentd tells nothing to whom it does not know"
sed -i.was 's/^facts_verifiers.*/facts_verifiers = ["mgmt"]/' "$dir/host-b/etc/virt-attest/agentd.conf"
restart host-b agentd
ask db1
tell maintenance not-run facts_verifiers
tell lock-manager not-run facts_verifiers
tell migration-pki not-run facts_verifiers
mv "$dir/host-b/etc/virt-attest/agentd.conf"{.was,}
restart host-b agentd

echo "# ports"
# closes HOW: what comes for memory.
closes() {
	on host-b nft -f - <<-NFT
	table inet closed {
		chain in {
			type filter hook input priority 0;
			tcp dport 49152-49215 $1
		}
	}
	NFT
}
closes drop
ask db1
tell reachable block 'not even with a refusal'
ask db1 --p2p --tunnelled
tell reachable pass 'answers the source'
on host-b nft delete table inet closed
closes 'reject with tcp reset'
ask db1
tell reachable pass 'no firewall hides'
on host-b nft delete table inet closed

echo "# names"
conf host-a hosts
sed -i '/host-b/d' "$dir/host-a/etc/hosts"
by_address=qemu+tls://$(address_of host-b)/system
exits 0 va host-a enroll "$(address_of host-b)" --label address --pcrs sha256:0,2,4,7,8,9 --yes
there=$by_address ask db1 --migrateuri tcp://host-b
tell hostname block "cannot resolve 'host-b'"
there=$by_address ask db1
tell hostname pass 'goes to an address'
tell endpoint pass 'the key that it attested'
conf host-a hosts
ask db1 --migrateuri tcp://host-a
tell endpoint block 'leads to tcp://host-a'
on host-b hostname localhost
restart host-b libvirtd
ask db1
tell hostname pass "'host-b' as $(address_of host-b)"
ask db1 --offline
tell hostname block "calls itself 'localhost'"
on host-b hostname host-b
conf host-b libvirt/libvirtd.conf "host_uuid = \"$(sed -n 's/^host_uuid = "\(.*\)"/\1/p' "$dir/host-a/etc/libvirt/libvirtd.conf")\""
restart host-b libvirtd
ask db1
tell same-host block 'host_uuid'
conf host-b libvirt/libvirtd.conf
restart host-b libvirtd
there=qemu+tls://host-a/system ask db1
tell same-host block 'the destination is the source'

echo "# maintenance, and two guests on their way"
echo 'a new kernel' >"$dir/host-b/etc/virt-attest/maintenance"
ask db1
tell maintenance block 'a new kernel'
exits 2 va host-a check db1 "$there"
exits 0 va host-a check db1 "$there" --force maintenance
says out 'forced  maintenance'
rm "$dir/host-b/etc/virt-attest/maintenance"
declare -A pid_of_move
for one in slow1 slow2; do
	guest_mib=64 start_guest host-a $one
	migrate host-a host-b $one --bandwidth 1 >"$dir/$one.log" 2>&1 &
	pid_of_move[$one]=$!
done
# shellcheck disable=SC2016 # there
two_go() { [ "$(on host-a sh -c 'for one in slow1 slow2; do virsh -q domjobinfo $one; done' | grep -c Outgoing)" = 2 ]; }
until_true 30 two_go
ask db1
tell jobs warn '2 migrations at work'
ask slow1
tell domain-jobs block 'another job: migration'
for one in slow1 slow2; do virsh_on host-a domjobabort $one; done
for one in slow1 slow2; do wait "${pid_of_move[$one]}" || true; done
for one in slow1 slow2; do end_guest host-a $one; done
ask db1
tell jobs pass '0 migrations'
blocks 0
