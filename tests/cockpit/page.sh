#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The page in Cockpit, as an operator sees it: hosts live, a difference in words,
# golden values approved and revoked, a reader who may not, a verifier that goes
# and comes back.  SHOTS=FOLDER keeps pictures.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

shot() {
	[ -z "${SHOTS-}" ] || browser shot "$SHOTS/$1.png"
}
see() { browser see "$@" || fail "the page: see $*"; }
gone() { browser gone "$@" || fail "the page: gone $*"; }
click() { browser click "$@" || fail "the page: click $*"; }
is() { [ "$(browser run "return $1")" = "$2" ] || fail "the page: $1 is not $2"; }
row() { echo "tr[data-host='$1'] [data-state='$2']"; }

logs=$source_dir/tests/fixtures/bootlog
log=$dir/boot-log # of host-a
evil="<img src=x onerror=hit=1>      "
"$source_dir/tests/cockpit/reword-log" "apparmor=0 module.sig_enforce=0" "$evil" <"$logs/cmdline.log" >"$dir/evil.boot"
cp "$logs/grub.log" "$log"
"$pki" make "$dir/pki" --host host-a --host host-b --verifier verifier >/dev/null
start_tpm tpm-a
start_tpm tpm-b
boots tpm-a "$log"
start_agent agent-a host-a tpm-a -o "boot_log=$log" -o ima_log=
start_agent agent-b host-b tpm-b
start_verifier -o read_group=games -o admin_group=staff
start_cockpit root root
start_cockpit reader nobody games
start_cockpit changer nobody staff
start_cockpit nobody nobody
start_browser 1280 900

echo "# where the socket is: as libconfig reads it"
browser go "${page_of[root]}"
socket_of() {
	local got
	got=$(browser run "return import('${page_of[root]%/*}/place.js').then(m => m.socket_of($1)).catch(e => 'refused')")
	[ "$got" = "\"$2\"" ] || fail "socket_of($1) is $got"
}
socket_of "''" /run/virt-attest/verifierd.sock
socket_of "'socket = \"/a/b\"'" /a/b
socket_of "'x = 1; socket: \"/a/b\";'" /a/b
socket_of "'#socket = \"/a/b\"\\n// socket = \"/c\"\\n/* socket = \"/d\" */'" /run/virt-attest/verifierd.sock
socket_of "'read_group = \"# socket = \"\\nsocket = \"/a#b\" # not /c'" "/a#b"
socket_of "'events_dir = \"x socket = y\"'" /run/virt-attest/verifierd.sock
socket_of "'my_socket = \"/a\"'" /run/virt-attest/verifierd.sock
socket_of "'socket = \"a/b\"'" refused
socket_of "'socket = \"/a\" \"/b\"'" refused
socket_of "'socket = 7'" refused
socket_of "'socket = \"/\\\\x41\"'" refused
socket_of "'socket = \"/' + 'a'.repeat(107) + '\"'" refused

echo "# no host; then two, without a reload"
browser go "${page_of[root]}"
see h2 "No host is enrolled"
shot empty
for one in a b; do
	exits 0 va enroll "host-$one" --address "127.0.0.1:${port_of[agent-$one]}" --ek-sha256 "${ek_of[tpm-$one]}" \
		--pcrs sha256:0,2,4,7,8,9 --label "rack $one" --yes
	exits 0 va verify "host-$one"
done
see "$(row host-a trusted)"
see "$(row host-b trusted)"
see ".chip[data-state=trusted]" 2

echo "# a PCR that changes is seen without a reload"
extend tpm-b 7 "another policy"
exits 2 va verify host-b
see "$(row host-b untrusted)"
see ".chip[data-state=untrusted]" 1
browser type .search "host-a"
gone "tr[data-host=host-b]"
browser type .search "PCR 7"
see "tr[data-host=host-b]"
gone "tr[data-host=host-a]"
click ".chip[data-state=trusted]"
see h2 "No host matches"
click button "Show all"
see "tr[data-host=host-a]"

echo "# a difference in words, and markup of a host is text"
reboot tpm-a "$dir/evil.boot"
cp "$dir/evil.boot" "$log"
exits 2 va verify host-a
see "$(row host-a untrusted)"
shot hosts
click "tr[data-host=host-a] a"
see ".difference" "the kernel command line changed"
see ".difference" "<img src=x onerror=hit=1>"
see ".difference .remedy" "/etc/default/grub"
see "#history .badge" "untrusted"
is "window.hit ?? document.querySelectorAll('img').length" 0
shot host

echo "# a candidate is approved, and the host is trusted again"
exits 0 va golden add host-a --label "$evil"
browser go "${page_of[root]}#/golden"
see "tr[data-golden='3']" "<img src=x"
is "window.hit ?? document.querySelectorAll('img').length" 0
shot golden
click "tr[data-golden='3'] [data-do=approve]"
see "dialog h2" "Approve golden value 3"
shot approve
click "dialog button" "Approve"
see "tr[data-golden='3'] [data-state=active]"
gone dialog
browser go "${page_of[root]}#/host/host-a"
click button "Ask now"
see "h2.host [data-state=trusted]"
see "#verdict" "Every check holds"
click ".goldens a" "#3"
see ".pcrs" "PCR 7"
shot golden-3

echo "# revoked behind a question; a no changes nothing"
browser go "${page_of[root]}#/golden"
click "tr[data-golden='3'] [data-do=revoke]"
see dialog "1 host would stop being trusted at once: host-a"
shot revoke
click "dialog button" "Cancel"
gone dialog
exits 0 va verify host-a
click "tr[data-golden='3'] [data-do=revoke]"
click "dialog button" "Revoke"
see "tr[data-golden='3'] [data-state=revoked]"
exits 2 va verify host-a
exits 0 va audit show
says out "golden=3 active -> revoked"

echo "# what the verifier refuses is shown where it was asked for"
exits 0 va golden add host-a --label "soon gone"
browser go "${page_of[root]}#/"
browser go "${page_of[root]}#/golden"
click "tr[data-golden='4'] [data-do=approve]"
exits 0 va golden revoke 4
click "dialog button" "Approve"
see "dialog .alert" "This was not done"
click "dialog button" "Cancel"

echo "# before a migration: libvirt's own test driver has a guest"
browser go "${page_of[root]}#/check"
see "#guest" test
browser type "#uri" "qemu+tls://host-a/system"
click button Check
see "#report .alert" "test may not go to qemu+tls://host-a/system"
see "[data-group=block] .finding" "cache mode"
see "[data-group=block] .remedy" "use the cache mode none"
see "[data-group=pass] summary" "In order"
shot check
browser go "${page_of[root]}#/"
browser go "${page_of[root]}#/check"
see "#guest" test
browser type "#uri" "--help"
click button Check
see "#report .alert" "could not be made"

echo "# the verifier dies, and comes back"
browser go "${page_of[root]}#/"
see "tr[data-host=host-a]"
stop verifier KILL
see .alert "The verifier does not answer"
see "tr[data-host=host-a]"
shot down
start_verifier -o read_group=games -o admin_group=staff
gone .alert
exits 2 va verify host-b
see "$(row host-b untrusted)"

echo "# who may read sees all and has no button; the wire refuses him, too"
browser go "${page_of[reader]}"
see "tr[data-host=host-a]"
see .alert "Read only"
exits 0 va golden add host-a --label "for nobody"
browser go "${page_of[reader]}#/golden"
see "tr[data-golden='5']"
is "document.querySelectorAll('[data-do]').length" 0
shot reader
browser run "const c = cockpit.channel({payload: 'stream', unix: '$dir/v.sock', superuser: 'try'});
	c.addEventListener('message', (_, text) => { document.title = text; });
	c.send('{\"execute\":\"golden-approve\",\"arguments\":{\"id\":5}}\n'); document.title = 'asked'" >/dev/null
until_true 20 eval 'browser run "return document.title" | grep -q Denied'

echo "# with administrative access he changes as root"
become_administrator
see "tr[data-golden='5'] [data-do=approve]"
gone .alert
click "tr[data-golden='5'] [data-do=approve]"
click "dialog button" "Approve"
see "tr[data-golden='5'] [data-state=active]"
audit() { va audit show | grep -E "$1"; }
until_true 10 audit "uid=0 +golden-set .*golden=5 candidate -> active"

echo "# a member of the admin group changes as himself, without it"
browser go "${page_of[changer]}#/golden"
click "tr[data-golden='5'] [data-do=revoke]"
click "dialog button" "Revoke"
see "tr[data-golden='5'] [data-state=revoked]"
gone .alert
until_true 10 audit "uid=65534 +golden-set .*golden=5 active -> revoked"

echo "# who may nothing is told whom to ask"
browser go "${page_of[nobody]}"
see .alert "You may not ask the verifier"
gone "tr[data-host]"
shot denied
become_administrator
see "tr[data-host=host-a]"
gone .alert

echo "# a socket that somebody else could have made is not asked"
chmod 777 "$dir"
browser go "${page_of[root]}"
see .alert "others may write to $dir"
gone "tr[data-host]"
chmod 755 "$dir"
gone .alert
see "tr[data-host=host-a]"
chown games "$dir/v.sock"
browser go "${page_of[root]}"
see .alert "v.sock belongs to games"
gone "tr[data-host]"
chown root "$dir/v.sock"

echo "# a verifier that hangs: trust ends with its time, and the silence is told"
stop verifier
start_verifier -o read_group=games -o admin_group=staff -o max_age_s=3 -o deadline_ms=2000
gone .alert
exits 0 va golden add host-a --label "last"
exits 0 va golden approve 6
exits 0 va verify host-a
see "$(row host-a trusted)"
kill -STOP "${pid_of[verifier]}"
see "$(row host-a stale)"
see "tr[data-host=host-a] .why" "nothing was heard for longer than a verdict holds"
see .alert "The verifier is silent"
kill -CONT "${pid_of[verifier]}"
gone .alert
is "window.hit ?? 0" 0
stop_browser
