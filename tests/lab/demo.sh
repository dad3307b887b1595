#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The main job, told to somebody who has never seen a TPM: guests move between
# two libvirt hosts, and are kept from one that was tampered with; by our command
# first, by gates in the way of stock virsh then.  All of it is real but the
# TPMs, which are software, and systemd, whose part is played here.  What is told
# is looked at, too: where it is not so, this fails.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/demo-gates.sh"

trap 'exit 130' INT # and EXIT's trap ends all of it
began_at=$EPOCHREALTIME
terminal='' width=100 bold='' plain=''
if [ -t 1 ]; then
	terminal=yes bold=$'\033[1m' plain=$'\033[0m'
	width=$(tput cols 2>/dev/null || echo 80)
	width=$((width < 80 ? 80 : width > 110 ? 110 : width))
fi

# wrapped: long lines are broken between words, and go on below where their words began.
wrapped() {
	awk -v width="$width" 'BEGIN { for (i = 0; i < 64; i++) digest = digest "[0-9a-f]" }
	$0 ~ "^ .* " digest { # columns
		print
		next
	}
	{
		line = $0
		match(line, /^ *(=> |BLOCK +[^ ]+ +|WARN +[^ ]+ +|not run +[^ ]+ +|NOT RUN +[^ ]+ +|pass +[^ ]+ +|source: +|destination: +|what [a-z ]+: +|also: +|(on|broken|unknown) +(trust file|lock driver|network) +)?/)
		hang = sprintf("%" RLENGTH "s", "")
		while (length(line) > width) {
			for (at = width + 1; at > length(hang) + 1 && substr(line, at, 1) != " "; at--)
				;
			if (at <= length(hang) + 1)
				break
			print substr(line, 1, at - 1)
			line = hang substr(line, at + 1)
		}
		print line
	}'
}
step() { printf '\n%s%s%s\n' "$bold" "$(wrapped <<<"$*")" "$plain"; }
note() { wrapped <<<" => $*"; }

# typed HOST TEXT: what is typed there, and what this script does in its place.
typed() { wrapped <<<"$1# $2"; }

# prompt HOST COMMAND...: as it would be typed there.
prompt() {
	local word line="$1#"
	for word in "${@:2}"; do
		case $word in *[!A-Za-z0-9_./:,=+-]*) line+=" '$word'" ;; *) line+=" $word" ;; esac
	done
	echo "$line"
}

# show STATUS HOST COMMAND...: what it says there; of much, the lines like $only.
only=''
show() {
	local got=0
	prompt "${@:2}"
	on "${@:2}" </dev/null >"$dir/out" 2>&1 || got=$?
	if [ -z "$only" ]; then
		grep . "$dir/out" || true
	else
		grep -E "$only" "$dir/out" >"$dir/some" || fail "no such line: $only"
		cat "$dir/some"
		echo "($(wc -l <"$dir/some") of $(wc -l <"$dir/out") lines)"
	fi | sed 's/^/    /; s/Child process (.*) unexpected/Child process (...) unexpected/' | wrapped
	[ "$got" = "$1" ] || fail "exit status $got, not $1: ${*:2}"
}

# virsh asks who sits at a terminal for passwords, where there is one.
on() {
	into "$1"
	setsid -w "${way[@]}" "${@:2}"
}

# ------------------------------------------------------------ a guest that moves

guest_mib=64
mib=$((1 << 20))

# When each line of db1's console came.
record() {
	mkfifo "$dir/ticks"
	tail -n +1 -s 0.01 -f "$shared/db1.console" >"$dir/ticks" &
	pid_of[tail]=$!
	while IFS= read -r line; do echo "$EPOCHREALTIME $line"; done <"$dir/ticks" >"$dir/ticked" &
	pid_of[record]=$!
}

# longest_pause SINCE: between two ticks, in ms.
longest_pause() {
	awk -v since="$1" '$1 >= since - 0.2 { if (last && $1 - last > most) most = $1 - last; last = $1 }
		END { printf "%d\n", most * 1000 }' "$dir/ticked"
}

# bar: the progress of a migration, as a terminal has it, or some lines of it.
bar() {
	local piece percent last=-100 open=''
	while IFS= read -r -d $'\r' piece || [ -n "$piece" ]; do
		piece=${piece//$'\n'/}
		percent=${piece% %, *}
		percent=${percent##* }
		if [[ $piece != *" %, "* ]]; then
			[ -z "$piece" ] || wrapped <<<"$open    $piece"
			open=''
		elif [ -n "$terminal" ]; then
			printf '\r    %s' "$piece"
			open=$'\n'
		elif [ "$percent" -ge $((last + 20)) ]; then
			printf '    %s\n' "$piece"
			last=$percent
		fi
	done
}

# migrates STATUS FROM TO DOMAIN [OPTION...]: by `virt-attest migrate` at a terminal; $memory
# bytes of memory left FROM.
migrates() {
	local got=0 command
	command=(virt-attest migrate "$4" "$(to "$3")" --live "${@:5}")
	prompt "$2" "${command[@]}"
	memory=$(sent_bytes "$2" memory)
	into "$2"
	script -qefc "$(printf '%q ' "${way[@]}" "${command[@]}")" "$dir/said" </dev/null | bar || got=$?
	[ "$got" = "$1" ] || fail "exit status $got, not $1: ${command[*]}"
	memory=$(($(sent_bytes "$2" memory) - memory))
}

# goes FROM TO [OPTION...]: db1 moves, and what it took is told.
goes() {
	local began=$EPOCHREALTIME pause
	migrates 0 "$1" "$2" db1 "${@:3}"
	only_on "$2" db1 || fail "db1 does not run on $2 alone"
	keeps_ticking db1
	sound db1 || fail "db1 is not sound"
	pause=$(longest_pause "$began")
	note "$((memory / mib)) MiB crossed the link. A tick is due every 100 ms: the longest wait for one was $pause ms, and none is missing."
	[ "$memory" -gt $((guest_mib * mib)) ] || fail "$memory bytes: that was not all of its memory"
	case $pause in ? | ?????*) fail "a pause of $pause ms" ;; esac
}

# stays FROM TO: db1 may not move, and nothing of it has.
stays() {
	migrates 2 "$1" "$2" db1
	only_on "$1" db1 || fail "db1 does not run on $1 alone"
	keeps_ticking db1
	[ "$memory" -le 200 ] || fail "$memory bytes were sent"
	note "The link's counter: $memory bytes, which were a knock at the migration port; 0 of the guest's $guest_mib MiB."
	note "db1 ticks on, on $1: $(tail -n 2 "$shared/db1.console" | head -n 1)"
}

# ------------------------------------------------------------------- the story

fixtures=$source_dir/tests/fixtures/bootlog # logs of real boots: OVMF, shim, GRUB, Debian's kernel

# The first verifier's look at its neighbour is shown.
enrol() {
	local pcrs=(--label "as delivered" --pcrs "sha256:0,2,4,7,8,9" --yes)
	if [ "$1" = host-a ]; then
		exits 0 va host-a enroll host-a --address "$(address_of host-a)" "${pcrs[@]}"
		step "The operator enrols each host as it is now; host-a's verifier gets to know host-b. The TPM proves by its maker's certificate that it is genuine, and that it holds the key that will sign. What it says becomes the golden value: the state to be held to. Libvirt's own key there ('serves') is signed for, too, so that no other machine can answer in its name."
		show 0 host-a virt-attest enroll host-b --address "$(address_of host-b)" "${pcrs[@]}"
	else
		exits 0 va "$1" enroll host-a --address "$(address_of host-a)" "${pcrs[@]}"
		exits 0 va "$1" enroll host-b --address "$(address_of host-b)" "${pcrs[@]}"
	fi
}

step "virt-attest: a virtual machine leaves its host for none but one that proves what it booted."
step "Two hosts, host-a and host-b, on this machine: each has namespaces of its own, Debian's libvirt, and a TPM. That is a chip that records what the machine booted, in registers (PCRs) that can be added to and never set back. These two are software, and hold a real boot: UEFI, shim, GRUB, Linux. An agent on each host has the TPM sign the registers on request, and hands out the boot log: what was added, in words that the signed registers prove. A verifier on each host asks the other's agent, and judges."
networks=$(ip -o link | cut -d: -f2)
# shellcheck disable=SC2119 # the usual hosts
lab_up
gates_before
for one in "${inside[@]}"; do readlink "/proc/$one"/ns/{ipc,mnt,net,pid,uts}; done >"$dir/namespaces"

step "A guest, db1, runs on host-a. It fills $guest_mib MiB of memory, looks at every page ten times a second, and counts aloud: a tick that is missing, or comes twice, is a guest that was lost, or ran in two places."
start_guest host-a db1
record
keeps_ticking db1
show 0 host-a tail -n 2 "$shared/db1.console"

step "May it go to host-b? Two questions: is host-b what it was enrolled as, and would db1 run there?"
only='pass +(attestation|endpoint|machine|cpu|memory|network|disk-present|domain-clash) |checks pass|may go' \
	show 0 host-a virt-attest check db1 "$(to host-b)" --live --verbose
says out "pass *attestation *host-b is trusted"
step "So it goes. 'migrate' checks the same first, and asks for the TPM's word again and again until the guest is there."
goes host-a host-b --bandwidth 24
echo
goes host-b host-a

step "Trust is half of it: would the guest run there? db2 has a disk, which host-b has not."
disk=/var/lib/libvirt/images/db2.raw
make_disk host-a "$disk"
guest_mib=8 guest_devices=$(disk_xml "$disk") start_guest host-a db2
show 2 host-a virt-attest check db2 "$(to host-b)" --live
says out "BLOCK *disk-present .*db2.raw is not at the destination"
end_guest host-a db2

step "Somebody switches host-b's defences off on the kernel's command line, and reboots it. Libvirt there looks as it always did. Its TPM does not, and the boot log says what changed."
restart_tpm host-b "$fixtures/cmdline.log"
show 2 host-a virt-attest check db1 "$(to host-b)" --live
says out "BLOCK *attestation .*the kernel command line changed: 'apparmor=0 module.sig_enforce=0' was added"
echo
stays host-a host-b

step "So far that is 'virt-attest migrate'. Who types 'virsh migrate' asks nobody:"
virsh_goes host-a host-b
note "Now db1 is on the host that nobody trusts. host-a is as it should be, so db1 may come back. Gates are against that; they come below."
exits 0 va host-b migrate db1 "$(to host-a)" --live
only_on host-a db1 || fail "db1 does not run on host-a alone"

step "host-b is repaired, and gets a new kernel. That is meant; but nobody has said so yet."
restart_tpm host-b "$fixtures/kernel.log"
only='untrusted|golden: ' show 2 host-a virt-attest verify "$(to host-b)"
step "The operator takes a golden value from its boot log, by which each event of a boot must be a known one; looks at what is new; and approves."
only='candidate|judges|PCR (8|9) ' show 0 host-a virt-attest golden add host-b --from-log --label "kernel 6.12"
only='PCR 9|another kernel:' show 2 host-a virt-attest golden diff 2 3
says out "another kernel: '/boot/vmlinuz-6.12"
only='active' show 0 host-a virt-attest golden approve 3
goes host-a host-b

step "db1 is to go back, slowly. While its memory flows, something is measured on host-a that nobody approved."
flows() { [ "$(sent_bytes host-b memory)" -gt $((before + 16 * mib)) ]; }
before=$(sent_bytes host-b memory)
migrates 2 host-b host-a db1 --bandwidth 8 &
pid_of[migrates]=$!
until_true 60 flows
tamper host-a
wait "${pid_of[migrates]}"
unset "pid_of[migrates]"
grep -q "PCR 7" "$dir/said" || fail "the reason was not told"
memory=$(($(sent_bytes host-b memory) - before))
only_on host-b db1 || fail "db1 does not run on host-b alone"
keeps_ticking db1
sound db1 || fail "db1 is not sound"
[ "$memory" -lt $((guest_mib * mib)) ] || fail "all of it was sent"
exits 1 on host-a virsh -q -c "$libvirt" domstate db1
note "Stopped after $((memory / mib)) of $guest_mib MiB, which host-a has dropped. db1 ticks on, on host-b: $(tail -n 2 "$shared/db1.console" | head -n 1)"
restart_tpm host-a
note "host-a is booted again, as it was enrolled:"
goes host-b host-a

tell_permit
tell_change
tell_dead_verifier

step "What host-a's verifier remembers, each line chained to the one before, and that nobody changed it since."
only='untrusted|golden-' show 0 host-a virt-attest audit show
show 0 host-a virt-attest audit verify

step "Done. All of it is taken down."
end_guest host-b db1
stop tail
stop record
for one in gated libvirtd; do halt host-a "$one" || true; done
cgroups_down
touch "$dir/namespaces"
lab_down
for one in "${!pid_of[@]}"; do stop "$one"; done
! grep -Fxf "$dir/namespaces" <(namespaces_before "$dir/namespaces") || fail "a namespace is left"
! pgrep -af "$dir/" || fail "a process is left"
! grep -F "$dir" /proc/self/mountinfo || fail "a mount is left"
[ "$(ip -o link | cut -d: -f2)" = "$networks" ] || fail "another network than before"
note "Nothing is left: no process, no mount, none of $(wc -l <"$dir/namespaces") namespaces. It took $(((${EPOCHREALTIME/[.,]/} - ${began_at/[.,]/}) / 1000000)) s."
