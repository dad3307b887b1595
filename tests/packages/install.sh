#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# install.sh [MIRROR]: a clean Debian 12 that systemd runs in a container, and in
# it the life of build/packages (inside.sh); then what libvirt's AppArmor profiles
# leave them (confined.py).  Root, and a Debian mirror; the system is kept in
# build/packages/root.tar.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
mirror=${1:-http://deb.debian.org/debian}
packages=$PWD/build/packages
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# What the packages depend on is fetched with the system: inside there is no network.
depends=$(for deb in "$packages"/virt-attest{,-agentd,-verifierd,-gates}_*.deb; do
	dpkg-deb -f "$deb" Depends
done | tr ',' '\n' | sed -E 's/[(|].*//; s/ //g; /^virt-attest/d' | sort -u | paste -sd,)
[ -s "$packages/root.tar" ] && [ "$depends" = "$(cat "$packages/root.depends" 2>/dev/null)" ] || {
	mmdebstrap --quiet --variant=minbase bookworm "$packages/root.tar" "$mirror" \
		--include="$depends,systemd-sysv,dbus,needrestart,swtpm,procps"
	echo "$depends" >"$packages/root.depends"
}
mkdir "$dir/root"
tar -C "$dir/root" -xf "$packages/root.tar"
install -d "$dir/root/debs"
install -m 644 "$packages"/*.deb "$dir/root/debs"
install -m 755 tests/packages/inside.sh "$dir/root/inside.sh"
cat >"$dir/root/etc/systemd/system/inside.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/inside.sh
ExecStopPost=systemctl --no-block poweroff
StandardOutput=file:/inside.out
StandardError=file:/inside.out
TimeoutStartSec=240
[Install]
WantedBy=default.target
UNIT
systemctl -q --root="$dir/root" enable inside.service
timeout 300 systemd-nspawn -q -D "$dir/root" --boot --register=no --keep-unit --private-network \
	>"$dir/console" 2>&1 || true
cat "$dir/root/inside.out" || tail -n 40 "$dir/console"
[ "$(tail -n 1 "$dir/root/inside.out")" = PASS ]

echo "# libvirt's profiles of AppArmor"
mkdir "$dir/libvirt"
(cd "$dir/libvirt" && apt-get -qq download libvirt-daemon-system 2>/dev/null && dpkg-deb -x ./*.deb .)
cp -r /etc/apparmor.d "$dir/apparmor.d"
cp -r "$dir/libvirt/etc/apparmor.d/." "$dir/apparmor.d"
mkdir -p "$dir/apparmor.d/local/abstractions"
touch "$dir/apparmor.d/local/"{usr.sbin.libvirtd,usr.lib.libvirt.virt-aa-helper,abstractions/libvirt-qemu}
/usr/bin/python3 -B tests/packages/confined.py "$dir/apparmor.d"
