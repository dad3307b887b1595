# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Gates stay shut when who keeps them goes.  Here is who opens them.
if grep -qs '^[[:space:]]*lock_manager[[:space:]]*=[[:space:]]*"virt-attest"' /etc/libvirt/qemu.conf; then
	echo "@PACKAGE@: libvirt's QEMU driver will not start without this package's plugin." >&2
	echo "What to do: take lock_manager out of /etc/libvirt/qemu.conf, then systemctl restart libvirtd" >&2
fi
if nft list table inet virt_attest >/dev/null 2>&1; then
	echo "@PACKAGE@: the network gate's table stays, and refuses all hosts." >&2
	echo "What to do: nft delete table inet virt_attest" >&2
fi
if ls /etc/polkit-1/rules.d/*virt-attest* >/dev/null 2>&1; then
	echo "@PACKAGE@: polkit's rule refuses all migrations of callers that are not root from now on." >&2
	echo "What to do: remove it from /etc/polkit-1/rules.d" >&2
fi
