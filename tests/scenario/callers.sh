#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Stacks that have a hook before a migration, called as they call it: what is
# proved passes, all else refuses; and permits, for those that are told no
# destination.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || {
	echo "skipped: only root can be somebody else"
	exit 77
}
chmod 755 "$dir"
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
verifier() { start_verifier -o read_group=staff -o admin_group=; }
verifier
start_tpm tpm
start_agent agent host-a tpm
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent]}" --ek-sha256 "${ek_of[tpm]}" --yes

# The hook, on this story's socket, where another account finds it, too.
mkdir "$dir/bin"
cp "$bin/virt-attest-hook" "$bin/virt-attest" "$dir/bin/"
printf '#!/bin/sh\nexec "%s" -S "%s" "$@"\n' "$dir/bin/virt-attest-hook" "$dir/v.sock" >"$dir/bin/hook"
chmod -R a+rX "$dir/bin"
chmod a+x "$dir/bin/hook"
export VIRT_ATTEST_HOOK=$dir/bin/hook
callers=$source_dir/hooks/callers

# A stock script that says what it was given.
mkdir -p "$dir/one/vmm/kvm" "$dir/one/tm/shared" "$dir/one/etc/vmm/kvm"
cp "$callers/opennebula-migrate" "$dir/one/vmm/kvm/migrate"
cp "$callers/opennebula-premigrate" "$dir/one/tm/shared/premigrate"
cat >"$dir/one/vmm/kvm/migrate.stock" <<-STOCK
	#!/bin/sh
	echo "stock \$#: \$*: \$(cat)"
STOCK
chmod +x "$dir/one/vmm/kvm/migrate.stock"
cp "$dir/one/vmm/kvm/migrate.stock" "$dir/one/tm/shared/premigrate.stock"
one_protocol() { echo "export QEMU_PROTOCOL=$1" >"$dir/one/etc/vmm/kvm/kvmrc"; }
one_protocol qemu+ssh

uuid=6ba7b810-9dad-11d1-80b4-00c04fd430c8
# Called as on a machine of theirs.
one_migrate() { "$dir/one/vmm/kvm/migrate" one-42 host-a host-s 42 <<<'<VM/>'; }
one_premigrate() { "$dir/one/tm/shared/premigrate" host-s host-a /var/lib/one/datastores/0/42 42 1 '' <<<'<VM/>'; }
vdsm() { env -i PATH="$PATH" VIRT_ATTEST_HOOK="$VIRT_ATTEST_HOOK" vmId=$uuid _hook_domxml=/dev/null "$callers/vdsm-before_vm_migrate_source"; }
ganeti() {
	env -i PATH="$PATH" VIRT_ATTEST_HOOK="$VIRT_ATTEST_HOOK" GANETI_HOOKS_VERSION=2 GANETI_HOOKS_PHASE=pre \
		GANETI_HOOKS_PATH=instance-migrate GANETI_OP_CODE=OP_INSTANCE_MIGRATE GANETI_INSTANCE_NAME=db1 \
		GANETI_OLD_PRIMARY=host-s GANETI_NEW_PRIMARY=host-a GANETI_MIGRATE_LIVE=True GANETI_MIGRATE_CLEANUP=False \
		"$@" "$callers/ganeti-instance-migrate-pre"
}
xapi() { "$callers/xapi-vm-pre-migrate" -reason "${1:-source}" -vmuuid "$uuid"; }
# Of a stack that this machine has no libvirt for.
permit() { exits 0 va permit --unchecked "$@"; }

# refused STATUS TEXT CALLER...: and the stock script did not run.
refused() {
	local status=$1 text=$2
	shift 2
	exits "$status" "$@"
	says err "$text"
	! grep -q stock "$dir/out" || fail "refused, and the stock script ran: $*"
}

echo "# a destination that is told, and proved"
exits 0 one_migrate
says out '^stock 4: one-42 host-a host-s 42: <VM/>$'
exits 0 one_premigrate
says out '^stock 6: host-s host-a /var/lib/one/datastores/0/42 42 1 : <VM/>$'
exits 0 ganeti

echo "# what is none of ours, or no call at all"
exits 0 ganeti GANETI_HOOKS_PATH=instance-stop GANETI_NEW_PRIMARY=
exits 0 ganeti GANETI_HOOKS_PHASE=post GANETI_NEW_PRIMARY=
exits 0 ganeti GANETI_MIGRATE_CLEANUP=True GANETI_NEW_PRIMARY=
refused 2 'no GANETI_INSTANCE_NAME' ganeti GANETI_NEW_PRIMARY=
exits 0 xapi destination
refused 2 'no -vmuuid' "$callers/xapi-vm-pre-migrate" -reason source
refused 2 'no vmId' env -u vmId "$callers/vdsm-before_vm_migrate_source"
refused 2 'no DESTINATION' "$dir/one/tm/shared/premigrate" host-s
refused 2 'no DEPLOY_ID' "$dir/one/vmm/kvm/migrate" one-42 </dev/null
mv "$dir/one/vmm/kvm/migrate.stock" "$dir/one/away"
refused 2 'migrate.stock' one_migrate
mv "$dir/one/away" "$dir/one/vmm/kvm/migrate.stock"
VIRT_ATTEST_HOOK=$dir/nothing refused 127 'not found' one_migrate
VIRT_ATTEST_HOOK=$dir/nothing refused 2 'not found' xapi
one_protocol qemu+tcp
refused 4 'in a safe way' one_migrate
one_protocol qemu+ssh

echo "# a destination that is not told: refused, and with a permit once"
for caller in vdsm xapi; do
	refused 2 "no permit for $uuid" "$caller"
	says err "virt-attest permit $uuid DESTINATION-URI"
	permit $uuid qemu+ssh://host-a/system
	exits 0 "$caller"
	refused 2 'no permit for' "$caller"
done

echo "# another domain's permit is another's"
permit db1 qemu+ssh://host-a/system
refused 2 'no permit for' vdsm
exits 0 hook db1 migrate pmc -
exits 2 hook db1 migrate pmc -

echo "# one permit, two who ask at once: one of them passes"
permit $uuid host-a
vdsm >"$dir/first" 2>&1 & first=$!
vdsm >"$dir/second" 2>&1 & second=$!
passed=0
! wait "$first" || passed=$((passed + 1))
! wait "$second" || passed=$((passed + 1))
[ "$passed" = 1 ] || fail "$passed of two passed by one permit"

echo "# its time ends"
permit $uuid host-a --seconds 1
began=$(date +%s%N)
second_is_over() { [ $(($(date +%s%N) - began)) -gt 1000000000 ]; }
until_true 30 second_is_over
refused 2 'no permit for' vdsm

echo "# a permit that leads nowhere safe, too long, or for nobody, is none"
exits 1 va permit $uuid qemu+tcp://host-a/system --unchecked
exits 1 va permit $uuid host-a --unchecked --seconds 601
says err '1 to 600'
exits 1 va permit $uuid host-a --unchecked --seconds 0
exits 1 va permit '' host-a --unchecked
exits 1 va permit $uuid --unchecked
exits 1 va permit $uuid host-a --unchecked --live
says err 'asks no libvirt'
# raw COMMAND ARGUMENTS: as another client may ask.
raw() { printf '{"execute":"%s","arguments":%s,"id":1}\n' "$1" "$2" | socat -t 5 - "UNIX-CONNECT:$dir/v.sock" >"$dir/out"; }
while read -r command arguments; do
	raw "$command" "$arguments"
	says out '"error":{"class":"\(Malformed\|Limit\)"'
done <<-'REQUESTS'
	permit {"domain":"db1","destination":"host-a","seconds":0}
	permit {"domain":"db1","destination":"host-a","seconds":601}
	permit {"domain":"a\u001bb","destination":"host-a"}
	permit {"domain":"db1","uuid":"db1","destination":"host-a"}
	permits {"uuid":"db1"}
	verify {"permit":true,"uuid":"db1"}
	permit {"domain":"db1"}
	permit {"destination":"host-a"}
	verify {"permit":true,"domain":"db1","destination":"host-a"}
	verify {"permit":true,"domain":"db1","max_age":60}
	verify {"permit":true}
	verify {"permit":true,"domain":"a\u001bb"}
	verify {"permit":false,"domain":"db1"}
	verify {"permit":1,"domain":"db1"}
REQUESTS
exits 4 va permit $uuid host-unknown --unchecked
says out 'no such host'
refused 2 'no permit for' vdsm

echo "# who may ask may use it, and not give it"
somebody() { setpriv --reuid=nobody --regid=nogroup --groups=staff "$@"; }
exits 1 somebody "$dir/bin/virt-attest" -S "$dir/v.sock" permit $uuid host-a --unchecked
says err 'may not'
permit $uuid host-a
exits 0 somebody "$dir/bin/hook" $uuid migrate pmc -

echo "# both are written down"
exits 0 va audit show
says out "uid=0 .*permit  .*$uuid  to qemu+ssh://host-a/system for 60 s: host-a, uuid=$uuid"
says out "domain=$uuid .*permit-use .*$uuid  to host-a: host-a"
exits 0 va audit verify

echo "# a restart forgets"
permit $uuid host-a
stop verifier
verifier
refused 2 'no permit for' vdsm

echo "# a host that is not what it was"
extend tpm 4 "something else"
refused 2 'host-a is untrusted' one_migrate
refused 2 'host-a is untrusted' one_premigrate
refused 2 'host-a is untrusted' ganeti
for caller in vdsm xapi; do
	exits 2 va permit $uuid qemu+ssh://host-a/system --unchecked
	refused 2 'no permit for' "$caller"
done

echo "# nobody to ask; to xapi, status 1 would be 'go on'"
stop verifier KILL
for caller in one_migrate one_premigrate ganeti vdsm; do
	refused 1 'Is virt-attest-verifierd running' "$caller"
done
refused 2 'Is virt-attest-verifierd running' xapi
