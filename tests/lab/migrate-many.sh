#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest migrate` of many, of a domain that does not run, of one with a
# disk, from another machine than the source.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
attestations() { va "$1" status --json | sed -n 's/.*"attestations": *\([0-9]*\).*/\1/p'; }

echo "# all that run there, two at a time"
names=(db1 db2 db3 db4)
for name in "${names[@]}"; do start_guest host-a "$name"; done
before=$(attestations host-a)
exits 0 va host-a migrate --all "$(to host-b)" --live --jobs 2
cp "$dir/out" "$dir/said"
for name in "${names[@]}"; do
	says said "$name: migrated to host-b"
	exits 0 only_on host-b "$name"
	keeps_ticking "$name"
	sound "$name" || fail "$name is not sound"
done
echo "  $(($(attestations host-a) - before)) attestations for ${#names[@]} guests"

echo "# none of them, to a host that is not trusted"
tamper host-a
memory=$(sent_bytes host-b memory)
exits 2 va host-b migrate --all "$(to host-a)" --live --json
[ "$(grep -c '"migrated": *false' "$dir/out")" = 4 ] || fail "not four that stayed"
[ $(($(sent_bytes host-b memory) - memory)) -le 1000 ] || fail "memory was sent"
for name in "${names[@]}"; do exits 0 only_on host-b "$name"; done
restart_tpm host-a

echo "# one that cannot go stops no other"
domain_xml db2 >"$dir/twin.xml"
on host-a virsh -q define "$dir/twin.xml"
exits 2 va host-b migrate --all "$(to host-a)" --live --jobs 4
says err "db2: domain-clash"
on host-a virsh -q undefine db2
for name in db1 db3 db4; do exits 0 only_on host-a "$name"; done
exits 0 only_on host-b db2

echo "# from another machine than the source"
exits 0 va host-a migrate db2 "$(to host-a)" -c "$(to host-b)" --live
exits 0 only_on host-a db2
keeps_ticking db2
for name in "${names[@]}"; do end_guest host-a "$name"; done

echo "# a disk that both see, and one that each has its own of"
make_disk host-a "$shared/db5.raw"
guest_devices=$(disk_xml "$shared/db5.raw" none) start_guest host-a db5
exits 2 va host-a migrate db5 "$(to host-b)" --live
says err shared-storage
exits 0 va host-a migrate db5 "$(to host-b)" --live --unsafe
exits 0 only_on host-b db5
end_guest host-b db5
make_disk host-a /var/lib/libvirt/images/db6.raw
guest_devices=$(disk_xml /var/lib/libvirt/images/db6.raw) start_guest host-a db6
exits 2 va host-a migrate db6 "$(to host-b)" --live --unsafe
says err disk-present
make_disk host-b /var/lib/libvirt/images/db6.raw
exits 2 va host-a migrate db6 "$(to host-b)" --live --unsafe
says err disk-present
exits 0 va host-a migrate db6 "$(to host-b)" --live --copy-storage-all
exits 0 only_on host-b db6
keeps_ticking db6
sound db6 || fail "not sound with its disk"
end_guest host-b db6

echo "# one that does not run: its definition goes"
domain_xml db7 >"$dir/db7.xml"
on host-a virsh -q define "$dir/db7.xml"
exits 2 va host-a migrate db7 "$(to host-b)" --live
says err domain-state
exits 0 va host-a migrate db7 "$(to host-b)" --offline --persistent --undefinesource
on host-b virsh -q dominfo db7 >/dev/null || fail "db7 is not defined there"
exits 1 on host-a virsh -q dominfo db7
on host-b virsh -q undefine db7

echo "# no such domain; no such libvirt"
exits 1 va host-a migrate db8 "$(to host-b)" --live
says err db8
exits 3 va host-a migrate db8 "$(to host-b)" -c qemu+tls://host-b:1/system --live
