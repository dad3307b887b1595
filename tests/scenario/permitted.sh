#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# polkit's helper: a yes for a permit of this domain alone, and a no in time from
# whatever else the socket says.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
uuid=6e1c8c1f-64ae-4d0a-8f6a-0e6f8f1cbd5a
ask() { "$bin/virt-attest-permitted" -S "$dir/v.sock" "$@"; }
permit() { echo "{\"domain\":\"db1\",\"uuid\":\"$1\",\"host\":\"host-b\",\"destination\":\"host-b\",\"seconds_left\":${3:-9},\"used\":$2}"; }
permits() { echo "{\"return\":{\"permits\":[$1]},\"id\":1}"; }

# served SCRIPT: what listens from now on.
served() {
	[ -z "${pid_of[script]-}" ] || stop script
	rm -f "$dir/v.sock"
	socat "UNIX-LISTEN:$dir/v.sock,fork" SYSTEM:"$1" >"$dir/script.log" 2>&1 &
	pid_of[script]=$!
	until_true 20 socket_listens "$dir/v.sock"
}
# says_no ANSWER TEXT
says_no() {
	echo "$1" >"$dir/answer"
	exits 2 ask "$uuid"
	[ ! -s "$dir/out" ] || fail "it says $(cat "$dir/out")"
	says err "$2"
}
# says_yes ANSWER WORD
says_yes() {
	echo "$1" >"$dir/answer"
	exits 0 ask "$uuid"
	[ "$(cat "$dir/out")" = "$2" ] || fail "it says $(cat "$dir/out"), not $2"
}

echo "# nobody listens, and usage"
exits 2 ask "$uuid"
exits 1 ask
for bad in "" "$uuid$uuid" "${uuid^^}" "${uuid%?}" "undefined" "${uuid//-/0}" "$uuid/"; do exits 1 ask "$bad"; done

echo "# a permit, of this domain"
served "head -n 1 >>$dir/asked; cat $dir/answer"
says_yes "$(permits "$(permit "$uuid" false)")" open
says asked "\"execute\":\"permits\",\"arguments\":{\"uuid\":\"$uuid\"}"
says_yes "$(permits "$(permit "$uuid" true)")" used
says_yes "$(permits "$(permit "$uuid" true),$(permit "$uuid" false)")" open
says_yes "$(permits "$(permit "$uuid" false),$(permit "$uuid" true)")" open

echo "# none"
says_no "$(permits '')" "it has no permit"
says_no "$(permits "$(permit "${uuid%a}b" false)")" "it has no permit"
says_no "$(permits '{"domain":"db1","used":false,"seconds_left":9}')" "it has no permit"
says_no "$(permits "$(permit "$uuid" '"no"')")" "it has no permit"
says_no "$(permits "$(permit "$uuid" false -1)")" "it has no permit"
says_no "$(permits "$(permit "$uuid" false)" | sed 's/"id":1/"id":2/')" "another question"
says_no '{"error":{"class":"Denied","desc":"uid 996 may not read"},"id":1}' "may not read"
says_no '{"return":{},"id":1}' permits
says_no "nonsense" "virt-attest:"
says_no "$(printf '{"error":{"class":"Denied","desc":"a\\u001b[31m"},"id":1}')" "virt-attest:"
grep -q "$(printf '\033')" "$dir/err" && fail "an escape reaches the log"
head -c 400000 /dev/zero | tr '\0' ' ' >"$dir/answer"
exits 2 ask "$uuid"

echo "# one that hangs, and one that says a byte now and then, are left in time"
for script in "sleep 60" "while printf x; do sleep 0.2; done"; do
	served "$script"
	began=$SECONDS
	exits 2 ask "$uuid"
	[ $((SECONDS - began)) -le 3 ] || fail "$((SECONDS - began)) s"
done
