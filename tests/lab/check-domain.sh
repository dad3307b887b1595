#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest check`, of what a domain is: its state, its definition, its names
# and jobs; its machine, CPU and memory.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/check-lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up

echo "# a guest that runs: nothing is in its way"
start_guest host-a db1
ask db1 --live
blocks 0
tell hypervisor pass QEMU
tell hypervisor-version pass 'destination and'
tell libvirt-version pass 'destination and'
tell guest-type pass "'x86_64 qemu'"
tell machine pass pc-i440fx-7.2
tell dry-run pass 'would start it'
tell cpu pass 'offers all'
tell cpu-passthrough pass 'not the host'
tell cpu-model pass qemu64
tell tsc pass 'no counter of its own'
tell nested pass 'nothing nested'
tell memory pass available
tell hugepages pass 'no huge pages'
tell pinning pass 'no CPU'
tell vcpus pass "runs the domain's CPUs"
tell locked-memory pass 'locks no memory'
tell device-place pass 'has its place'
tell launch-security pass 'not sealed'
tell domain-clash pass "'db1'"
tell domain-state pass 'the domain runs'
tell domain-jobs pass 'no job'
tell persistence pass 'stays without'
tell security-label pass 'the same security drivers'
tell abi pass 'nothing of its ABI'
tell convergence not-run domdirtyrate-calc
virsh_on host-a domdirtyrate-calc db1 --seconds 1
measured() { on host-a virsh -q -c "$libvirt" domstats --dirtyrate db1 | grep calc_status=2; }
until_true 20 measured
ask db1 --live
tell convergence pass MiB/s

echo "# paused, and offline"
virsh_on host-a suspend db1
ask db1 --live
tell domain-state pass paused
virsh_on host-a resume db1
ask db1 --offline
tell domain-state warn 'started twice'
tell persistence block 'without --persistent'
ask db1 --persistent
tell persistence warn 'gets one on the destination'

echo "# it moved meanwhile by its name, and by its UUID"
file "s/filed/db1/"
virsh_on host-b define "$dir/file.xml"
ask db1
tell domain-clash block "another domain 'db1' is defined"
ask db1 --dname db1-new
tell domain-clash pass db1-new
virsh_on host-b undefine db1
on host-a virsh -c "$libvirt" dumpxml --inactive db1 >"$dir/same.xml"
virsh_on host-b define "$dir/same.xml"
ask db1
tell domain-clash warn 'takes its place'
ask db1 --dname db1-new
tell domain-clash block "by the name 'db1'"
virsh_on host-b undefine db1

echo "# shut off"
file "s/filed/off/"
virsh_on host-a define "$dir/file.xml"
ask off
tell domain-state block 'does not run'
tell persistence warn 'on the source only'
ask off --offline --persistent --undefinesource
tell domain-state pass 'its definition moves'
tell persistence pass 'moves to the destination'
tell convergence pass 'does not run'
ask off --offline --persistent --tunnelled --p2p
tell domain-state block 'nothing to tunnel'
virsh_on host-a undefine off

echo "# one that is gone"
start_guest host-a db2
# shellcheck disable=SC2016 # there
on host-a sh -c 'kill -KILL "$(cat /run/libvirt/qemu/db2.pid)"'
gone() { ! guest_on host-a db2; }
until_true 20 gone
exits 1 va host-a check db2 "$there"
says err 'has no domain db2'
[ "$(wc -l <"$dir/err")" = 1 ] || fail "more than a sentence"

echo "# its machine and CPU, as none there is"
edited s/pc-i440fx-7.2/pc-q35-9.9/
tell machine block pc-q35-9.9
tell dry-run block 'does not support machine type'
edited s/pc-i440fx-7.2/pc/
tell machine pass "is 'pc-i440fx-7.2' on both"
edited "s/arch='x86_64'/arch='aarch64'/"
tell guest-type block "architecture 'aarch64'"
edited s/qemu-system-x86_64/qemu-system-none/
tell guest-type warn qemu-system-none
tell dry-run block qemu-system-none
cpu() { beside "<cpu mode='custom' match='exact'><model>${1}</model>${2-}</cpu>${3-}"; }
cpu qemu64 "<feature policy='require' name='avx512f'/>"
tell cpu block avx512f
cpu Skylake-Server
tell cpu block Skylake-Server
tell cpu-model warn 'in part'
cpu Elsewhere
tell cpu-model warn 'does not know'
tell dry-run block 'Unknown CPU model'
cpu qemu64 "<feature policy='require' name='invtsc'/>"
tell tsc block "'invtsc'"
beside "<cpu mode='maximum'/>"
tell cpu pass 'any host'
tell cpu-passthrough pass 'what QEMU emulates'
beside "<features><hyperv mode='passthrough'/></features>"
tell nested warn Hyper-V

echo "# its memory and CPUs, as none there are"
edited "s,<memory.*,<memory unit='TiB'>9</memory>,"
tell memory block 'has at all'
edited "s,<memory.*,<memory unit='KiB'>$(awk '/^MemTotal/ { t = $2 } /^(MemFree|Buffers|Cached)/ { a += $2 }
	END { print int((t + a) / 2) - 256 * 1024 }' /proc/meminfo)</memory>,"
tell memory warn 'would swap'
beside "<memoryBacking><hugepages><page size='1' unit='G'/></hugepages></memoryBacking>"
tell hugepages block 'of 1048576 KiB'
beside "<cputune><vcpupin vcpu='0' cpuset='4000'/></cputune>"
tell pinning block 'CPU 4000'
beside "<cputune><vcpupin vcpu='0' cpuset='0'/></cputune>"
tell pinning pass 'has the CPUs'
beside "<numatune><memory mode='strict' nodeset='3'/></numatune>"
tell pinning block 'NUMA node 3'
edited 's/<vcpu>1/<vcpu>300/'
tell vcpus block 'more CPUs'
edited "s/<vcpu>1/<vcpu>200/"
tell vcpus warn 'will be slow'
beside "<memtune><hard_limit unit='MiB'>4</hard_limit></memtune>"
tell locked-memory warn 'below its memory'
beside "<memtune><hard_limit unit='MiB'>4</hard_limit></memtune><memoryBacking><locked/></memoryBacking>"
tell locked-memory block 'which is locked'
beside "<launchSecurity type='sev'><policy>0x0001</policy></launchSecurity>"
tell launch-security block "'sev'"
beside "<seclabel type='static' model='selinux' relabel='yes'><label>system_u:x</label></seclabel>"
tell security-label block "'selinux'"

echo "# a domain in a file has no past that could be in its way"
edited '' --live
blocks 0
tell domain-state pass 'in a file'
tell domain-jobs pass 'in a file'
tell persistence pass 'in a file'
tell convergence pass 'in a file'
file 's,<uuid>.*</uuid>,,'
ask_file
blocks 0
tell domain-clash pass "'filed'"
