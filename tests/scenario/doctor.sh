#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# doctor: a host that is as it should be, one on which nothing runs, and what is
# wrong in between.  It leaves the TPM, the files and the daemons as they are.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
make_tpm tpm-a
start_tpm tpm-a
mkdir "$dir/roots"
cp "$dir/maker/root.pem" "$dir/maker/issuer.pem" "$dir/roots/"
port_of[agent]=$((20000 + RANDOM % 10000))
cat >"$dir/agentd.conf" <<-END
	listen = "127.0.0.1:${port_of[agent]}"
	tcti = "${tcti_of[tpm-a]}"
	tls_ca = "$dir/pki/cacert.pem"
	tls_crl = "$dir/pki/crl.pem"
	tls_cert = "$dir/pki/host-a/servercert.pem"
	tls_key = "$dir/pki/host-a/serverkey.pem"
	endpoint_certs = ["$dir/pki/host-a/servercert.pem"]
	boot_log = ""
	ima_log = ""
	log_level = "info"
END
cat >"$dir/verifierd.conf" <<-END
	socket = "$dir/v.sock"
	store = "sqlite:$dir/verifier.db"
	tls_ca = "$dir/pki/cacert.pem"
	tls_crl = "$dir/pki/crl.pem"
	tls_cert = "$dir/pki/verifier/clientcert.pem"
	tls_key = "$dir/pki/verifier/clientkey.pem"
	ek_roots = "$dir/roots"
	reattest_s = 0
	log_level = "info"
END
doctor() { "$bin/virt-attest" doctor --agentd "$dir/agentd.conf" --verifierd "$dir/verifierd.conf" "$@"; }

# nothing_else STATE: no line of that state but those about the machine itself.
nothing_else() {
	! grep "^$1 " "$dir/out" | grep -v '^warn  clock: ' >"$dir/left" || { cat "$dir/left" >&2 && fail "$1"; }
}
files() { find "$dir/tpm-a.state" "$dir/pki" "$dir"/*.conf -type f -exec sha256sum {} + | sort; }

echo "# nothing runs: that is what is wrong, and the TPM is asked in words that leave no trace"
files >"$dir/before"
exits 2 doctor
says out '^ok    tpm: IBM SW, firmware '
says out '^ok    tpm lockout: 0 of '
says out '^fail  agentd socket: nobody answers at 127.0.0.1:'
says out "^fail  verifierd socket: nobody answers at $dir/v.sock: No such file"
says out '^skip  verifier: .*audit log are its to tell'
says out '^ok    agentd certificate: .*(host-a): [0-9]* days left'
[ "$(grep -c ^fail "$dir/out")" = 2 ] || fail "more is wrong than that"
resets=$(grep -o '[0-9]* resets, [0-9]* restarts' "$dir/out")
exits 2 doctor
says out "tpm clock: .* $resets" # it was not started anew
files >"$dir/after"
cmp "$dir/before" "$dir/after" || fail "something was written"
if [ "$(id -u)" = 0 ]; then # anybody may call a program as the agent is called
	mkdir "$dir/anybody"
	chmod 755 "$dir" "$dir/anybody"
	cp "$(command -v bash)" "$dir/anybody/virt-attest-agentd"
	(cd "$dir/anybody" && exec setpriv --reuid=nobody --regid=nogroup --clear-groups \
		./virt-attest-agentd -c 'kill -STOP $$' "tcti=${tcti_of[tpm-a]}" >/dev/null 2>&1) &
	pid_of[anybody]=$!
	is_called() { grep -q '^State:.*stopped' "/proc/${pid_of[anybody]}/status"; }
	until_true 60 is_called
	exits 2 doctor
	says out '^ok    tpm: IBM SW, firmware '
	stop anybody KILL
fi
exits 2 "$bin/virt-attest" doctor --agentd "$dir/agentd.conf" --json
says out '"state": "fail"'
says out '"as_root": true'


echo "# a file that is not there, settings over one, a setting of nobody"
exits 2 "$bin/virt-attest" doctor --agentd "$dir/nothing.conf"
says out '^fail  agentd: .*nothing.conf: No such file'
exits 2 doctor -o "verifierd.tls_cert=$dir/pki/host-a/servercert.pem" -o boot_log=/none
says out '^fail  verifierd key: .* is not the key of .*/servercert.pem'
says out '^ok    agentd key: '
says out '^warn  boot_log: /none is not there'
exits 1 doctor -o lisetn=x
says err 'lisetn=x'
exits 1 va hosts -o tcti=x

echo "# a way to the TPM that is a program is not gone"
printf 'tcti = "cmd:touch %s/was-run"\n' "$dir" >"$dir/odd.conf"
for way in "--agentd $dir/odd.conf" "-o tcti=pcap:cmd:touch$dir/was-run" "-o tcti=$dir/any.so:"; do
	# shellcheck disable=SC2086 # two words
	exits 2 doctor $way
	says out "^skip  tpm: it is not asked: '"
done
[ ! -e "$dir/was-run" ] || fail "a program was run"

echo "# a TPM that no firmware started: told so, and not started by us"
mkdir "$dir/bare"
swtpm socket --tpm2 --tpmstate "dir=$dir/bare" --server "type=unixio,path=$dir/bare.sock" \
	--ctrl "type=unixio,path=$dir/bare.sock.ctrl" --flags not-need-init >"$dir/bare.log" 2>&1 &
pid_of[bare]=$!
until_true 60 socket_listens "$dir/bare.sock"
sed "s|^tcti = .*|tcti = \"swtpm:path=$dir/bare.sock\"|" "$dir/agentd.conf" >"$dir/bare.conf"
for _ in once twice; do
	exits 2 doctor --agentd "$dir/bare.conf"
	says out '^fail  tpm: no firmware started it'
done

echo "# all runs: nothing to complain of"
# launch NAME PROGRAM FILE WORD: until it says that.
launch() {
	: >"$dir/$1.log"
	"$bin/$2" -d -c "$dir/$3.conf" >"$dir/$1.log" 2>&1 &
	pid_of[$1]=$!
	until_true 60 grep -q "$4" "$dir/$1.log"
}
launch agent virt-attest-agentd agentd listen=
launch verifier virt-attest-verifierd verifierd socket=
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent]}" --yes
exits 0 va verify host-a
lines=$(wc -l <"$dir/agent.log")
exits 0 doctor
says out '^skip  tpm: the agent has it, and'
says out '^ok    agentd socket: somebody answers'
says out '^ok    verifierd socket: somebody answers'
says out '^ok    audit: '
nothing_else fail
nothing_else warn
[ "$(wc -l <"$dir/agent.log")" = "$lines" ] || fail "the agent was disturbed"
exits 0 va verify host-a

echo "# a golden value that ends soon"
exits 0 va golden add host-a --label interim --valid-until +5d
exits 0 va golden approve 2
exits 0 doctor
! grep -q 'golden value ends' "$dir/out" || fail "another one does not end"
exits 0 va golden revoke 1
exits 0 doctor
says out '^warn  host-a: its last active golden value ends in [45] days'

echo "# keys, certificates, lists, files: each is found"
# wrong TEXT COMMAND...: after it doctor fails and says so.
wrong() {
	local text=$1
	shift
	cp -a "$dir/pki" "$dir/kept"
	cp "$dir/agentd.conf" "$dir/kept.conf"
	(cd "$dir/pki" && eval "$*")
	exits 2 doctor
	says out "^fail  $text"
	rm -rf "$dir/pki"
	mv "$dir/kept" "$dir/pki"
	mv "$dir/kept.conf" "$dir/agentd.conf"
}
wrong 'agentd key: others may read' chmod 644 host-a/serverkey.pem
wrong 'agentd key: .* is not the key of' cp verifier/clientkey.pem host-a/serverkey.pem
wrong 'agentd certificate: .* is not there' rm host-a/servercert.pem
wrong 'agentd CA: .*no certificate in PEM' 'echo x >cacert.pem'
wrong 'verifierd CRL: .*no revocation list' 'echo x >crl.pem'
wrong "agentd: .*agentd.conf:12: " 'echo "lisetn = [" >>../agentd.conf'
"$pki" make "$dir/elsewhere" --host host-a --verifier verifier >/dev/null
wrong 'agentd certificate: .* not signed by a CA' cp ../elsewhere/cacert.pem cacert.pem
wrong 'agentd CRL: .* is of no CA' cp ../elsewhere/crl.pem crl.pem
# shellcheck disable=SC2016 # it is evaluated there
wrong 'migration CA key: others may' 'echo x >migration-ca-key.pem; chmod 644 migration-ca-key.pem;
	echo "trust_own = \"$dir/pki/migration-ca.pem\"" >>../verifierd.conf'
sed -i '/^trust_own/d' "$dir/verifierd.conf"
exits 0 doctor

echo "# who is not root is told what that hides"
mkdir "$dir/bin"
cp "$bin/virt-attest" "$dir/bin/"
chmod -R a+rX "$dir/bin" "$dir"/*.conf
chmod 711 "$dir"
exits 0 setpriv --reuid=nobody --regid=nogroup --clear-groups "$dir/bin/virt-attest" doctor \
	--agentd "$dir/agentd.conf" --verifierd "$dir/verifierd.conf"
says out '^skip  agentd key: .* cannot be read: Permission denied'
says out '^skip  store: '
says out '^skip  verifier: .* may not'
says out 'Not run as root'

echo "# a TPM that does not answer: named, and within its time"
stop agent
kill -STOP "${pid_of[tpm-a]}"
began=$SECONDS
exits 2 doctor # of the agent
[ $((SECONDS - began)) -le 12 ] || fail "it took $((SECONDS - began)) s"
says out '^skip  TPM: no answer within 5 seconds'
kill -CONT "${pid_of[tpm-a]}"
