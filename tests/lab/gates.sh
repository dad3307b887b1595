#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What stops what: each way that a guest has from one host to another, by each
# gate, tried, and compared with the tables of docs/GATES.md, cell by cell.  By
# itself: all gates, and the pass alone; GATES_WHOLE=1: no gate, and each gate
# alone, and the tables are printed at the end.  GATES_ONLY="WAY" tries that way alone (or
# several, one a line), and GATES_COLUMN="GATE" that column.
#
# host-b is the host where the memory would go.  It is trusted, or not; then the
# permit, where there is one, is for host-c, which is.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/gates-lib.sh"

columns=("all gates")
[ -z "${GATES_COLUMN-}" ] || columns=("$GATES_COLUMN")
[ -z "${GATES_WHOLE-}" ] || columns=("no gate" "trust file" "lock driver" network "the pass" "all gates")

# host-b keeps what comes to two ports, and hangs up when that is more than a guest's
# memory: 5556, in the clear; 5557, by TLS with its own key.  7777 leads to its libvirt, 7778 to a QEMU
# that waits at a Unix socket.
sink=$dir/sink
start_sinks() {
	local qemu=/etc/pki/qemu keep="head -c $((guest_mib << 20)) >$sink"
	launch host-b sink socat -u TCP-LISTEN:5556,reuseaddr,fork "SYSTEM:$keep"
	launch host-b tls-sink socat -u \
		"OPENSSL-LISTEN:5557,reuseaddr,fork,cert=$qemu/server-cert.pem,key=$qemu/server-key.pem,verify=0" "SYSTEM:$keep"
	launch host-b door socat TCP-LISTEN:7777,reuseaddr,fork UNIX-CONNECT:/run/libvirt/libvirt-sock
	on host-a nft insert rule inet lab out tcp dport 7777 counter name control accept
	printf '#!/bin/sh\nexec socat - TCP:host-b:7777\n' >"$shared/command"
	chmod 755 "$shared/command"
	launch host-a alice setpriv --reuid "$alice" --regid "$alice" --clear-groups \
		socat "UNIX-LISTEN:$shared/alice,fork,mode=777" TCP:host-b:7777
	for host in host-a host-b; do on "$host" install -d -m 0777 /run/ways; done
	launch host-a alice-data setpriv --reuid "$alice" --regid "$alice" --clear-groups \
		socat UNIX-LISTEN:/run/ways/memory,fork,mode=777 TCP:host-b:7778
	launch host-a listening setpriv --reuid "$alice" --regid "$alice" --clear-groups \
		socat "UNIX-LISTEN:$shared/listening,fork,mode=777" TCP-LISTEN:7779,reuseaddr,accept-timeout=5
	on host-a nft insert rule inet lab out tcp sport 7779 counter name control accept
	launch host-b caller sh -c 'while :; do
		socat TCP:host-a:7779,connect-timeout=3,forever,interval=0.2 UNIX-CONNECT:/run/libvirt/libvirt-sock
	done'
	launch host-b data-door socat TCP-LISTEN:7778,reuseaddr,fork UNIX-CONNECT:/run/ways/memory
	launch host-a bob setpriv --reuid "$bob" --regid "$bob" --clear-groups \
		socat "UNIX-LISTEN:$shared/bob,fork,mode=777" TCP:host-b:7777
}
sunk() { [ "$(stat -c %s "$sink" 2>/dev/null || echo 0)" -ge $((guest_mib << 20)) ]; }

# sent: what left host-a by TCP, memory and libvirt's port.
sent() {
	on host-a nft list counters table inet lab |
		awk '/counter/ { name = $2 } /bytes/ { n[name] = $4 } END { print n["memory"], n["control"] }'
}

# ------------------------------------------------------------------- the ways

# virsh_migrate OPTION...: of $guest, by virsh on $via or host-a.
virsh_migrate() {
	local on=${via:-host-a} source=$libvirt
	[ "$on" = host-a ] || source=$(to host-a)
	on "$on" timeout 60 virsh -q -c "$source" migrate "${tls[@]}" "$@" >"$dir/out" 2>"$dir/err" || true
}
go() { virsh_migrate --live "$@" "$guest" "$(to host-b)"; }
host_a() { on host-a virsh -q -c "$libvirt" "$@"; }

# elsewhere: libvirt's calls go to host-c, the memory to host-b.
elsewhere() {
	local port=5556 name=()
	[ ${#tls[@]} = 0 ] || port=5557 name=(--tls-destination host-b)
	virsh_migrate --live --p2p "${name[@]}" --migrateuri "tcp://host-b:$port" "$guest" "$(to host-c)"
}

monitor() { host_a qemu-monitor-command "$guest" --hmp "$1"; }
monitor_ended() { monitor 'info migrate' | grep -qE 'status: (failed|completed)'; }
by_monitor() {
	monitor "migrate -d tcp:$(address_of host-b):5556" >"$dir/err"
	until_true 60 monitor_ended
}

by_hand() {
	host_a dump --live --memory-only "$guest" /var/lib/libvirt/images/dump >/dev/null
	on host-a socat -u FILE:/var/lib/libvirt/images/dump TCP:host-b:5556 || true
	until_true 30 sunk
}

ways=(
	direct p2p tunnelled "--parallel" post-copy "storage copy" offline "offline, p2p" "a paused guest"
	"from a third machine, direct" "from a third machine, p2p" "--migrateuri, another port" "--migrateuri, another host"
	"an address for the name" "--tls-destination, another host's name" "the monitor's migrate"
	"qemu+ext" "qemu+ext, tunnelled" "tunnelled, by a proxy of an account in \`users\`" "tunnelled, by a proxy of another account"
	"a paused guest, tunnelled, by a proxy of another account" "p2p and --migrateuri, by proxies of another account"
	"tunnelled, by a listening proxy of another account"
	"tunnelled, by a proxy of another account, \`users = [\"*\"]\`" "a paused guest, tunnelled, by a proxy of another account, \`users = [\"*\"]\`"
	"tunnelled, by a listening proxy of another account, \`users = [\"*\"]\`"
	"root's own hands" "a paused guest, \`paused = \"refuse\"\`"
)
attempt() {
	case $1 in
	direct) go ;;
	p2p) go --p2p ;;
	tunnelled) tls=() && go --p2p --tunnelled ;;
	--parallel) go --p2p --parallel --parallel-connections 2 ;;
	post-copy) go --p2p --postcopy --postcopy-after-precopy ;;
	"storage copy") go --p2p --copy-storage-all ;;
	offline) virsh_migrate --offline --persistent "$guest" "$(to host-b)" ;;
	"offline, p2p") virsh_migrate --offline --persistent --p2p "$guest" "$(to host-b)" ;;
	"from a third machine, direct") via=mgmt go ;;
	"from a third machine, p2p") via=mgmt go --p2p ;;
	"--migrateuri, another port") go --migrateuri tcp://host-b:5555 ;;
	"--migrateuri, another host") elsewhere ;;
	"an address for the name") virsh_migrate --live --p2p "$guest" "qemu+tls://$(address_of host-b)/system" ;;
	"--tls-destination"*) tls=(--tls) && go --p2p --tls-destination host-c ;;
	"the monitor's migrate") by_monitor ;;
	qemu+ext) virsh_migrate --live --p2p "$guest" "qemu+ext://host-b/system?command=$shared/command" ;;
	"qemu+ext, tunnelled") tls=() && virsh_migrate --live --p2p --tunnelled "$guest" "qemu+ext://host-b/system?command=$shared/command" ;;
	"p2p and --migrateuri, by proxies"*)
		on host-b rm -f /run/ways/memory
		virsh_migrate --live --p2p --migrateuri unix:///run/ways/memory ${tls[0]+--tls-destination host-b} \
			"$guest" "qemu+unix:///system?socket=$shared/alice"
		;;
	*" in \`users\`") tls=() && virsh_migrate --live --p2p --tunnelled "$guest" "qemu+unix:///system?socket=$shared/bob" ;;
	*" listening proxy"*) tls=() && virsh_migrate --live --p2p --tunnelled "$guest" "qemu+unix:///system?socket=$shared/listening" ;;
	*" of another account"*) tls=() && virsh_migrate --live --p2p --tunnelled "$guest" "qemu+unix:///system?socket=$shared/alice" ;;
	"a paused guest"*) go --p2p ;;
	"root's own hands") by_hand ;;
	*) fail "no such way: $1" ;;
	esac
}

# ------------------------------------------------------------------- one cell

n=0 guest='' kind='' paused=''
# fresh WAY: $guest is one for it, that nobody has a permit of.
fresh() {
	local want=plain
	case $1 in
	offline*) want=off ;;
	"storage copy") want=disk ;;
	post-copy) want=root ;; # userfaultfd(2) is for nobody else
	esac
	[ -z "$guest" ] || [ "$kind" != "$want" ] || return 0
	discard
	guest=g$((n += 1)) kind=$want
	case $want in
	plain) guest_devices='' guest_xml='' start_guest host-a "$guest" ;;
	off)
		domain_xml "$guest" >"$dir/$guest.xml"
		host_a define "$dir/$guest.xml"
		;;
	disk)
		for host in host-a host-b host-c; do make_disk "$host" "/var/lib/libvirt/images/$guest.raw"; done
		guest_devices=$(disk_xml "/var/lib/libvirt/images/$guest.raw") start_guest host-a "$guest"
		;;
	root)
		guest_xml="<seclabel type='static' model='dac' relabel='no'><label>+0:+0</label></seclabel>" \
			start_guest host-a "$guest"
		;;
	esac
}
discard() {
	local host
	[ -n "$guest" ] || return 0
	for host in host-a host-b; do
		on "$host" sh -c 'virsh -q destroy "$0"; virsh -q undefine "$0"' "$guest" >/dev/null 2>&1 || true
	done
	guest=''
}

# outcome MEMORY CONTROL: $result is open or closed, from what left before; or neither.
outcome() {
	local memory control here there handshake=0
	read -r memory control < <(sent)
	memory=$((memory - $1)) control=$((control - $2))
	here=$(host_a domstate "$guest" 2>/dev/null) || true
	there=$(on host-b virsh -q -c "$libvirt" domstate "$guest" 2>/dev/null) || true
	said="$memory + $control bytes: $(sed '/^$/d' "$dir/err" | tail -n 1 | cut -c 1-150)"
	result=neither
	if [ -n "$there" ] || sunk; then
		[ "$kind" != off ] && [ $((memory + control)) -lt $((guest_mib << 20)) ] || result=open
		return
	fi
	[ ${#tls[@]} = 0 ] || handshake=8000
	[ "$memory" -le "$handshake" ] && [ "$control" -le 100000 ] || return 0
	case $here in
	running) until_true 30 has_ticks "$guest" $(($(ticks "$guest") + 1)) ;;
	paused) [ "$paused" = yes ] || return 0 ;;
	"shut off") [ "$kind" = off ] || return 0 ;;
	*) return 0 ;;
	esac
	result=closed
}

# try WAY HOST: $result and $said; HOST is whom the permit is for, or empty.
try() {
	local before options=(--live)
	tls=()
	[ -z "${gate_is_on[trust]-}" ] || tls=(--tls)
	fresh "$1"
	if [ -n "$2" ]; then
		[ "$kind" != off ] || options=(--offline --persistent)
		[ "$kind" != disk ] || options+=(--copy-storage-all)
		options+=("${tls[@]}")
		exits 0 va host-a permit "$guest" "$(to "$2")" "${options[@]}"
	fi
	paused=''
	case $1 in "a paused guest"*) host_a suspend "$guest" && paused=yes ;; esac
	rm -f "$sink"
	: >"$dir/err"
	read -ra before < <(sent)
	attempt "$1"
	outcome "${before[@]}"
	if [ "$result" = closed ] && [ -z "$2" ] && [ "$kind" = plain ]; then
		[ -z "$paused" ] || host_a resume "$guest" # it stays for the next
	else
		discard
	fi
}

# ------------------------------------------------------------------ the tables

document=$source_dir/docs/GATES.md
# documented TABLE WAY COLUMN: what the document says.
documented() {
	awk -F ' *[|] *' -v table="### $1" -v way="$2" -v column="$3" '
		/^#/ { here = $0 == table; at = 0 }
		here && $2 == "way" { for (i = 3; i < NF; i++) if ($i == column) at = i }
		here && at && $2 == way { print $at }' "$document"
}

declare -A found=()
wrong=0
# cell TABLE WAY COLUMN HOST: tried without a permit, and with one for HOST.
cell() {
	local want without with permit=$4
	[[ $2 != *"another host" ]] || permit="host-c" # whose URI it is
	want=$(documented "$1" "$2" "$3")
	case $want in "not tried"*)
		found[$1:$2:$3]=$want
		return
		;;
	esac
	try "$2" ''
	without=$result
	echo "  $3: $2, without a permit: $result, $said"
	with=$without
	if [ "$3" != "no gate" ] || [ -n "${GATES_WHOLE-}" ]; then # else nobody looks at one
		try "$2" "$permit"
		with=$result
		echo "  $3: $2, with one for $permit: $result, $said"
	fi
	case $without:$with in
	open:open) result=open ;;
	closed:closed) result=closed ;;
	closed:open) result=permit ;;
	*) result="$without, with a permit $with" ;;
	esac
	found[$1:$2:$3]=$result
	[ "$result" = "$want" ] && return
	echo "  WRONG: '$1', '$2', '$3': $result; the document says '${want:-nothing}'"
	wrong=$((wrong + 1))
}

# all_ways TABLE COLUMN HOST: a row each; HOST is whom permits are for.
all_ways() {
	local one state=trusted
	[[ $1 != *"host that is not trusted" ]] || state=untrusted
	for one in "${ways[@]}"; do
		[ -z "${GATES_ONLY-}" ] || grep -qxF -e "$GATES_ONLY" <<<"$one" || continue
		case $one in
		*refuse*)
			discard
			lock_manager_paused refuse
			;;
		*users\ =*) network_users '*' "$state" ;;
		esac
		cell "$1" "$one" "$2" "$3"
		case $one in *users\ =*) network_users "$named_users" "$state" ;; esac
	done
	discard
}

print_table() {
	local one column
	printf '\n### %s\n\n| way |' "$1"
	printf ' %s |' "${@:2}"
	printf '\n|---|'
	printf -- '---|%.0s' "${@:2}"
	for one in "${ways[@]}"; do
		printf '\n| %s |' "$one"
		for column in "${@:2}"; do printf ' %s |' "${found[$1:$one:$column]-}"; done
	done
	printf '\n'
}

gates_of() {
	case $1 in
	"trust file") echo trust ;;
	"lock driver") echo lock ;;
	network) echo net ;;
	"all gates") echo trust lock net ;;
	esac
}
hooks_of() { case $1 in "the pass" | "all gates") echo host-b host-c ;; esac }

if [ -n "${GATES_ONLY-}" ]; then echo "# only: $GATES_ONLY"; fi
gates_lab
start_sinks
for column in "${columns[@]}"; do
	echo "# $column ($SECONDS s)"
	# shellcheck disable=SC2046 # words
	hooks_on $(hooks_of "$column")
	# shellcheck disable=SC2046 # words
	gates_on $(gates_of "$column")
	gates_know trusted
	echo "# $column: host-b is trusted ($SECONDS s)"
	all_ways "To a host that is trusted" "$column" host-b
	echo "# $column: host-b is not, nor is what its hook says ($SECONDS s)"
	[ -z "$(hooks_of "$column")" ] || hooks_on host-c
	lock_manager_paused pass
	tamper host-b
	gates_know untrusted
	fresh direct
	exits 2 va host-a permit "$guest" "$(to host-b)" --live
	all_ways "To a host that is not trusted" "$column" host-c
	restart_tpm host-b
done
from=("the pass")
[ -z "${GATES_WHOLE-}" ] || from=("no gate" "the pass")
for column in "${from[@]}"; do
	echo "# host-a is not trusted, and has no gates; on the others: $column ($SECONDS s)"
	# shellcheck disable=SC2046 # words
	hooks_on $(hooks_of "$column")
	gates_on
	tamper host-a
	until_true 30 verdict_is 2 host-b host-a
	until_true 30 verdict_is 0 host-a host-b # it has just booted again
	all_ways "From a host that is not trusted" "$column" host-b
	restart_tpm host-a
done
echo "# done ($SECONDS s)"
if [ -n "${GATES_WHOLE-}" ]; then
	print_table "To a host that is not trusted" "${columns[@]}"
	print_table "To a host that is trusted" "${columns[@]}"
	print_table "From a host that is not trusted" "${from[@]}"
fi
[ "$wrong" = 0 ] || fail "$wrong cells are not as docs/GATES.md has them"
