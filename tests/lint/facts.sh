#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Who asks libvirt, the hosts or the verifier fills each fact that checks may
# read: one that nobody fills is always 0, and looks like an answer.
set -eu -o pipefail
bad=0
while read -r fact; do
	git grep -qE "(\.|->)$fact\b" -- checks/libvirt cli || {
		echo "checks/facts_shape.c: nobody asks for '$fact'" && bad=1
	}
done < <(git grep -hv '^#define' -- checks/facts_shape.c |
	grep -oE '\b(ONE|KNOWN|LIST|LIST_OF)\([a-z_0-9]+' | sed 's/.*(//' | sort -u)
exit $bad
