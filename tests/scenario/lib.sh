# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Real processes for a story: TPMs, agents, a verifier, in a folder of their
# own, on loopback, on ports that nobody had.  All end with the script.
set -eu -o pipefail

bin=${VIRT_ATTEST_BIN:?the folder of the programs}
dir=$(mktemp -d /tmp/virt-attest.XXXXXX)
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034 # the stories use it
pki=$source_dir/certs/virt-attest-pki
declare -A pid_of port_of tcti_of ek_of

# What a story made beside these, and takes away before they end.
at_end() { :; }

# Programs end in order, so that a sanitizer can speak; its word fails the test.
stop_all() {
	local status=$? name
	at_end || true
	for name in "${!pid_of[@]}"; do
		kill -CONT "${pid_of[$name]}" 2>/dev/null || true
		kill -TERM "${pid_of[$name]}" 2>/dev/null || true
	done
	for name in "${!pid_of[@]}"; do
		timeout 30 tail --pid="${pid_of[$name]}" -f /dev/null || kill -KILL "${pid_of[$name]}" 2>/dev/null || true
	done
	if grep -lE 'Sanitizer|runtime error|Assertion' "$dir"/*.log "$dir/err" 2>/dev/null; then
		grep -hE -A 30 'Sanitizer|runtime error|Assertion' "$dir"/*.log "$dir/err" | head -n 60 >&2
		status=1
	fi
	umount -l "$dir/disk" 2>/dev/null || true
	rm -rf "$dir"
	exit "$status"
}
trap stop_all EXIT

fail() {
	echo "FAIL: $*" >&2
	for log in "$dir"/*.log; do
		echo "--- ${log##*/}" >&2
		tail -n 8 "$log" >&2
	done
	exit 1
}

# until_true SECONDS COMMAND...: waits for an event, not for a time.
until_true() {
	local tries=$(($1 * 50))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $((tries--)) -gt 0 ] || fail "never came true: $*"
		sleep 0.02
	done
}

# namespaces_before FILE: of processes that are older than it.  The kernel gives
# the number of one that ended to the next, which is another story's.
namespaces_before() {
	ps -eo pid=,etimes= | awk -v age="$(($(date +%s) - $(stat -c %Y "$1")))" \
		'$2 > age { for (i = split("ipc mnt net pid uts", n, " "); i > 0; i--) print "/proc/" $1 "/ns/" n[i] }' |
		xargs -r readlink 2>/dev/null || true
}

# stop NAME [SIGNAL]
stop() {
	kill "-${2:-TERM}" "${pid_of[$1]}" 2>/dev/null || true
	wait "${pid_of[$1]}" 2>/dev/null || true
	unset "pid_of[$1]"
}

# The address that a daemon says it listens on.
said_port() {
	sed -n 's/.*listen=.*:\([0-9]*\)$/\1/p' "$dir/$1.log" | tail -n 1 | grep .
}

# make_tpm NAME: as its maker ships it, with certificates for its RSA-2048 and
# P-384 EKs; $dir/maker has the maker's CAs, a root and an issuer.
make_tpm() {
	local ca=$dir/maker
	mkdir -p "$ca/made" "$dir/$1.state"
	printf '%s\n' "statedir = $ca/made" "signingkey = $ca/made/issuer.key" \
		"issuercert = $ca/made/issuer.crt" "certserial = $ca/made/serial" >"$ca/made/localca.conf"
	printf '%s\n' "create_certs_tool = $(command -v swtpm_localca)" \
		"create_certs_tool_config = $ca/made/localca.conf" \
		"create_certs_tool_options = $ca/made/options" >"$ca/made/setup.conf"
	echo "--platform-manufacturer Example --platform-model test --platform-version 1" >"$ca/made/options"
	swtpm_setup --tpm2 --config "$ca/made/setup.conf" --tpm-state "$dir/$1.state" \
		--create-ek-cert --pcr-banks sha1,sha256 --vmid "$1" --overwrite >"$dir/made-$1.log" 2>&1 ||
		fail "no TPM was made"
	cp "$ca/made/swtpm-localca-rootca-cert.pem" "$ca/root.pem"
	cp "$ca/made/issuer.crt" "$ca/issuer.pem"
}

# start_tpm NAME [tcp]: a software TPM behind a Unix socket, or behind two TCP
# ports; tcti_of[NAME] is the way to it, and stays when it starts again.
# ek_of[NAME] is what an operator would read off the host: its P-256 EK.
start_tpm() {
	run_tpm "$@"
	[ -z "${ek_of[$1]-}" ] || return 0
	ek_of[$1]=$(show_ek "$1" | sed -n 's/^ecc-p256 //p')
}
show_ek() { "$bin/virt-attest-agentd" --show-ek -o "tcti=${tcti_of[$1]}"; }
run_tpm() {
	local name=$1 path=$dir/$1.sock port
	mkdir -p "$dir/$name.state"
	rm -f "$path" "$path.ctrl"
	if [ "${2:-unix}" = unix ]; then
		tcti_of[$name]=swtpm:path=$path
		launch_tpm "$name" "type=unixio,path=$path" "type=unixio,path=$path.ctrl"
		until_true 60 socket_listens "$path"
		return
	fi
	while :; do # until two neighbours are free
		port=${tcti_of[$name]-}
		port=${port##*=}
		port=${port:-$((20000 + RANDOM % 10000))}
		tcti_of[$name]=swtpm:host=127.0.0.1,port=$port
		launch_tpm "$name" "type=tcp,bindaddr=127.0.0.1,port=$port" \
			"type=tcp,bindaddr=127.0.0.1,port=$((port + 1))"
		until_true 60 tpm_is_there_or_gone "$name" "$port"
		! kill -0 "${pid_of[$name]}" 2>/dev/null || break
		unset "tcti_of[$name]"
	done
}
launch_tpm() {
	swtpm socket --tpm2 --tpmstate "dir=$dir/$1.state" --server "$2" --ctrl "$3" \
		--flags not-need-init,startup-clear >"$dir/$1.log" 2>&1 &
	pid_of[$1]=$!
}
# Its file is there a moment before, and ss tells of what is merely bound, too.
socket_listens() { ss -Hlx | grep -F " $1 " | grep -q LISTEN; }
tpm_is_there_or_gone() {
	ss -Hltnp | grep -q "127.0.0.1:$2 .*pid=${pid_of[$1]}," || ! kill -0 "${pid_of[$1]}"
}

# start_agent NAME CERTIFICATE TPM [OPTION...]: $agentd is its program.
start_agent() {
	local name=$1 cert=$2 tpm=$3
	shift 3
	: >"$dir/$name.log" # what an earlier one said is not this one's word
	"$bin/${agentd:-virt-attest-agentd}" -d -o log_level=info -o "tcti=${tcti_of[$tpm]}" \
		-o endpoint_certs= -o "listen=127.0.0.1:${port_of[$name]:-0}" \
		-o "tls_ca=$dir/pki/cacert.pem" -o "tls_crl=$dir/pki/crl.pem" \
		-o "tls_cert=$dir/pki/$cert/servercert.pem" -o "tls_key=$dir/pki/$cert/serverkey.pem" \
		"$@" >"$dir/$name.log" 2>&1 &
	pid_of[$name]=$!
	until_true 60 said_port "$name"
	port_of[$name]=$(said_port "$name")
}

# launch_verifier [OPTION...]: $verifierd is its program.  It asks no host by
# itself: a story tells who asks, and counts on it (reattest.sh is about the
# other way; REATTEST_S is for who wants to see what it does to a story).
launch_verifier() {
	: >"$dir/verifier.log"
	"$bin/${verifierd:-virt-attest-verifierd}" -d -o log_level=info -o "reattest_s=${REATTEST_S:-0}" -o "socket=$dir/v.sock" \
		-o "store=sqlite:$dir/verifier.db" -o "tls_ca=$dir/pki/cacert.pem" \
		-o "tls_crl=$dir/pki/crl.pem" -o "tls_cert=$dir/pki/verifier/clientcert.pem" \
		-o "tls_key=$dir/pki/verifier/clientkey.pem" "$@" >"$dir/verifier.log" 2>&1 &
	pid_of[verifier]=$!
}
verifier_is_up() { grep -q socket= "$dir/verifier.log"; }
# shellcheck disable=SC2120
start_verifier() {
	launch_verifier "$@"
	until_true 60 verifier_is_up
}

va() { "$bin/virt-attest" -S "$dir/v.sock" "$@"; }
hook() { "$bin/virt-attest-hook" -S "$dir/v.sock" "$@" </dev/null; }

# extend TPM PCR TEXT: the agent lets an idle TPM go within two seconds.
extend() {
	timeout 60 tpm2_pcrextend -T "${tcti_of[$1]}" \
		"$2:sha256=$(printf '%s' "$3" | sha256sum | cut -d' ' -f1)" >/dev/null 2>&1 ||
		fail "PCR $2 of $1 could not be extended"
}

# boots TPM BOOT-LOG [IMA-LOG [FIRST [COUNT]]]: a fresh TPM becomes that of the
# machine that wrote these logs.
boots() {
	local tpm=$1
	shift
	"$bin/boot-tool" "${tcti_of[$tpm]}" "$@" || fail "$tpm was not extended"
}

# reboot TPM BOOT-LOG [IMA-LOG...]: another boot session.
reboot() {
	stop "$1" KILL
	run_tpm "$1"
	boots "$@"
}

# exits STATUS COMMAND...: runs it, shows nothing, compares the exit status.
exits() {
	local want=$1 got=0
	shift
	"$@" >"$dir/out" 2>"$dir/err" || got=$?
	[ "$got" = "$want" ] || { cat "$dir/out" "$dir/err" >&2 && fail "exit status $got, not $want: $*"; }
}

# says FILE TEXT
says() { grep -q -- "$2" "$dir/$1" || { cat "$dir/$1" >&2 && fail "does not say '$2'"; }; }
