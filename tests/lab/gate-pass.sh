#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Stock libvirt on both sides, our hook on the destination: a guest comes in with
# a pass of its source's verifier and a source that is trusted, and not else.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

lab_up host-a host-b
control=$(to host-b)
hooks=$dir/host-b/etc/libvirt/hooks/qemu.d
ours=$hooks/50-virt-attest
keys=$dir/host-b/etc/virt-attest/verifiers.d

# pass DOMAIN [SECONDS]: as host-a's verifier issues it: by its key and code, from
# a copy of its store.
pass() {
	rm -rf "$dir/copy" && mkdir "$dir/copy"
	cp "$dir"/host-a/var/lib/virt-attest/verifierd.db* "$dir/copy"
	"$bin/pass-tool" "sqlite:$dir/copy/verifierd.db" issue host-a \
		"$(on host-a virsh -q -c "$libvirt" domuuid "$1")" host-b "${2:-60}" 2>/dev/null
}
# carries DOMAIN PASS [--live|--config]: in its metadata.
carries() {
	exits 0 on host-a virsh -q -c "$libvirt" metadata "$1" "${3:---live}" --uri urn:virt-attest:pass:1 --key virt-attest --set "<pass>$2</pass>"
}
move() { on host-a timeout 120 virsh -q -c "$libvirt" migrate --live g "$@"; }
home() { exits 0 on host-b timeout 120 virsh -q -c "$libvirt" migrate --live --p2p g "$(to host-a)"; }
# asked: how often libvirt called for it since the last time.
asked() {
	wc -l <"$dir/asked"
	: >"$dir/asked"
}
goes() {
	carries g "$(pass g)"
	exits 0 move "$@"
	only_on host-b g || fail "the guest is not on host-b"
	keeps_ticking g
	[ "$(asked)" = 1 ] || fail "libvirt asked more than once for one migration"
	home
}
stays() { # stays WORDS ARGUMENT...: no byte of its memory left
	local memory ticked
	ticked=$(ticks g)
	memory=$(sent_bytes host-a memory)
	exits 1 move "${@:2}"
	memory=$(($(sent_bytes host-a memory) - memory))
	says err "incoming migration of 'g' refused: .*$1"
	[ "$memory" = 0 ] || fail "$memory bytes left"
	[ "$(asked)" = 1 ] || fail "libvirt did not ask once"
	only_on host-a g || fail "the guest is not on host-a alone"
	keeps_ticking g "$ticked"
}

echo "# the hook as it is installed; libvirtd looks for hooks when it starts"
mkdir -p "$hooks" "$keys"
install -m 0755 "$source_dir/hooks/libvirt/50-virt-attest" "$ours"
cat >"$hooks/10-trace" <<EOF
#!/bin/sh
[ "\$2 \$3" != "migrate begin" ] || echo "\$*" >>$dir/asked
EOF
chmod 755 "$hooks/10-trace"
: >"$dir/asked"
halt host-b libvirtd && start_libvirtd host-b
exits 0 va host-a key
cp "$dir/out" "$keys/host-a.pem"
start_guest host-a g
asked >/dev/null

echo "# without a pass no way leads here"
for way in '' --p2p '--p2p --tunnelled' --tls '--p2p --parallel'; do
	# shellcheck disable=SC2086 # words of options
	stays "it carries none" $way "$control"
done

echo "# with one each way does, once"
for way in '' --p2p '--p2p --tunnelled' --tls; do
	# shellcheck disable=SC2086 # words of options
	goes $way "$control"
done
stays "used before" "$control"

echo "# a pass for another host, of a key that nobody brought"
exits 0 va host-b key
cp "$dir/out" "$keys/host-c.pem"
mv "$keys/host-a.pem" "$dir/host-a.pem"
carries g "$(pass g)"
stays "no pass by a verifier" "$control"
mv "$dir/host-a.pem" "$keys/host-a.pem"
goes "$control"

echo "# our own command brings its pass by itself, stock virsh the one of a permit"
exits 0 va host-a migrate g "$control" --live --p2p
only_on host-b g || fail "the guest is not on host-b"
[ "$(asked)" = 1 ] || fail "libvirt asked more than once"
home
exits 0 va host-a permit g "$control" --live
exits 0 move --p2p "$control"
asked >/dev/null
home
stays "used before" --p2p "$control"

echo "# a domain that is off"
domain_xml off >"$dir/off.xml"
exits 0 on host-a virsh -q -c "$libvirt" define "$dir/off.xml"
exits 1 on host-a virsh -q -c "$libvirt" migrate --offline --persistent off "$control"
says err "incoming migration of 'off' refused: .*it carries none"
carries off "$(pass off)" --config
exits 0 on host-a virsh -q -c "$libvirt" migrate --offline --persistent off "$control"
exits 0 on host-b virsh -q -c "$libvirt" dominfo off
exits 0 on host-b virsh -q -c "$libvirt" undefine off
asked >/dev/null

echo "# a source that nobody approved"
tamper host-a
carries g "$(pass g)"
stays "host-a is untrusted" "$control"
restart_tpm host-a
stays "used before" "$control"
goes "$control"

echo "# nobody to ask: no one comes in, and what is no migration goes on"
halt host-b verifierd
carries g "$(pass g)"
stays "no verdict" "$control"
guest_disk=$dir/host-b/var/lib/libvirt/images/saved
start_guest host-b h
exits 0 on host-b virsh -q -c "$libvirt" save h /var/lib/libvirt/images/saved
[ -e "$guest_disk" ] || fail "nothing was saved"
exits 0 on host-b virsh -q -c "$libvirt" restore /var/lib/libvirt/images/saved
exits 0 on host-b virsh -q -c "$libvirt" destroy h

echo "# 'warn': it is told, and comes"
sed -i 's/--pass require/--pass warn/' "$ours"
exits 0 move "$control"
home
sed -i 's/--pass warn/--pass require/' "$ours"
asked >/dev/null
start_verifierd host-b
goes "$control"

echo "# libvirt's trap: a hook that is not executable is none"
carries g ''
stays "it carries none" "$control"
chmod 644 "$ours"
exits 0 move "$control"
home
sound g
