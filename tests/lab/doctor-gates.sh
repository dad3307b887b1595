#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest doctor --gates` beside a real libvirtd: which gates are on, and
# the traps in which one looks as if it were.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
etc=$dir/host-a/etc
hooks=$etc/libvirt/hooks/qemu.d
in_qemu_conf() { echo "$1" >>"$etc/libvirt/qemu.conf"; }
in_verifierd_conf() { echo "$1" >>"$etc/virt-attest/verifierd.conf"; }
restarted() { halt host-a libvirtd && start_libvirtd host-a && until_true 5 is_settled; }
# What changes in the first moments of a daemon may have been read by it, or not:
# doctor takes it for read.  In ticks of 10 ms.
is_settled() {
	local now began
	now=$(tr -d . </proc/uptime | cut -d' ' -f1)
	began=$(cut -d' ' -f22 "/proc/$(pgrep -P "${pid_of[host-a-libvirtd]}")/stat")
	[ "$now" -gt $((began + 10)) ]
}

declare -A words=([trust]="trust file" [lock]="lock driver" [network]="network" [pass]="the pass"
	[polkit]="polkit" [pmc]="patched driver" [callers]="callers' hooks")
# is STATUS STATE GATE [TEXT]: what it says of one gate, and exits with.
is() {
	exits "$1" va host-a doctor --gates
	says out "^$2 *${words[$3]} .*${4-}"
}
# ways WAY:STATE...
ways() {
	local one
	va host-a doctor --gates --json >"$dir/out" || true
	for one; do says out "\"${one%:*}\": *\"${one##*:}\""; done
}

echo "# all off"
for gate in trust lock network pass polkit pmc callers; do is 0 off "$gate"; done
ways direct:open p2p:open tunnelled:open offline:open "a paused guest:open" "the monitor's migrate:open" "root's own hands:open"
exits 0 va host-a doctor --gates
says out "^Open to a host that is not trusted: direct, p2p, tunnelled, offline, a paused guest, the monitor's migrate, root's own hands\.$"

echo "# the whole host: nothing fails, and libvirt's and QEMU's certificates are among it"
exits 0 va host-a doctor
says out '^ok    agentd socket: '
says out '^ok    QEMU TLS certificate: .*(host-a, '
says out '^ok    gates: off: trust file'

echo "# the pass: a hook that came after libvirtd's start"
mkdir -p "$hooks" "$etc/virt-attest/verifiers.d"
is 0 off pass
cp "$dir/pki/cacert.pem" "$etc/virt-attest/verifiers.d/host-b.pem"
is 2 broken pass "deleted or never there"
cat >"$hooks/50-virt-attest" <<-'HOOK'
	#!/bin/sh
	echo "$@" >>/run/ran
	[ ! -e /run/really ] || exec virt-attest-hook --pass require "$@"
HOOK
is 2 broken pass "50-virt-attest is not executable"
exits 2 va host-a doctor
says out '^fail  gate: the pass: .*50-virt-attest is not executable'
chmod 755 "$hooks/50-virt-attest"
is 2 broken pass "libvirtd has not looked for hooks since"
# And so it is: libvirt calls it for no guest, until it is told.
runs_a_guest() { start_guest host-a db1 && end_guest host-a db1; }
runs_a_guest
[ ! -e "$dir/host-a/run/ran" ] || fail "libvirtd has seen it after all"
kill -HUP "$(pgrep -P "${pid_of[host-a-libvirtd]}")"
called() { runs_a_guest && [ -e "$dir/host-a/run/ran" ]; }
until_true 5 called
restarted
is 0 on pass "lets in what has a pass"
echo "# ... not executable, anybody's, deleted, beside a left-over, lax"
chmod 644 "$hooks/50-virt-attest"
is 2 broken pass "not executable"
chmod 757 "$hooks/50-virt-attest"
is 2 broken pass "others than root may change"
chmod 755 "$hooks/50-virt-attest"
restarted
for stray in 50-virt-attest~ .60-x.swp 50-virt-attest.dpkg-new; do
	cp -a "$hooks/50-virt-attest" "$hooks/$stray"
	is 2 broken pass "$stray"
	rm "$hooks/$stray"
done
mv "$hooks/50-virt-attest" "$dir/hook"
is 2 broken pass "deleted or never there"
sed 's/require/warn/' "$dir/hook" >"$hooks/50-virt-attest"
chmod 755 "$hooks/50-virt-attest"
is 2 broken pass "libvirtd has not looked for hooks since"
restarted
is 0 on pass "warns, and lets all in"
sed -i 's/^\[/# [/' "$hooks/50-virt-attest"
is 2 broken pass "no hook of libvirt runs"
# A spelling that the hook does not take: it refuses whatever libvirt calls it for.
sed 's/--pass require/--pass=require/' "$dir/hook" >"$hooks/50-virt-attest"
is 2 broken pass "no hook of libvirt runs"
mv "$dir/hook" "$hooks/50-virt-attest"
restarted
rm "$etc/virt-attest/verifiers.d/host-b.pem"
is 2 broken pass "there is no key in"
rm "$hooks/50-virt-attest"
is 0 off pass

echo "# the lock driver: configured, and not there; there, and not run; replaced"
drivers=$(pkg-config --variable=libdir libvirt)/libvirt/lock-driver
plugin=$VIRT_ATTEST_BIN/../lock-driver/virt-attest.so
[ -e "$plugin" ] || plugin=$drivers/lockd.so # any that libvirtd takes
mkdir "$dir/host-a/drivers"
cp "$drivers"/* "$dir/host-a/drivers"
on host-a mount --bind "$dir/host-a/drivers" "$drivers"
in_qemu_conf 'lock_manager = "virt-attest"'
is 2 broken lock "there is no $drivers/virt-attest.so"
install -m 644 "$plugin" "$dir/host-a/drivers/virt-attest.so"
is 2 broken lock "libvirtd runs without it"
restarted
is 0 on lock "libvirtd runs the plugin"
ways direct:permit tunnelled:permit offline:permit "a paused guest:open" "the monitor's migrate:open"
install -m 644 "$plugin" "$dir/host-a/drivers/.new"
mv "$dir/host-a/drivers/.new" "$dir/host-a/drivers/virt-attest.so"
is 2 broken lock "replaced or deleted"
restarted
chmod 666 "$dir/host-a/drivers/virt-attest.so"
is 2 broken lock "others than root may change"
chmod 644 "$dir/host-a/drivers/virt-attest.so"
echo 'deadline_ms = 60000' >"$etc/libvirt/qemu-virt-attest.conf"
is 2 broken lock "deadline_ms"
echo 'paused = "refused"' >"$etc/libvirt/qemu-virt-attest.conf"
is 2 broken lock "'pass' or 'refuse' is wanted"
echo 'paused = "refuse"' >"$etc/libvirt/qemu-virt-attest.conf"
is 2 broken lock "was changed after libvirtd started"
restarted
is 0 on lock
ways "a paused guest:closed"
echo 'next = "sanlock"' >"$etc/libvirt/qemu-virt-attest.conf"
is 2 broken lock "there is no $drivers/sanlock.so"
echo 'socket = "/run/elsewhere"' >"$etc/libvirt/qemu-virt-attest.conf"
is 2 broken lock "it asks at /run/elsewhere"
echo 'deadline_ms = 500' >"$etc/libvirt/qemu-virt-attest.conf"
is 2 broken lock "was changed after libvirtd started"
restarted
is 0 on lock "it waits 500 ms"
in_qemu_conf '# a word more'
is 2 broken lock "qemu.conf was changed after libvirtd started"
restarted
is 0 on lock

echo "# the trust file: plain TCP, an old qemu.conf, another folder, without its own CA, anybody's"
in_verifierd_conf 'trust_file = "/etc/pki/qemu/ca-cert.pem"'
cp "$etc/pki/qemu/ca-cert.pem" "$etc/pki/qemu/migration-ca.pem"
is 2 broken trust "migrate_tls_force is not 1"
in_qemu_conf 'migrate_tls_force = 1'
is 2 broken trust "qemu.conf was changed after libvirtd started"
restarted
is 0 on trust "holds the CAs of 0 other hosts.*trust-expire.timer is active is not known"
ways direct:closed p2p:closed tunnelled:permit "a paused guest:closed" "the monitor's migrate:open"
cat "$dir/maker/root.pem" >>"$etc/pki/qemu/ca-cert.pem"
is 2 broken trust "holds 1 CAs that no verdict stands for"
# entry MS [BOOT]: of a host that is trusted for so long from now on.
entry() {
	cat "$etc/pki/qemu/migration-ca.pem"
	echo "# host=host-b until_ms=$(($(cut -d. -f1 /proc/uptime) * 1000 + $1)) boot=${2:-$(tr -d - </proc/sys/kernel/random/boot_id)}"
	cat "$dir/maker/root.pem"
}
entry 60000 >"$etc/pki/qemu/ca-cert.pem"
is 0 on trust "CAs of 1 other"
entry -60000 >"$etc/pki/qemu/ca-cert.pem"
is 2 broken trust "1 of the CAs in .* beyond their time"
entry 60000 0123456789abcdef0123456789abcdef >"$etc/pki/qemu/ca-cert.pem"
is 2 broken trust "1 of the CAs in .* beyond their time"
cp "$dir/maker/root.pem" "$etc/pki/qemu/ca-cert.pem"
is 2 broken trust "own CA"
cat "$etc/pki/qemu/migration-ca.pem" >"$etc/pki/qemu/ca-cert.pem"
touch -d @1000 "$etc/pki/qemu/ca-cert.pem"
is 2 broken trust "not written since this host booted"
touch "$etc/pki/qemu/ca-cert.pem"
chown 4711 "$etc/pki/qemu/ca-cert.pem"
is 2 broken trust "others than root may change"
chown 0 "$etc/pki/qemu/ca-cert.pem"
is 0 on trust
in_qemu_conf 'migrate_tls_x509_cert_dir = "/etc/pki/libvirt-migrate/"'
is 2 broken trust "verifierd keeps /etc/pki/qemu/ca-cert.pem, but QEMU reads /etc/pki/libvirt-migrate"
sed -i '/migrate_tls_x509_cert_dir/d' "$etc/libvirt/qemu.conf"
restarted
is 0 on trust

echo "# the network: no table, one that refuses nothing, and nobody who fills it"
cp "$source_dir/systemd/gated.conf" "$etc/virt-attest/gated.conf"
is 0 off network "names no networks"
echo 'networks = ["10.77.0.0/24"]' >"$etc/virt-attest/gated.conf"
is 2 broken network "no table inet virt_attest"
nft_takes() { on host-a nft -f -; }
nft_takes <<-NFT
	add table inet virt_attest
	add set inet virt_attest networks4 { type ipv4_addr; flags interval; }
	add element inet virt_attest networks4 { 169.254.0.0/16 }
	add set inet virt_attest attested4 { type ipv4_addr; flags timeout; }
	add set inet virt_attest users { type uid; }
	add set inet virt_attest awake { type uid; flags timeout; }
NFT
is 2 broken network "no chain of it is at output"
nft_takes <<<'add chain inet virt_attest out { type filter hook output priority -10; }'
is 2 broken network "no rule that refuses"
nft_takes <<-NFT
	add chain inet virt_attest refuse
	add rule inet virt_attest refuse reject
NFT
is 2 broken network "names no network"
nft_takes <<<'add element inet virt_attest networks4 { 10.77.0.0/24 }'
is 2 broken network "names no user and no control group"
nft_takes <<-'NFT' # users = ["*"]
	add set inet virt_attest except { type uid; elements = { 0 }; }
	add rule inet virt_attest refuse meta skuid != @except reject
NFT
cp /usr/bin/sleep "$dir/host-a/run/virt-attest-gated"
is 2 broken network "which the table does not know"
nft_takes <<<'add rule inet virt_attest refuse meta skuid 0 meta skuid != @awake reject'
launch host-a gated /run/virt-attest-gated 1000
until_true 10 on host-a pgrep -x virt-attest-gat
is 2 broken network "names no read_group"
nft_takes <<<'add element inet virt_attest attested4 { 10.77.0.12 timeout 60s }'
is 0 on network "lets libvirt and every account that is not root's or excepted reach 1 attested addresses"
ways direct:closed tunnelled:closed offline:permit "the monitor's migrate:closed" "root's own hands:open"
nft_takes <<-'NFT' # users = ["libvirt-qemu"]
	flush chain inet virt_attest refuse
	delete set inet virt_attest except
	add rule inet virt_attest refuse meta skuid 0 meta skuid != @awake reject
	add element inet virt_attest users { 64055 }
NFT
is 0 on network "lets QEMU and libvirt reach 1 attested addresses"
ways direct:closed tunnelled:closed offline:permit "the monitor's migrate:closed" "root's own hands:open"
exits 0 va host-a doctor --gates
says out "^Open to a host that is not trusted: root's own hands. Open with a permit for another host: offline. Closed: direct, p2p, tunnelled, a paused guest, the monitor's migrate.$"

echo "# polkit: a rule that nobody asks, and one that another goes before"
mkdir -p "$etc/polkit-1/rules.d"
sed "s|^.*HELPER = .*|	var HELPER = \"$dir/bin/virt-attest-permitted\";|" \
	"$VIRT_ATTEST_BIN/../gates/polkit/00-virt-attest.rules" >"$etc/polkit-1/rules.d/00-virt-attest.rules"
is 2 broken polkit "does not name polkit in access_drivers"
echo 'access_drivers = [ "polkit" ]' >>"$etc/libvirt/libvirtd.conf"
is 2 broken polkit "libvirtd.conf was changed after libvirtd started"
touch -d @1000 "$etc/libvirt/libvirtd.conf" # as if it were of before
echo '// org.libvirt.api.domain.migrate' >"$etc/polkit-1/rules.d/00-a.rules"
is 2 broken polkit "names no read_group"
echo 'var one = "org.libvirt.api.domain.migrate";' >"$etc/polkit-1/rules.d/00-a.rules"
is 2 broken polkit "00-a.rules speaks of the same action"
rm "$etc/polkit-1/rules.d/00-a.rules"
in_verifierd_conf 'read_group = "root"'
is 2 broken polkit "polkitd does not run"
cp /usr/bin/sleep "$dir/host-a/run/polkitd"
launch host-a polkitd /run/polkitd 1000
until_true 10 on host-a pgrep -x polkitd
is 0 on polkit
chown polkitd "$etc/polkit-1/rules.d" # as Debian has it
is 0 on polkit
chmod 775 "$etc/polkit-1/rules.d"
is 2 broken polkit "others than root may change"
chmod 755 "$etc/polkit-1/rules.d"
chown 4711 "$etc/polkit-1/rules.d"
is 2 broken polkit "others than root may change"
chown root "$etc/polkit-1/rules.d"

echo "# nobody special sees less, and says so"
into host-a
exits 4 "${way[@]}" setpriv --reuid 4711 --regid 4711 --clear-groups virt-attest doctor --gates
says out "Not run as root"
says out "^unknown  lock driver"
halt host-a gated || true
is 2 broken network "virt-attest-gated does not run"
halt host-a polkitd || true
