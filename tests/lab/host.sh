#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# host.sh NAME FOLDER PROGRAMS: the first process of a host, in namespaces of
# its own (lib.sh makes them).  FOLDER has its /etc, /var and /run, PROGRAMS are
# ours, seen at FOLDER/../bin whatever lies under the machine's /var.  There is
# no cgroup below the new /sys, so libvirt uses none.  When this process ends,
# the kernel ends all others of the host, and the namespaces with them.
set -eu -o pipefail
name=$1 room=$2 programs=$3

mount --bind "$programs" "${room%/*}/bin"
for one in etc var run; do
	mount --bind "$room/$one" "/$one"
done
mount -t tmpfs -o mode=1777,size=64m shm /dev/shm
mount -t proc proc /proc
mount -t sysfs sysfs /sys
hostname "$name"
ip link set lo up
trap 'exit 0' TERM
: >"$room/born"
while :; do # and bash buries whoever is left to it
	sleep infinity &
	wait $! || true
done
