#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The hook lets through what is not its own and refuses whatever is no proof.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

ask=("$bin/virt-attest-hook" -S "$dir/v.sock")
to=qemu+tls://host-a/system

echo "# libvirt's other calls cost nothing"
for other in "start begin -" "stopped end -" "prepare begin -" "release end migrated" \
	"migrate begin -" "restore begin -" "reconnect begin -" "attach begin -"; do
	# shellcheck disable=SC2086 # the words of a call
	exits 0 "${ask[@]}" db1 $other
done
[ -z "$(cat "$dir/out" "$dir/err")" ] || fail "the hook said something"

echo "# nobody, nothing, no destination"
exits 1 "${ask[@]}" db1 migrate pmc "$to"
exits 1 "${ask[@]}" db1 migrate pmc -
exits 2 "${ask[@]}" db1 migrate pmc
exits 1 "${ask[@]}"
says err 'usage: virt-attest-hook'

echo "# a slip of the fingers is no pass"
while read -r words; do
	# shellcheck disable=SC2086 # the words of a call
	exits 1 "${ask[@]}" $words
	says err 'usage'
done <<-CALLS
	db1 migrat pmc $to
	db1 Migrate pmc $to
	db1 migrate begin $to
	db1 migrate PMC $to
	migrate db1 pmc $to
	db1 migrate
	db1 migrate begin
	db1 $to
	db1 migrate pmc2 -
	--help
CALLS
exits 2 "${ask[@]}" db1 migrate pmc "$to" "$to"

# false_verifier FILE: answers one question with what is in FILE, hangs up.
false_verifier() {
	rm -f "$dir/v.sock"
	socat -t 0.1 "UNIX-LISTEN:$dir/v.sock" "SYSTEM:head -n 1 >/dev/null; cat '$1'" >/dev/null 2>&1 &
	pid_of[false]=$!
	until_true 60 test -S "$dir/v.sock"
}

# answered STATUS ANSWER
answered() {
	printf '%b' "$2" >"$dir/answer"
	false_verifier "$dir/answer"
	exits "$1" "${ask[@]}" db1 migrate pmc "$to"
	[ "$1" = 0 ] || [ "$(wc -l <"$dir/err")" = 1 ] || fail "not one line: $(cat "$dir/err")"
	stop false KILL
}

echo "# half an answer, two answers, another's answer, a contradiction"
proof='"host":"host-a","golden":1,"time":1,"differences":[],"boot_session":{"reset_count":1,"restart_count":0,"clock_ms":1,"safe":true}'
answered 1 ''
answered 1 '{"return":{"verdict":"trus'
answered 1 '{"return":{},"id":1}\n'
answered 1 '{"return":{"verdict":"trusted"},"id":1}\n'
answered 1 "{\"return\":{\"verdict\":\"trusted\",\"reasons\":[],\"age_ms\":0,$proof},\"id\":2}\n"
answered 1 "{\"return\":{\"verdict\":\"trusted\",\"reasons\":[],\"age_ms\":5000,$proof},\"id\":1}\n"
answered 1 "{\"return\":{\"verdict\":\"trusted\",\"reasons\":[{\"code\":\"golden\"}],\"age_ms\":0,$proof},\"id\":1}\n"
answered 1 "{\"return\":{\"verdict\":\"trusted\",\"reasons\":[],\"age_ms\":0,$proof},\"id\":1}\n{}\n"
answered 1 '{"error":{"class":"Internal","desc":"x"},"id":1}\n'
answered 1 'trusted\n'
for other in untrusted unreachable stale unknown yes; do
	answered 1 "{\"return\":{\"verdict\":\"$other\",\"reasons\":[],\"age_ms\":0,$proof},\"id\":1}\n"
done
# The honest answer passes: the refusals above have no other reason.
answered 0 "{\"return\":{\"verdict\":\"trusted\",\"reasons\":[],\"age_ms\":0,$proof},\"id\":1}\n"

# A verifier that knows host-a, by name and address, and host-b; all trusted.
cat >"$dir/knowing" <<-EOF
	#!/bin/sh
	read -r line
	echo "\$line" >>"$dir/asked"
	proof='"golden":1,"time":1,"differences":[],"boot_session":{"reset_count":1,"restart_count":0,"clock_ms":1,"safe":true}'
	verdict=trusted host=host-b reasons=
	case \$line in
	*host-a* | *10.0.0.1*) host=host-a ;;
	*host-c*) verdict=untrusted reasons='{"code":"golden"}' ;;
	esac
	echo "{\"return\":{\"verdict\":\"\$verdict\",\"host\":\"\$host\",\"reasons\":[\$reasons],\"age_ms\":0,\$proof},\"id\":1}"
EOF
chmod +x "$dir/knowing"
rm -f "$dir/v.sock"
socat -t 1 "UNIX-LISTEN:$dir/v.sock,fork" "EXEC:$dir/knowing" >/dev/null 2>&1 &
pid_of[knowing]=$!
until_true 60 test -S "$dir/v.sock"

echo "# several destinations: each is asked about, and all are one host"
# asked STATUS QUESTIONS DESTINATIONS
asked() {
	: >"$dir/asked"
	exits "$1" "${ask[@]}" db1 migrate pmc "$3"
	[ "$(wc -l <"$dir/asked")" = "$2" ] || fail "$3: asked $(cat "$dir/asked")"
}
asked 0 1 "$to"
asked 0 2 "$to tcp:host-a:49152"
asked 0 3 "$to tcp://10.0.0.1:49152 tcp://host-a:49153"
asked 0 4 "$to $to $to $to"
asked 2 2 "$to tcp:host-b:49152"
says err "these are two hosts, 'host-a' and 'host-b'"
asked 2 3 "$to tcp://host-a tcp://host-b:49153"
asked 2 2 "tcp:host-b:49152 $to"
asked 2 2 "$to tcp:host-c:49152"
says err "to 'tcp:host-c:49152' refused: host-b is untrusted"
asked 2 1 "tcp:host-c:49152 $to"

echo "# what is not written as it should be"
asked 2 0 " $to"
asked 2 1 "$to "
asked 2 1 "$to  $to"
asked 2 4 "$to $to $to $to $to"
says err 'one to four URIs'
asked 2 0 "$(printf '%08000d' 0)"
