#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# image.sh [MIRROR]: a clean Debian 12 with a kernel, a signed boot loader and a TPM
# emulator, in the folder build/vm/root.  What our packages depend on is not installed; apt
# has it in its cache, for inside there is no network.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
mirror=${1:-http://deb.debian.org/debian}
debs=(build/packages/virt-attest{,-agentd,-verifierd}_*.deb)
to=build/vm
mkdir -p "$to"

depends=$(for deb in "${debs[@]}"; do dpkg-deb -f "$deb" Depends; done |
	tr ',' '\n' | sed -E 's/[(|].*//; s/ //g; /^virt-attest/d' | sort -u | xargs)
there=systemd-sysv,dbus,udev,procps,swtpm,linux-image-cloud-amd64,initramfs-tools,grub-efi-amd64-signed,shim-signed
made_of="$there $depends $(md5sum <"$0")"
[ ! -d "$to/root" ] || [ "$made_of" != "$(cat "$to/made-of" 2>/dev/null)" ] || exit 0

# The initial RAM disk has what a virtual machine's disk takes, before the kernel
# comes.  linux-image recommends nothing that we want.
rm -rf "$to/root" "$to/root.new" "$to/made-of"
echo "# a clean Debian 12 ($mirror)"
mmdebstrap --quiet --variant=minbase --include="$there" \
	--skip=cleanup/apt,cleanup/tmp --aptopt='APT::Install-Recommends "false"' \
	--essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"; echo MODULES=list >"$1/etc/initramfs-tools/conf.d/story"
		printf "%s\n" virtio_pci virtio_blk ext4 crc32c_generic >"$1/etc/initramfs-tools/modules"' \
	--customize-hook="chroot \"\$1\" apt-get install -y -qq --download-only $depends >/dev/null" \
	--format=directory bookworm "$to/root.new" "$mirror"
mv "$to/root.new" "$to/root"
echo "$made_of" >"$to/made-of"
