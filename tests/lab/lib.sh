# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Two libvirt hosts, or more, on one machine, for a story: `lab_up`, and all ends
# with the script.  A host is a set of namespaces (network, mounts, name, IPC,
# processes) with Debian's libvirtd on TLS, a software TPM that booted a real
# boot log, virt-attest-agentd and virt-attest-verifierd, all configured in its
# own /etc.  "mgmt" is the administrator's machine: a client certificate and
# nothing else.  Needs root.
#
#   $dir/HOST/{etc,var,run}   a host's folders, to be read from outside
#   $shared                   the folder that every host sees, under the same path
#   /var/lib/libvirt/images   a folder that every host has its own of
#
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/../scenario/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/guests.sh"

hosts=() way=()
libvirt=qemu:///system
shared=$dir/shared
boot_log=$source_dir/tests/fixtures/bootlog/grub.log # OVMF, shim, GRUB, Debian's kernel
lab_net=10.77.0
qemu_id=64055 # libvirt-qemu, as Debian numbers it
declare -A inside=() outside=() # a host's first process, and who waits for it

# on HOST COMMAND...: runs there; our programs are in its PATH.
on() {
	into "$1"
	"${way[@]}" "${@:2}"
}
into() {
	way=(nsenter --target "${inside[$1]}" --mount --uts --ipc --net --pid
		env "PATH=$dir/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/run LC_ALL=C)
}

# launch HOST NAME COMMAND...: a process there; its words are in $dir/HOST-NAME.log.
launch() {
	: >"$dir/$1-$2.log" # at once: what one of that name said before is not this one's word
	into "$1"
	"${way[@]}" "${@:3}" >"$dir/$1-$2.log" 2>&1 &
	pid_of[$1-$2]=$!
}

# halt HOST NAME [SIGNAL]: ends what launch started, and has its exit status; but
# for one that had no say.
halt() {
	local pid=${pid_of[$1-$2]-} status=0
	[ -n "$pid" ] || return 0
	kill -CONT "$pid" "$(pgrep -P "$pid")" 2>/dev/null || true
	# nsenter stands before it, and ends as it does.
	kill "-${3:-TERM}" "$(pgrep -P "$pid")" 2>/dev/null || true
	wait "$pid" || status=$?
	unset "pid_of[$1-$2]"
	[ "${3:-TERM}" = TERM ] || return 0
	return "$status"
}

# va HOST ARGUMENT...: virt-attest there, so against its verifier.
va() { on "$1" virt-attest "${@:2}"; }
# hook HOST ARGUMENT...: virt-attest-hook there.
hook() { on "$1" virt-attest-hook "${@:2}" </dev/null; }

# to HOST: the URI of its libvirt, as others call it.
to() { echo "qemu+tls://$1/system"; }

# migrate FROM TO NAME [OPTION...]: by stock virsh on FROM, or on $via.
migrate() {
	local from=$1 to=$2 name=$3 on=${via:-$1} local_or_not=$libvirt
	shift 3
	[ "$on" = "$from" ] || local_or_not=$(to "$from")
	on "$on" virsh -q -c "$local_or_not" migrate --live "$@" "$name" "$(to "$to")"
}

# address_of HOST
address_of() {
	case $1 in
	mgmt) echo "$lab_net.1" ;;
	host-?) echo "$lab_net.$(($(printf %d "'${1#host-}") - 86))" ;; # host-a: 11
	esac
}

# sent_bytes HOST CHANNEL: how much TCP left it, with headers, since it was up:
# `control`, libvirt's port (with the memory of a tunnelled migration); `attest`,
# agentd's; `memory`, whatever other, on any port.
sent_bytes() {
	on "$1" nft list counter inet lab "$2" | sed -n 's/.* bytes \([0-9]*\)/\1/p'
}

# tamper HOST [PCR]: measures there what nobody approved.
tamper() { extend "$1" "${2:-7}" "what nobody approved"; }

# restart_tpm HOST [BOOT-LOG]: it boots again, as at first or by another boot log.
restart_tpm() {
	cp "${2:-$boot_log}" "$dir/$1.boot"
	reboot "$1" "$dir/$1.boot"
}

# unplug HOST, plug HOST: its cable.
unplug() { on mgmt ip link set "$1" down; }
plug() { on mgmt ip link set "$1" up; }

# crash HOST: all of it but its TPM is gone at once, guests too; nothing brings it back.
crash() {
	kill -KILL "${inside[$1]}"
	wait "${outside[$1]}" "${pid_of[$1-verifierd]}" "${pid_of[$1-agentd]}" "${pid_of[$1-libvirtd]}" || true
	unset "inside[$1]" "outside[$1]" "pid_of[$1-verifierd]" "pid_of[$1-agentd]" "pid_of[$1-libvirtd]"
} 2>/dev/null # where bash tells of the killed

# ------------------------------------------------------------------- its birth

may_be_made() {
	[ "$(id -u)" = 0 ] || { echo "SKIP: the lab needs root" && exit 77; }
	has_tools nft ip swtpm swtpm_setup
	unshare --mount --uts --ipc --net --pid --fork sh -c \
		'mount -t proc proc /proc && mount -t sysfs sysfs /sys && ip link add type bridge' 2>"$dir/err" ||
		{ echo "SKIP: no namespaces here: $(cat "$dir/err")" && exit 77; }
}

# What of the machine's /etc its programs read, and the account that libvirtd
# wants to find whatever its configuration says.
make_etc() {
	local etc=$dir/$1/etc other
	(cd /etc && cp -a --parents group passwd nsswitch.conf ld.so.cache services \
		alternatives ssl/openssl.cnf nftables.conf "$etc" 2>/dev/null) || true
	grep -q ^kvm: "$etc/group" || echo kvm:x:64054: >>"$etc/group"
	grep -q ^libvirt-qemu: "$etc/group" || echo "libvirt-qemu:x:$qemu_id:" >>"$etc/group"
	grep -q ^libvirt-qemu: "$etc/passwd" ||
		echo "libvirt-qemu:x:$qemu_id:$(sed -n 's/^kvm:[^:]*:\([0-9]*\):.*/\1/p' "$etc/group")::/var/lib/libvirt:/usr/sbin/nologin" >>"$etc/passwd"
	echo "$1" >"$etc/hostname"
	for other in localhost mgmt "${hosts[@]}"; do
		echo "$(address_of "$other" | grep . || echo 127.0.0.1) $other"
	done >"$etc/hosts"
}

# make_certificates HOST ROLE: libvirt's places are agentd's and verifierd's defaults, too.
# A host has one key for all it does.
make_certificates() {
	local to=$dir/$1/etc/pki from=$dir/pki/$1 role=$2
	mkdir -p "$to/CA" "$to/libvirt/private" "$to/qemu"
	cp "$dir/pki/cacert.pem" "$to/CA/cacert.pem"
	cp "$dir/pki/crl.pem" "$to/CA/cacrl.pem"
	cp "$from/${role}cert.pem" "$to/libvirt/clientcert.pem"
	cp "$from/${role}key.pem" "$to/libvirt/private/clientkey.pem"
	[ "$role" = server ] || return 0
	cp "$from/servercert.pem" "$to/libvirt/servercert.pem"
	cp "$from/serverkey.pem" "$to/libvirt/private/serverkey.pem"
	cp "$dir/pki/cacert.pem" "$to/qemu/ca-cert.pem"
	cp "$dir/pki/crl.pem" "$to/qemu/ca-crl.pem"
	for role in server client; do
		cp "$from/servercert.pem" "$to/qemu/$role-cert.pem"
		cp "$from/serverkey.pem" "$to/qemu/$role-key.pem"
		chown "$qemu_id" "$to/qemu/$role-key.pem" # QEMU reads it, as its own account
	done
}

# own_migration_ca [OPTION...]: from now on each host gets a migration CA of its own in
# QEMU's folder, in place of the site's.
own_migration_ca() {
	own_migration_options=("$@")
	eval "usual_$(declare -f make_certificates)"
	make_certificates() {
		local folder=$dir/$1/etc/pki/qemu
		usual_make_certificates "$@"
		[ "$2" = server ] || return 0
		rm -f "$folder"/*
		"$pki" migration "$1" "$folder" --address "$(address_of "$1")" "${own_migration_options[@]}" >/dev/null
		chown "$qemu_id" "$folder"/{server,client}-key.pem # QEMU reads it, as its own account
	}
}

make_configuration() {
	local etc=$dir/$1/etc
	mkdir -p "$etc/libvirt/hooks" "$etc/virt-attest/ek_roots"
	cat >"$etc/libvirt/libvirtd.conf" <<-CONF
	listen_tls = 1
	listen_tcp = 0
	auth_unix_ro = "none"
	auth_unix_rw = "none"
	host_uuid = "1ab00000-0000-4000-8000-$(printf %012d "$(address_of "$1" | cut -d. -f4)")"
	CONF
	cat >"$etc/libvirt/qemu.conf" <<-CONF
	user = "libvirt-qemu"
	group = "kvm"
	remember_owner = 0
	security_driver = "none"
	cgroup_controllers = []
	namespaces = []
	stdio_handler = "file"
	default_tls_x509_cert_dir = "/etc/pki/qemu"
	migrate_tls_x509_verify = 1
	CONF
	cat >"$etc/virt-attest/agentd.conf" <<-CONF
	tls_crl = "/etc/pki/CA/cacrl.pem"
	tcti = "${tcti_of[$1]}"
	boot_log = "$dir/$1.boot"
	ima_log = ""
	endpoint_certs = ["/etc/pki/libvirt/servercert.pem"]
	facts_verifiers = ["host-a", "host-b", "host-c", "mgmt"]
	log_level = "info"
	CONF
	cat >"$etc/virt-attest/verifierd.conf" <<-CONF
	deadline_ms = 5000
	reattest_s = ${REATTEST_S:-0}
	tls_crl = "/etc/pki/CA/cacrl.pem"
	log_level = "info"
	CONF
	cp "$dir"/maker/{root,issuer}.pem "$etc/virt-attest/ek_roots"
}

# bear HOST: its namespaces, empty of all but the first process, which ends when
# this script does, however that ends.
bear() {
	local room=$dir/$1
	mkdir -p "$room"/{etc,run/lock,run/virt-attest,var/cache,var/tmp,var/log/libvirt} \
		"$room"/var/lib/{libvirt/images,virt-attest}
	ln -s /run "$room/var/run"
	make_etc "$1"
	setpriv --pdeathsig KILL unshare --mount --uts --ipc --net --pid --fork --kill-child=KILL \
		bash "$source_dir/tests/lab/host.sh" "$1" "$room" "$bin" </dev/null >"$dir/$1-host.log" 2>&1 &
	outside[$1]=$!
	until_true 10 test -e "$room/born"
	inside[$1]=$(pgrep -P "${outside[$1]}")
}

# Cables into a bridge on mgmt, none of them ever seen outside of the lab.
wire() {
	local host
	on mgmt sh -euc 'ip link add lab type bridge; ip address add "$0/24" dev lab; ip link set lab up' "$(address_of mgmt)"
	for host in "${hosts[@]}"; do
		nsenter --target "${inside[mgmt]}" --net ip link add "$host" master lab type veth \
			peer name eth0 netns "${inside[$host]}"
		on mgmt ip link set "$host" up
		on "$host" sh -euc 'ip address add "$0/24" dev eth0; ip link set eth0 up' "$(address_of "$host")"
		on "$host" nft -f - <<-NFT
		table inet lab {
			counter control {}
			counter attest {}
			counter memory {}
			chain out {
				type filter hook output priority 0;
				oif lo accept
				tcp dport 16514 counter name control accept
				tcp sport 16514 counter name control accept
				tcp dport 16515 counter name attest accept
				tcp sport 16515 counter name attest accept
				meta l4proto tcp counter name memory
			}
		}
		NFT
	done
}

start_libvirtd() {
	launch "$1" libvirtd libvirtd --listen
	until_true 60 answers_or_ended "$1"
	kill -0 "${pid_of[$1-libvirtd]}" 2>/dev/null || fail "libvirtd of $1 ended"
}
answers_or_ended() { on "$1" virsh -q -c "$libvirt" uri || ! kill -0 "${pid_of[$1-libvirtd]}"; }
agentd_is_up() { grep -q listen= "$dir/$1-agentd.log"; }
start_agentd() { launch "$1" agentd virt-attest-agentd -d && until_true 60 agentd_is_up "$1"; }
verifierd_is_up() { grep -q socket= "$dir/$1-verifierd.log"; }
start_verifierd() { launch "$1" verifierd virt-attest-verifierd -d && until_true 60 verifierd_is_up "$1"; }

# A TPM, too, ends when the script is killed (scenario/lib.sh has the rest of it).
launch_tpm() {
	setpriv --pdeathsig KILL swtpm socket --tpm2 --tpmstate "dir=$dir/$1.state" --server "$2" --ctrl "$3" \
		--flags not-need-init,startup-clear >"$dir/$1.log" 2>&1 &
	pid_of[$1]=$!
}

# enrol HOST: its verifier gets to know all hosts, itself too.
enrol() {
	local other
	for other in "${hosts[@]}"; do
		exits 0 va "$1" enroll "$other" --address "$(address_of "$other")" --label "as delivered" --pcrs sha256:0,2,4,7,8,9 --yes
	done
}

# lab_up [HOST...]: host-a and host-b, up, each known to the other's verifier.
lab_up() {
	local host certified=()
	hosts=("$@")
	[ $# -gt 0 ] || hosts=(host-a host-b)
	may_be_made
	chmod 711 "$dir"
	mkdir -p "$dir/bin" "$shared"
	chmod 777 "$shared"
	for host in "${hosts[@]}"; do certified+=(--host "$host,$(address_of "$host")"); done
	"$pki" make "$dir/pki" "${certified[@]}" --verifier mgmt >/dev/null
	for host in mgmt "${hosts[@]}"; do bear "$host"; done
	make_certificates mgmt client
	wire
	for host in "${hosts[@]}"; do
		make_tpm "$host"
		run_tpm "$host"
		restart_tpm "$host"
		make_certificates "$host" server
		make_configuration "$host"
		start_libvirtd "$host"
		start_agentd "$host"
		start_verifierd "$host"
	done
	for host in "${hosts[@]}"; do enrol "$host"; done
}

# lab_down: no process, mount, namespace of it is left; $dir goes with the script.
lab_down() {
	local host status=0
	for host in "${hosts[@]}"; do # in order, so that a sanitizer can speak
		halt "$host" verifierd || status=1
		halt "$host" agentd || status=1
		halt "$host" libvirtd || true
	done
	for host in "${!inside[@]}"; do kill -TERM "${inside[$host]}"; done
	for host in "${!outside[@]}"; do
		wait "${outside[$host]}" || true
		unset "inside[$host]" "outside[$host]"
	done
	return "$status"
}

lab_end() {
	local status=$?
	set +e
	lab_down || status=1
	(exit "$status")
	stop_all
}
trap lab_end EXIT
