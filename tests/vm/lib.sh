# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A machine of its own that boots, by systemd-nspawn: its root is this machine's
# with a layer of its own upon it, or a folder that somebody made; it has a network
# of its own, which leads nowhere, and is gone with the script.
#
#   machine_root [CLEAN]  makes $root, a layer upon / or upon the folder of a system
#   machine_boot          boots $root; its console is $dir/console.log
#   machine_reboot        as its operator does it
#   make_tpm NAME         the state of a TPM with its maker's certificates, in $dir
#   inside COMMAND...     as root, in it
#   journal UNIT          what the unit said
#   machine_off           in order
set -eu -o pipefail

[ "$(id -u)" = 0 ] && command -v systemd-nspawn >/dev/null || {
	echo "skipped: a machine takes root and systemd-nspawn"
	exit 77
}
dir=$(mktemp -d /tmp/virt-attest-vm.XXXXXX)
root=$dir/root
# shellcheck disable=SC2034 # the stories use it
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
nspawn='' leader=''

machine_gone() {
	local status=$?
	[ -z "$leader" ] || machine_off || true
	[ -z "$nspawn" ] || kill -KILL "$nspawn" 2>/dev/null || true
	umount -l "$root" 2>/dev/null || true
	rm -rf "$dir"
	exit "$status"
}
trap machine_gone EXIT

fail() {
	echo "FAIL: $*" >&2
	[ -z "$leader" ] || timeout 10 nsenter -t "$leader" -a journalctl -q --no-pager -b -n 40 -u 'virt-attest-*' >&2 || true
	tail -n 5 "$dir/console.log" >&2 || true
	exit 1
}

# until_true SECONDS COMMAND...: waits for an event, not for a time.
until_true() {
	local until=$((SECONDS + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$until" ] || fail "never came true: $*"
		sleep 0.1
	done
}

# What this machine starts, the other does not: it has accounts and a name of its own.
machine_root() {
	mkdir -p "$root" "$dir/layer" "$dir/work"
	mount -t overlay overlay -o "lowerdir=${1:-/},upperdir=$dir/layer,workdir=$dir/work" "$root" || {
		echo "skipped: no layer upon ${1:-/}"
		exit 77
	}
	if [ $# -gt 0 ]; then
		echo hv >"$root/etc/hostname"
		return
	fi
	rm -rf "$root"/etc/systemd/system/*.wants "$root"/etc/virt-attest "$root"/etc/pki
	# Its users and groups are this machine's, and what a test before made is none of ours.
	systemd-id128 new >"$root/etc/machine-id"
	echo hv >"$root/etc/hostname"
	local unit
	for unit in systemd-networkd systemd-resolved systemd-timesyncd systemd-udevd systemd-udev-trigger apparmor \
		libvirtd libvirt-guests e2scrub_reap getty@ console-getty systemd-logind; do
		ln -sfn /dev/null "$root/etc/systemd/system/$unit.service"
	done
	rm -rf "$root"/var/log/journal
}

machine_boot() {
	# bpf(2): by which systemd there holds services to their devices.
	SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn -q --system-call-filter=bpf -D "$root" --boot --register=no --keep-unit \
		--private-network --link-journal=no --console=pipe </dev/null >"$dir/console.log" 2>&1 &
	nspawn=$!
	until_true 30 machine_leads_or_gone
	[ -n "$leader" ] || {
		tail -n 3 "$dir/console.log" >&2
		echo "skipped: nothing boots here"
		exit 77
	}
	# "degraded" is what else this machine has; a story looks at its own units.
	inside systemctl is-system-running --wait >/dev/null || true
}
# Its first process, once it is systemd and hears us.
machine_leads_or_gone() {
	kill -0 "$nspawn" 2>/dev/null || return 0
	leader=$(pgrep -P "$nspawn" -x systemd) && inside systemctl is-system-running | grep >/dev/null -E 'starting|running|degraded'
}
inside() { timeout 60 nsenter -t "$leader" -a "$@"; }
journal() { inside journalctl -q --no-pager -b -o cat -u "$1"; }
said() { journal "$1" | grep >/dev/null -- "$2"; }
# nspawn, which holds no unit, leaves it to us to boot anew: status 133.
machine_reboot() {
	local status=0
	inside systemctl --no-block reboot
	timeout 60 tail --pid="$nspawn" -f /dev/null || fail "it does not go down"
	wait "$nspawn" || status=$?
	[ "$status" = 133 ] || fail "no reboot: $status"
	leader='' nspawn=''
	machine_boot
}
machine_off() {
	kill -s RTMIN+4 "$leader" 2>/dev/null || true # systemd: power off
	timeout 30 tail --pid="$nspawn" -f /dev/null || return 1
	leader='' nspawn=''
}

# As its maker ships it, in $dir/NAME.state; the maker's CAs are $dir/maker/*.pem.
make_tpm() {
	local ca=$dir/made
	mkdir -p "$ca" "$dir/maker" "$dir/$1.state"
	printf '%s\n' "statedir = $ca" "signingkey = $ca/issuer.key" "issuercert = $ca/issuer.crt" \
		"certserial = $ca/serial" >"$ca/localca.conf"
	printf '%s\n' "create_certs_tool = $(command -v swtpm_localca)" \
		"create_certs_tool_config = $ca/localca.conf" "create_certs_tool_options = $ca/options" >"$ca/setup.conf"
	echo "--platform-manufacturer Example --platform-model test --platform-version 1" >"$ca/options"
	swtpm_setup --tpm2 --config "$ca/setup.conf" --tpm-state "$dir/$1.state" \
		--create-ek-cert --pcr-banks sha1,sha256 --vmid "$1" --overwrite >"$dir/made.log" 2>&1 ||
		fail "no TPM was made: $(tail -n 3 "$dir/made.log")"
	cp "$ca/swtpm-localca-rootca-cert.pem" "$dir/maker/root.pem"
	cp "$ca/issuer.crt" "$dir/maker/issuer.pem"
}
