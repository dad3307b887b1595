#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Permits on two libvirt hosts: `permit` gives one when all checks let the domain
# go, with a pass in its metadata that stock virsh takes along; `migrate` gets its
# own, and leaves no pass behind, at either end.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# A hook that keeps what came in: the destination's part of the story reads it.
# libvirtd looks for hooks when it starts.
keep_incoming() {
	cat >"$dir/$1/etc/libvirt/hooks/qemu" <<-HOOK
	#!/bin/sh
	[ "\$2 \$3" != "migrate begin" ] || cat >"$shared/incoming.xml"
	HOOK
	chmod 755 "$dir/$1/etc/libvirt/hooks/qemu"
	halt "$1" libvirtd
	start_libvirtd "$1"
}

# shellcheck disable=SC2119 # the usual hosts
lab_up
for host in host-a host-b; do keep_incoming "$host"; done
start_guest host-a db1
from=host-a to=host-b

# pass_of HOST NAME [OPTION]: what is in its metadata there.
pass_of() { on "$1" virsh -q -c "$libvirt" metadata "$2" --uri urn:virt-attest:pass:1 "${@:3}" 2>/dev/null; }
has_pass() { pass_of "$@" >"$dir/pass" && grep -q '>[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*<' "$dir/pass"; }
# clean NAME: nobody has a pass of it.
clean() {
	local host
	for host in "${hosts[@]}"; do
		! pass_of "$host" "$1" || fail "a pass of $1 is left on $host"
		! pass_of "$host" "$1" --config || fail "a pass of $1 is left in $host's configuration"
	done
}
no_permits() {
	exits 0 va "$1" permits
	says out '^no permits$'
}
uuid_of() { on "$1" virsh -q -c "$libvirt" domuuid "$2" | head -n 1; }

echo "# a check that blocks: no permit, no pass"
on "$to" sh -c 'echo "new fans" >/etc/virt-attest/maintenance'
exits 2 va "$from" permit db1 "$(to "$to")" --live
says err 'new fans'
says err 'no permit was given'
exits 2 va "$from" permit db1 "$(to "$to")" --live --json
says out '"status": *2'
! grep -q '"permit"' "$dir/out" || fail "a permit beside a check that blocks"
no_permits "$from"
clean db1
exits 0 va "$from" permit db1 "$(to "$to")" --live --force maintenance
exits 0 va "$from" audit show
says out 'forced.*checks=maintenance'
on "$to" rm /etc/virt-attest/maintenance

echo "# a host that is not trusted, which nobody forces"
tamper "$to"
exits 2 va "$from" permit db1 "$(to "$to")" --live
says err 'PCR 7'
exits 1 va "$from" permit db1 "$(to "$to")" --live --force attestation
exits 1 va "$from" permit db1 "$(to "$to")" --timeout 5 --live
says err "only 'virt-attest migrate' takes it"
exits 1 va "$from" permit db9 "$(to "$to")" --live
restart_tpm "$to"

echo "# a permit, and its pass, which stock virsh takes along"
exits 0 va "$from" permit db1 "$(to "$to")" --live --seconds 90
says out "^db1 may go to $to, once, within 90 s: until "
exits 0 va "$from" permits
says out "^db1  *$(uuid_of "$from" db1)  *$to  *[0-9]* s  no$"
exits 0 has_pass "$from" db1
said=$(cat "$dir/pass")
exits 0 migrate "$from" "$to" db1
grep -qF "$(sed -n 's/.*>\(.*\..*\)<.*/\1/p' <<<"$said")" "$shared/incoming.xml" || fail "the pass did not come in"
exits 0 has_pass "$to" db1
[ "$(cat "$dir/pass")" = "$said" ] || fail "another pass came in"
exits 0 migrate "$to" "$from" db1

echo "# as JSON; a later one takes its place"
exits 0 va "$from" permit "$(uuid_of "$from" db1)" "$(to "$to")" --live --json
says out '"domain": *"db1"'
says out '"pass": *"[A-Za-z0-9_.-]*"'
exits 0 has_pass "$from" db1
[ "$(cat "$dir/pass")" != "$said" ] || fail "the pass is the one before"

echo "# migrate has its own, and leaves none"
# goes HOW...: there, with a pass that came in.
goes() {
	local was=$from
	rm -f "$shared/incoming.xml"
	exits 0 va "$from" migrate db1 "$(to "$to")" --live "$@"
	exits 0 only_on "$to" db1
	grep -q 'urn:virt-attest:pass:1.*>[A-Za-z0-9_.-]*<' "$shared/incoming.xml" || fail "no pass came in: ${*:-direct}"
	clean db1
	no_permits "$from" # no gate has used it
	exits 0 va "$from" audit show
	says out "permit  *db1  to $(to "$to") for 60 s: $to"
	from=$to to=$was
}
goes
goes --p2p
on "$from" virsh -q -c "$libvirt" dumpxml --migratable db1 >"$shared/there.xml"
goes --xml "$shared/there.xml"
keeps_ticking db1
sound db1 || fail "not sound"

echo "# one that fails leaves none, either"
end_guest "$from" db1
guest_mib=64 start_guest "$from" db1
flows() { [ "$(sent_bytes "$from" memory)" -gt $((began + (1 << 20))) ]; }
began=$(sent_bytes "$from" memory)
into "$from"
"${way[@]}" virt-attest migrate db1 "$(to "$to")" --live --bandwidth 2 >"$dir/out" 2>"$dir/err" &
pid_of[slow]=$!
until_true 60 flows
exits 0 has_pass "$from" db1
tamper "$to"
status=0
wait "${pid_of[slow]}" || status=$?
unset "pid_of[slow]"
[ "$status" = 2 ] || { cat "$dir/err" >&2 && fail "exit status $status"; }
exits 0 only_on "$from" db1
clean db1
restart_tpm "$to"

echo "# the source is another machine: its own verifier is to be asked there"
exits 1 va "$to" permit db1 "$(to "$to")" -c "$(to "$from")" --live
says err "run 'virt-attest permit db1 $(to "$to")' there first"
no_permits "$to"
clean db1
exits 0 va "$to" migrate db1 "$(to "$to")" -c "$(to "$from")" --live
end_guest "$to" db1

echo "# one that is switched off has it in its configuration, and goes with it"
domain_xml db2 >"$dir/db2.xml"
on "$from" virsh -q -c "$libvirt" define "$dir/db2.xml"
exits 0 va "$from" permit db2 "$(to "$to")" --offline --persistent
exits 0 has_pass "$from" db2 --config
exits 0 va "$from" migrate db2 "$(to "$to")" --offline --persistent
on "$to" virsh -q -c "$libvirt" dominfo db2 >"$dir/out"
clean db2

echo "# one that is defined and runs: in both"
on "$from" virsh -q -c "$libvirt" start db2
on "$to" virsh -q -c "$libvirt" undefine db2
exits 0 va "$from" permit db2 "$(to "$to")" --live
exits 0 has_pass "$from" db2
exits 0 has_pass "$from" db2 --config
exits 0 va "$from" migrate db2 "$(to "$to")" --live --persistent
exits 0 only_on "$to" db2
clean db2
exits 0 va "$from" audit verify
end_guest "$to" db2
on "$to" virsh -q -c "$libvirt" undefine db2

echo "# a destination that wants a pass: by permit and virsh once, by migrate always"
mkdir -p "$dir/$to/etc/libvirt/hooks/qemu.d" "$dir/$to/etc/virt-attest/verifiers.d"
install -m 0755 "$source_dir/hooks/libvirt/50-virt-attest" "$dir/$to/etc/libvirt/hooks/qemu.d/"
exits 0 va "$from" key
cp "$dir/out" "$dir/$to/etc/virt-attest/verifiers.d/$from.pem"
guest_mib=8 start_guest "$from" db1
home() {
	exits 0 only_on "$to" db1
	keeps_ticking db1
	exits 0 migrate "$to" "$from" db1
}
exits 1 migrate "$from" "$to" db1
says err 'it carries none'
exits 0 va "$from" permit db1 "$(to "$to")" --live
exits 0 migrate "$from" "$to" db1
home
exits 1 migrate "$from" "$to" db1
says err 'used before'
on "$from" virsh -q -c "$libvirt" dumpxml --migratable db1 >"$shared/there.xml"
for how in '' '--p2p --tunnelled' "--xml $shared/there.xml"; do
	# shellcheck disable=SC2086 # words
	exits 0 va "$from" migrate db1 "$(to "$to")" --live $how
	home
	clean db1
done
exits 1 va "$to" migrate db1 "$(to "$to")" -c "$(to "$from")" --live
says err "run 'virt-attest permit db1 $(to "$to")' there first"
exits 0 only_on "$from" db1
exits 0 va "$from" permit db1 "$(to "$to")" --live
exits 0 va "$to" migrate db1 "$(to "$to")" -c "$(to "$from")" --live
home
sound db1 || fail "not sound"
