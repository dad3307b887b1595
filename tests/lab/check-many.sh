#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest check --all-hosts`, which says where a domain had best go, and
# `--evacuate`, which says whether all may go.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/check-lib.sh"

lab_up host-a host-b host-c
start_guest host-a db1
# rows: HOST and RESULT of each row, in order.
rows() { sed -n '2,$p' "$dir/out" | awk '{ print $1, $2, $3, $4 }' | grep -v '^all together'; }

echo "# two hosts will do, and the source is the last of all"
exits 0 va host-a check db1 --all-hosts
[ "$(rows | head -n 2 | sort)" = 'host-b may go 0
host-c may go 0' ] || fail "others: $(rows)"
rows | tail -n 1 | grep -q '^host-a may not' || fail "host-a is not the last"
says out 'the destination is the source'

echo "# what is worth a word puts one behind, what blocks further"
file 's/filed/db1/'
on host-a virsh -q -c "$libvirt" dumpxml --inactive db1 >"$dir/same.xml"
virsh_on host-b define "$dir/same.xml"
exits 0 va host-a check db1 --all-hosts
rows | head -n 1 | grep -q '^host-c may' || fail "host-c is not the first: $(rows)"
echo 'under repair' >"$dir/host-c/etc/virt-attest/maintenance"
exits 0 va host-a check db1 --all-hosts
rows | head -n 1 | grep -q '^host-b may' || fail "host-b is not the first: $(rows)"
says out 'host-c .*in maintenance: under repair'
tamper host-b
exits 2 va host-a check db1 --all-hosts
says out 'host-b .*may not go'
MALLOC_PERTURB_=170 exits 2 va host-a check db1 --all-hosts --json # what was freed is no URI
[ "$(sqlite3 :memory: "select count(*) from json_each(cast(readfile('$dir/out') as text), '\$.hosts')
	where json_extract(value, '\$.destination') like 'qemu+tls://host-_/system'")" = 3 ] || fail "not three hosts"
restart_tpm host-b
rm "$dir/host-c/etc/virt-attest/maintenance"

echo "# one that is enrolled and does not answer is no better"
halt host-c agentd
halt host-c libvirtd || true
exits 0 va host-a check db1 --all-hosts
rows | head -n 1 | grep -q '^host-b may' || fail "host-b is not the first: $(rows)"
says out 'host-c .*may not go'
virsh_on host-b undefine db1

echo "# all of a host's guests to another one"
start_guest host-a db2
exits 0 va host-a check --evacuate "$there"
says out '^db1 *may go'
says out '^db2 *may go'
says out '^all together: 48 MiB'
on host-a sh -c 'ip link add br0 type bridge && ip link set br0 up'
define host-a net "<network><name>blue</name><forward mode='bridge'/><bridge name='br0'/></network>"
virsh_on host-a net-start blue
guest_devices="<interface type='network'><source network='blue'/></interface>" start_guest host-a db3
exits 2 va host-a check --evacuate "$there"
says out '^db2 *may go'
says out "^db3 *may not go .*no network 'blue'"
exits 2 va host-a check --evacuate "$there" --json
[ "$(sqlite3 :memory: "select count(*) from json_each(cast(readfile('$dir/out') as text), '\$.domains')")" = 3 ] || fail "not three domains"
exits 0 va host-a check --evacuate "$there" --force network
for one in db1 db2 db3; do end_guest host-a $one; done
exits 0 va host-a check --evacuate "$there"
says out '^no domain runs'
