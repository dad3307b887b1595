#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# How soon: a host that changes is out of every gate within one interval and a
# second; a verifier that is killed leaves each gate closed when the timeouts end,
# and a new one opens it again, with no operator.
# shellcheck disable=SC2034 # what gates-lib.sh reads
reattest_s=1 max_age_s=5
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/gates-lib.sh"

promise_ms=$((reattest_s * 1000 + 1000))
b4=$(address_of host-b)
ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

gates_lab
# What the timer's unit does, here each second.
launch host-a expire sh -c 'while :; do virt-attest-trust-expire; sleep 1; done'

# closed_for GATE: as far as its state tells.
closed_for() {
	case $1 in
	"trust file") trust_file_lacks host-b ;;
	permit) va host-a permits | grep -q '^no permits' ;;
	network) table_lacks attested4 "$b4" ;;
	watch) tail -n "+$((seen + 1))" "$dir/host-a-watch.log" | grep -q '"VERDICT".*"untrusted"' ;;
	esac
}
# times_of GATE...: from now, ms until each is closed; all within $1.
times_of() {
	local limit=$1 began last=0 now=0 open=("${@:2}") still gate
	began=$(ms) times=''
	while [ ${#open[@]} -gt 0 ]; do
		still=()
		for gate in "${open[@]}"; do
			if closed_for "$gate"; then
				last=$(($(ms) - began))
				times+=" $gate $last ms,"
			else
				still+=("$gate")
			fi
		done
		open=("${still[@]}")
		now=$(($(ms) - began))
		[ ${#open[@]} = 0 ] || [ "$now" -le "$limit" ] || fail "still open after $now ms: ${open[*]};$times"
	done
	[ "$last" -le "$limit" ] || fail "late, over $limit ms:$times"
}

# moves: by stock virsh, as a client of the gates that are on asks.
n=0
new_guest() { start_guest host-a "g$((n += 1))"; }
attempt() {
	local how=(--live --p2p)
	[ -z "${gate_is_on[trust]-}" ] || how+=(--tls)
	on host-a timeout 60 virsh -q -c "$libvirt" migrate "${how[@]}" "g$n" "$(to host-b)" >"$dir/out" 2>"$dir/err"
}
goes() {
	attempt || fail "refused: $(cat "$dir/err")"
	exits 0 only_on host-b "g$n"
	end_guest host-b "g$n"
	new_guest
}
stays() {
	local memory
	memory=$(sent_bytes host-a memory)
	! attempt || fail "it went"
	said=$(sed '/^$/d' "$dir/err" | tail -n 1 | cut -c 1-150)
	exits 0 only_on host-a "g$n"
	keeps_ticking "g$n"
	memory=$(($(sent_bytes host-a memory) - memory))
	[ "$memory" -le 8000 ] || fail "$memory bytes left"
	echo "  an attempt: $memory bytes but for libvirt's own: $said"
}
# A permit for what comes next, where one is wanted.
permit() {
	local how=(--live)
	[ -z "${gate_is_on[trust]-}" ] || how+=(--tls)
	exits 0 va host-a permit "g$n" "$(to host-b)" "${how[@]}" "$@"
}

echo "# host-b changes: out of every gate within $promise_ms ms"
gates_on trust lock net
new_guest
for round in $(seq "${ROUNDS:-2}"); do
	gates_know trusted
	permit --seconds 300
	launch host-a watch virt-attest watch --json host-b
	until_true 20 grep -q COMPLETE "$dir/host-a-watch.log"
	seen=$(wc -l <"$dir/host-a-watch.log")
	tamper host-b
	times_of "$promise_ms" "trust file" permit network watch
	echo "  $round:${times%,}"
	halt host-a watch || true
	stays
	began=$(ms)
	restart_tpm host-b
	until_true 10 trust_file_has host-b
	until_true 10 table_has attested4 "$b4"
	echo "  $round: it booted again, and is in after $(($(ms) - began)) ms"
	permit
	goes
done

echo "# verifierd is killed: each gate is closed when its time ends, and opens again by a new one"
for gate in trust lock net pass; do
	case $gate in
	pass) gates_on && hooks_on host-b ;;
	*) gates_on "$gate" ;;
	esac
	gates_know trusted
	case $gate in lock | pass) permit ;; esac
	goes
	case $gate in lock | pass) permit ;; esac
	case $gate in
	pass) halt host-b verifierd KILL 2>/dev/null ;;
	*) halt host-a verifierd KILL 2>/dev/null ;;
	esac
	case $gate in
	trust) times_of $((max_age_s * 1000 + 2000)) "trust file" ;;
	net) times_of $((max_age_s * 1000 + 1000)) network ;;
	*) times=' at once' ;;
	esac
	echo "  $gate: closed:${times%,}"
	stays
	began=$(ms)
	case $gate in
	pass) start_verifierd host-b ;;
	*) start_verifierd host-a ;;
	esac
	[ -z "${gate_is_on[trust]-}" ] || until_true 30 trust_file_has host-b
	[ -z "${gate_is_on[net]-}" ] || until_true 30 table_has attested4 "$b4"
	case $gate in lock | pass) permit ;; esac
	echo "  $gate: a new one, and open after $(($(ms) - began)) ms"
	goes
done
end_guest host-a "g$n"
