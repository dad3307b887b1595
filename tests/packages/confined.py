#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# confined.py FOLDER: what the gates need of libvirt's processes under the
# AppArmor profiles in FOLDER (an /etc/apparmor.d with Debian's of libvirt).  It
# reads rules as aa-logprof does; no kernel is asked.
import sys

import apparmor.aa as aa
from apparmor.rule.file import FileRule

folder = sys.argv[1]
DAEMON = "libvirtd"
GUEST = "LIBVIRT_TEMPLATE"
PLACES = {DAEMON: "usr.sbin.libvirtd", GUEST: "libvirt/TEMPLATE.qemu"}
PLUGIN = "/usr/lib/x86_64-linux-gnu/libvirt/lock-driver/virt-attest.so"
HOOK = "/etc/libvirt/hooks/qemu.d/50-virt-attest"

# Whose, what, which rights, by which kind of transition, and whether he has to have it.
NEEDS = [
    (DAEMON, PLUGIN, "mr", None, True),
    (DAEMON, "/etc/libvirt/qemu-virt-attest.conf", "r", None, True),
    (DAEMON, "/run/virt-attest/verifierd.sock", "rw", None, True),
    (DAEMON, HOOK, "r", "ix", True),
    # A link counts as what it leads to.
    (DAEMON, "/usr/share/virt-attest/libvirt/50-virt-attest", "r", "ix", False),
    # Out of the hook's script into the program, which is nobody's profile: PUx.
    (DAEMON, "/usr/bin/virt-attest-hook", None, "PUx", True),
    (DAEMON, "/usr/local/bin/virt-attest-hook", None, "PUx", False),
    (GUEST, "/etc/pki/qemu/ca-cert.pem", "r", None, True),
    (GUEST, "/etc/pki/qemu/client-key.pem", "r", None, True),
    (GUEST, "/etc/pki/migration/ca-cert.pem", "r", None, False),
    # What a guest's process must not have of ours.
    (GUEST, "/etc/pki/qemu/ca-cert.pem", "w", None, False),
    (GUEST, "/run/virt-attest/verifierd.sock", "rw", None, False),
    (GUEST, "/var/lib/virt-attest/verifierd.db", "r", None, False),
]


aa.init_aa(profiledir=folder)
for place in PLACES.values():
    aa.read_profile(f"{folder}/{place}", True)
bad = 0
for name, path, perms, transition, wanted in NEEDS:
    rule = FileRule(path, perms, transition, FileRule.ALL, False)
    profile = aa.aa[name][name]
    has = bool(aa.is_known_rule(profile, "file", rule))
    print(f"{'may' if has else 'may not'}: {name} {path} {perms or ''}{transition or ''}")
    if has != wanted:
        print("  ... and that is not what was thought")
        bad = 1
sys.exit(bad)
