#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The live table in a terminal (tmux is one): trouble on top, every size, a
# verifier that goes and comes, and the terminal as it was afterwards.  Without a
# terminal it is told once.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --host host-b --verifier verifier >/dev/null
for host in a b; do
	start_tpm "tpm-$host"
	start_agent "agent-$host" "host-$host" "tpm-$host"
done
start_verifier -o reattest_s=1
for host in a b; do
	va enroll "host-$host" --address "127.0.0.1:${port_of[agent-$host]}" --ek-sha256 "${ek_of[tpm-$host]}" --yes >"$dir/enrolled" 2>&1
done

# Its own server, settings and socket.
screen() { tmux -S "$dir/tmux" -f /dev/null "$@"; }
at_end() { screen kill-server 2>/dev/null; }
# screen_has TEXT [LINE]: on the screen, or on that line of it.
screen_has() { screen capture-pane -p -t 0 | sed -n "${2:-1,\$}p" | grep >/dev/null -- "$1"; }
screen_has_not() { ! screen_has "$@"; }
screen_says() { until_true 60 screen_has "$@"; }
type() { screen send-keys -t 0 "$@"; }
run() { type -l "$*" && type Enter; }
value() { screen display-message -p -t 0 "#{$1}"; }

echo "# no terminal: once, as lines"
until_true 60 hook host-a migrate pmc qemu+tls://host-a/system || true
exits 0 va status --watch
says out '^2 hosts: 2 trusted$'
says out '^host-b  *trusted '
[ "$(wc -l <"$dir/out")" = 4 ] || fail "more than a head and two hosts"
! grep -q $'\033' "$dir/out" || fail "an escape sequence in a pipe"
exits 1 va status --watch --json
says err "virt-attest watch --json"

echo "# a terminal of 80 columns"
screen new-session -d -x 80 -y 24 "env -u NO_COLOR -u COLUMNS LC_ALL=C.UTF-8 PS1='ready ' bash --norc --noprofile -i"
watch="$bin/virt-attest -S $dir/v.sock status --watch"
run "stty -g >$dir/tty-before; TERM=dumb $watch"
screen_says '^2 hosts: 2 trusted'
[ "$(value alternate_on)" = 0 ] || fail "a picture on a dumb terminal"
run "clear; $watch; echo it ended with \$?"
screen_says '^2 hosts: 2 trusted  .* UTC$' 1
screen_says '^HOST     VERDICT        AGE REASON' 3
screen_says 'answers [0-9.]*/s  rounds [0-9.]*/s' 2
[ "$(value alternate_on),$(value cursor_flag)" = 1,0 ] || fail "not on the other screen, or with a cursor"
screen capture-pane -p -e -t 0 | grep >/dev/null $'\033\\[32mtrusted' || fail "trusted is not green"

echo "# trouble comes on top"
extend tpm-b 7 another
screen_says '^host-b   untrusted .* s golden: PCR 7 (sha256), against golden value' 4
screen_says '^2 hosts: 1 untrusted, 1 trusted' 1
stop agent-a
screen_says '^2 hosts: 1 untrusted, 1 unreachable  ' 1

exits 0 va status
says out '^hosts     2: 1 untrusted, 1 unreachable$'
says out '^  host-b  *untrusted  *[0-9]* s  the PCRs match no active golden value: PCR 7'
says out '^agents    1 of 2 connected, '
says out '^answers   [0-9]*, 0 of them as kept: .* trusted'
says out '^waiting   0$'

echo "# another size"
screen resize-window -x 200 -y 50
screen_says '^host-b   untrusted .* 127.0.0.1 .* the PCRs match no .* against golden value' 4
screen_says '^q ends' 50
screen resize-window -x 40 -y 12
screen_says '^host-b   untrusted .*…$' 4
screen_says '^q ends' 12
screen resize-window -x 80 -y 24

echo "# the verifier goes, and comes"
stop verifier
screen_says '^no verifier for [0-9]* s: ' 2
screen_says '^host-b   untrusted ' 4
start_agent agent-a host-a tpm-a
start_verifier -o reattest_s=1
screen_says '^waiting 0  answers' 2
screen_says '^2 hosts: 1 untrusted, 1 trusted' 1
va forget host-b --yes >/dev/null
screen_says '^1 host: 1 trusted' 1

# ended STATUS: and the terminal is as it was.
ended() {
	screen_says "^it ended with $1"
	run "clear; stty -g | diff - $dir/tty-before && echo as before"
	screen_says '^as before'
	[ "$(value alternate_on),$(value cursor_flag),$(value wrap_flag)" = 0,1,1 ] || fail "the terminal is not as it was"
	run clear
	until_true 60 screen_has_not "as before"
}
again() {
	run "clear; $watch; echo it ended with \$?"
	screen_says '^1 host: 1 trusted' 1
}
echo "# ends, and gives the terminal back"
type q
ended 0
again
type C-c
ended 0
again
kill -TERM "$(pgrep -P "$(value pane_pid)" -x virt-attest)"
ended 143
echo "# stopped, and continued"
run "$watch"
screen_says '^1 host: 1 trusted' 1
type C-z
screen_says 'Stopped'
[ "$(value alternate_on),$(value cursor_flag)" = 0,1 ] || fail "stopped, and still on the other screen"
run "fg; echo it ended with \$?"
on_the_other_screen() { [ "$(value alternate_on)" = 1 ]; }
until_true 60 on_the_other_screen
screen_says '^1 host: 1 trusted' 1
type q
ended 0
echo "# in plain"
run "NO_COLOR=1 $watch"
screen_says '^1 host: 1 trusted' 1
! screen capture-pane -p -e -t 0 | grep >/dev/null $'\033\\[' || fail "colours, with NO_COLOR"
echo "# one that takes the question and says no more is not waited for without end"
mute=$dir/mute.sock
echo '{"return":{},"id":1}' >"$dir/answer"
socat "UNIX-LISTEN:$mute" "SYSTEM:read -r question; cat $dir/answer; exec cat" &
pid_of[mute]=$!
until_true 20 test -S "$mute"
status=0
timeout 30 "$bin/virt-attest" -S "$mute" status --watch >"$dir/said" 2>&1 </dev/null || status=$?
[ "$status" = 3 ] || fail "it ended with $status"
says said 'has not said within 10 seconds'
