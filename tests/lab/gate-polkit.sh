#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The polkit gate, with the real polkitd: a caller that is not root migrates
# with a permit alone, and a permit grants nothing that the site refuses.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/polkit-lib.sh"
[ -x /usr/lib/polkit-1/polkitd ] || { echo "SKIP: no polkitd here" && exit 77; }

# shellcheck disable=SC2119 # the usual hosts
lab_up
polkit_up host-a
# alice is her own client of the destination's libvirt in a direct migration.
chmod 711 "$dir/host-a/etc/pki/libvirt/private"
chmod 644 "$dir/host-a/etc/pki/libvirt/private/clientkey.pem"
start_guest host-a db1
uuid=$(on host-a virsh -q domuuid db1)

# The verifier's word about permits, spoken by a script: `says_permits JSON`.
says_permits() {
	local answer=$dir/host-a/run/virt-attest/answer
	echo "{\"return\":{\"permits\":[$1]},\"id\":1}" >"$answer"
	[ -z "${pid_of[host-a-script]-}" ] || return 0
	halt host-a verifierd
	launch host-a script socat UNIX-LISTEN:/run/virt-attest/verifierd.sock,fork,mode=666 \
		SYSTEM:'head -n 1 >>/run/virt-attest/asked; cat /run/virt-attest/answer'
	until_true 20 on host-a test -S /run/virt-attest/verifierd.sock
}
a_permit() { echo "{\"domain\":\"db1\",\"uuid\":\"$1\",\"host\":\"host-b\",\"destination\":\"x\",\"seconds_left\":9,\"used\":$2}"; }

# asks [OPTION...]: alice's virsh.
asks() { as_alice host-a virsh -q -c "$libvirt" migrate --live "$@" db1 "$(to host-b)"; }
# stays TEXT [OPTION...]: polkitd says TEXT about it.
stays() {
	local text=$1 before
	shift
	before=$(wc -l <"$dir/host-a-polkitd.log")
	exits 1 asks "$@"
	says err "access denied"
	exits 0 only_on host-a db1
	[ -z "$text" ] || tail -n "+$((before + 1))" "$dir/host-a-polkitd.log" | grep -q -- "$text" ||
		fail "polkitd does not say '$text'"
}
# goes [OPTION...]: and comes back, by root's hand on host-a: libvirt's access
# driver knows no caller that came over TLS, and refuses it.
goes() {
	exits 0 asks "$@"
	exits 0 only_on host-b db1
	exits 0 on host-a virsh -q -c "$(to host-b)" migrate --live db1 "$libvirt"
	exits 0 only_on host-a db1
}

# site ANSWER: the site's own rule, for all that alice does but to migrate.
site() {
	rule host-a 80-site.rules <<-RULE
	polkit.addRule(function (action, subject) {
		if (action.id.indexOf("org.libvirt.api.") === 0 && subject.user === "alice")
			return action.id === "org.libvirt.api.domain.migrate" ? "$1" : "yes";
	});
	RULE
}

echo "# without our rule: as the site says"
site no
stays ""
site yes
goes

echo "# with it: nobody without a permit, whatever the site says, and by no way"
rule host-a 00-virt-attest.rules < <(sed "s|^.*HELPER = .*|	var HELPER = \"$dir/bin/virt-attest-permitted\";|" \
	"$VIRT_ATTEST_BIN/../gates/polkit/00-virt-attest.rules")
says_permits ""
for how in '' --p2p '--p2p --tunnelled'; do
	# shellcheck disable=SC2086 # words
	stays "alice may not migrate db1 ($uuid).*it has no permit.*What to do: run 'virt-attest permit db1" $how
done
grep -q "\"uuid\":\"$uuid\"" "$dir/host-a/run/virt-attest/asked" || fail "it was not asked about $uuid"

echo "# with one it goes: open, or used by a gate that asked before"
says_permits "$(a_permit "$uuid" false)"
goes
goes --p2p
says_permits "$(a_permit "$uuid" true)"
goes

echo "# another domain's is none"
says_permits "$(a_permit "${uuid%?}x" false)"
stays "it has no permit"

echo "# a permit grants nothing that the site refuses"
says_permits "$(a_permit "$uuid" false)"
site no
stays ""
site yes
goes

echo "# root is not asked"
says_permits ""
exits 0 migrate host-a host-b db1
exits 0 on host-a virsh -q -c "$(to host-b)" migrate --live db1 "$libvirt"

echo "# nothing comes in over TLS where the access driver is on"
exits 0 migrate host-a host-b db1
exits 1 migrate host-b host-a db1
says err "access denied"
exits 0 on host-a virsh -q -c "$(to host-b)" migrate --live db1 "$libvirt"

echo "# the verifier is dead"
halt host-a script || true
on host-a rm -f /run/virt-attest/verifierd.sock
stays "What to do"

echo "# the verifier's own permits, told to a reader alone"
start_verifierd host-a
exits 0 va host-a permit db1 "$(to host-b)"
stays "not in the read group"
halt host-a verifierd
echo 'read_group = "readers"' >>"$dir/host-a/etc/virt-attest/verifierd.conf"
start_verifierd host-a
stays "it has no permit"
exits 0 va host-a permit db1 "$(to host-b)"
goes
goes --p2p
halt host-a verifierd # and its permits with it
start_verifierd host-a
exits 0 va host-a permit db1 "$(to host-b)" --unchecked # has no UUID
stays "it has no permit"
exits 0 va host-a permit "$uuid" "$(to host-b)" --unchecked
goes
echo "# ... and none when its host is no longer trusted"
tamper host-b
exits 2 va host-a verify host-b
stays "it has no permit"
restart_tpm host-b

echo "# whom a permit let begin may end it, when its time is long over"
end_guest host-a db1
guest_mib=64 start_guest host-a db1
uuid=$(on host-a virsh -q domuuid db1)
halt host-a verifierd
on host-a rm -f /run/virt-attest/verifierd.sock
says_permits "$(a_permit "$uuid" true)"
began=$(sent_bytes host-a memory)
flows() { [ "$(sent_bytes host-a memory)" -gt $((began + (4 << 20))) ]; }
into host-a
"${way[@]}" setpriv --reuid "$alice" --regid "$alice" --clear-groups \
	virsh -q -c "$libvirt" migrate --live --bandwidth 16 db1 "$(to host-b)" >"$dir/out" 2>"$dir/err" &
pid_of[slow]=$!
until_true 60 flows
says_permits ""
stays "it has no permit" --p2p # another process of hers
wait "${pid_of[slow]}" || { cat "$dir/err" >&2 && fail "it did not end in order"; }
unset "pid_of[slow]"
exits 0 only_on host-b db1
exits 1 on host-a virsh -q -c "$libvirt" domstate db1
end_guest host-b db1
for one in script polkitd bus; do halt host-a "$one" || true; done
