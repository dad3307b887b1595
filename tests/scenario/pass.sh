#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The pass: a domain comes in when its source's verifier says so and its source
# is trusted here and now; each way that it can be bad is refused in words.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --host host-b --verifier verifier >/dev/null
for host in a b; do
	make_tpm "tpm-$host"
	start_tpm "tpm-$host"
	start_agent "agent-$host" "host-$host" "tpm-$host"
done
mkdir "$dir/roots" "$dir/keys"
cp "$dir/maker/root.pem" "$dir/maker/issuer.pem" "$dir/roots/"

echo "# host-a's verifier makes its key; host-b's gets the public half, once"
start_verifier
exits 0 va key
cp "$dir/out" "$dir/keys/host-a.pem"
stop verifier
mv "$dir/verifier.db" "$dir/a.db"
# pass-tool issues by the same store and code as host-a's verifier.
tool() { "$bin/pass-tool" "sqlite:$dir/${store:-a}.db" "$@" 2>/dev/null; }
[ "$(tool key)" = "$(cat "$dir/keys/host-a.pem")" ] || fail "another key"

# host-b's verifier, which knows host-a.
serve() {
	start_verifier -o "ek_roots=$dir/roots" -o host_name=host-b -o "pass_keys=$dir/keys" -o read_group=games
}
serve
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --yes
exits 0 va enroll host-b --address "127.0.0.1:${port_of[agent-b]}" --yes

uuid=0b1a5b62-5a0e-4b6e-9c1d-1f2e3d4c5b6a
carries() { # carries PASS: it is in the domain's metadata
	printf '%s' "<domain type='kvm'><name>db1</name><uuid>$uuid</uuid><metadata>" \
		"<virt-attest:pass xmlns:virt-attest='urn:virt-attest:pass:1'>$1</virt-attest:pass></metadata></domain>" >"$dir/xml"
}
policy=require
# As libvirt calls it.
arrives() { "$bin/virt-attest-hook" --pass "$policy" -S "$dir/v.sock" db1 migrate begin - <"$dir/xml"; }
# libvirt would take a word on standard output for another domain.
comes_in() {
	exits 0 arrives
	[ -z "$(cat "$dir/out" "$dir/err")" ] || fail "the hook said something"
}
# kept_out STATUS WORDS
kept_out() {
	exits "$1" arrives
	says err "^virt-attest: incoming migration of 'db1' refused: .*$2"
	[ ! -s "$dir/out" ] || fail "on standard output: $(cat "$dir/out")"
	[ "$(wc -l <"$dir/err")" = 1 ] || fail "not one line: $(cat "$dir/err")"
}
issue() { carries "$(tool issue host-a "$uuid" host-b 60)"; }
# claims ISS SUB AUD IAT EXP: by host-a's key, whatever they say.
claims() {
	carries "$(tool sign "${typ:-virt-attest-pass+jwt}" "{\"iss\":\"$1\",\"sub\":\"$2\",\"aud\":\"$3\",\"iat\":$4,\"exp\":$5,\"jti\":\"$(head -c 16 /dev/urandom | basenc --base64url | tr -d =)\"}")"
}
now=$(date +%s)

# Meanwhile: a verifier that never answers, and a libvirt that never ends.
issue
cp "$dir/xml" "$dir/xml.hung"
socat "UNIX-LISTEN:$dir/hung.sock" EXEC:"sleep 100" >/dev/null 2>&1 &
pid_of[hung]=$!
until_true 60 test -S "$dir/hung.sock"
timeout 27 "$bin/virt-attest-hook" --pass require -S "$dir/hung.sock" db1 migrate begin - <"$dir/xml.hung" 2>"$dir/hung.err" &
waits_for_verifier=$!
mkfifo "$dir/endless"
timeout 27 "$bin/virt-attest-hook" --pass warn -S "$dir/v.sock" db1 migrate begin - <"$dir/endless" 2>"$dir/endless.err" &
waits_for_libvirt=$!
exec 7>"$dir/endless"

echo "# a good one, once"
issue
comes_in
kept_out 4 "used before"
exits 0 va audit show
says out "pass-use  *host-a .*uuid=$uuid"
says out "pass-refused  *db1 .*used before"
claims host-a "$uuid" HOST-B "$now" "$((now + 60))"
comes_in

echo "# whoever asks for nothing as fast as he can does not fill the disk"
yes "{\"execute\":\"pass\",\"arguments\":{\"uuid\":\"$uuid\",\"pass\":\"\"}}" | head -n 500 >"$dir/requests" || true
flooded() { [ "$(wc -l <"$dir/flood.out")" = 500 ]; }
{ cat "$dir/requests"; tail --pid=$$ -f /dev/null; } | socat - "UNIX-CONNECT:$dir/v.sock" >"$dir/flood.out" &
pid_of[flood]=$!
until_true 60 flooded
[ "$(va audit show | grep -c pass-refused)" -le 120 ] || fail "$(va audit show | grep -c pass-refused) lines"
stop flood

echo "# it stays used when the verifier is killed"
issue
comes_in
stop verifier KILL
serve
kept_out 4 "used before"
issue
comes_in

echo "# of another domain, to another host, over, from ahead"
claims host-a 1b1a5b62-5a0e-4b6e-9c1d-1f2e3d4c5b6a host-b "$now" "$((now + 60))"
kept_out 4 "is for the domain 1b1a5b62-5a0e-4b6e-9c1d-1f2e3d4c5b6a, not for this one"
claims host-a "$uuid" host-c "$now" "$((now + 60))"
kept_out 4 "is for 'host-c', and this host is 'host-b'"
claims host-a "$uuid" host-b "$((now - 200))" "$((now - 100))"
kept_out 4 "the pass ended .* s ago"
claims host-a "$uuid" host-b "$((now + 3600))" "$((now + 3660))"
kept_out 4 "the clocks of the hosts are apart"
claims host-a "$uuid" host-b "$now" "$((now + 3601))"
kept_out 4 "it lives longer"

echo "# of a verifier that nobody here knows; of one in another's name"
store=c issue
kept_out 4 "no pass by a verifier whose key is in"
store=c tool key >"$dir/keys/host-c.pem"
store=c issue
kept_out 4 "in the name of 'host-a' and signed by the verifier of 'host-c'"

echo "# by its own key, of a host that is not enrolled here"
carries "$(store=c tool issue host-c "$uuid" host-b 60)"
kept_out 4 "no such host is enrolled"
rm "$dir/keys/host-c.pem"

echo "# of a key that others may write"
issue
chmod 666 "$dir/keys/host-a.pem"
kept_out 4 "others than its owner may write it"
chmod 644 "$dir/keys/host-a.pem"
comes_in

echo "# another token of the same key"
typ=eat+jwt claims host-a "$uuid" host-b "$now" "$((now + 60))"
kept_out 4 "no pass by a verifier"
exits 0 va verify --format ear host-a
carries "$(cat "$dir/out")"
exits 0 va key
cp "$dir/out" "$dir/keys/host-b.pem"
kept_out 4 "no pass by a verifier"

echo "# none, nonsense, too much"
carries ''
kept_out 4 "the source is unknown: the domain carries no valid pass of its source: it carries none. What to do: "
carries 'a.b.c'
kept_out 4 "no pass by a verifier"
carries "$(head -c 3000 /dev/zero | tr '\0' a)"
kept_out 1 "more than 2048 characters"
echo "<domain><uuid>$uuid</uuid></domain>" >"$dir/xml"
kept_out 4 "it carries none"
echo nonsense >"$dir/xml"
kept_out 1 "the domain's XML is none"
: >"$dir/xml"
kept_out 1 "the domain's XML is none"
echo "<!DOCTYPE d [<!ENTITY x SYSTEM '/etc/passwd'>]><domain><uuid>&x;</uuid></domain>" >"$dir/xml"
kept_out 1 "document type"
head -c 5000000 /dev/zero | tr '\0' ' ' >"$dir/xml"
kept_out 1 "more than 4194304 bytes"

echo "# a source that nobody approved"
issue
extend tpm-a 7 "what nobody approved"
kept_out 2 "host-a is untrusted"
kept_out 4 "used before" # also what led to a no is used up
policy=warn
issue
exits 0 arrives
says err "^virt-attest: incoming migration of 'db1' let in all the same: host-a is untrusted"
[ ! -s "$dir/out" ] || fail "on standard output: $(cat "$dir/out")"

echo "# a source that is silent"
policy=require
stop agent-a KILL
issue
kept_out 3 "host-a is unreachable"

echo "# who may not read gets no answer, who may read does"
carries ''
if [ "$(id -u)" = 0 ]; then
	chmod 711 "$dir"
	exits 1 setpriv --reuid 65534 --regid 65534 --clear-groups "$bin/virt-attest-hook" --pass require -S "$dir/v.sock" db1 migrate begin - <"$dir/xml"
	says err "no verdict (uid 65534 may not"
	exits 4 setpriv --reuid 65534 --regid 65534 --groups "$(getent group games | cut -d: -f3)" "$bin/virt-attest-hook" --pass require -S "$dir/v.sock" db1 migrate begin - <"$dir/xml"
	says err "it carries none"
fi

echo "# nobody to ask"
stop verifier KILL
issue
kept_out 1 "no verdict .*Is virt-attest-verifierd running?"
policy=warn
exits 0 arrives
says err "let in all the same: no verdict"
policy=off
comes_in

echo "# whatever else libvirt calls it for costs nothing, with nobody to ask"
for policy in require warn off; do
	for other in "prepare begin -" "start begin -" "started begin -" "stopped end -" "release end -" \
		"release end migrated" "reconnect begin -" "attach begin -" "restore begin -" "migrate end -"; do
		# shellcheck disable=SC2086 # the words of a call
		exits 0 timeout 2 "$bin/virt-attest-hook" --pass "$policy" -S "$dir/v.sock" db1 $other
		[ -z "$(cat "$dir/out" "$dir/err")" ] || fail "the hook said something"
	done
done
exits 0 hook db1 migrate begin -

echo "# a domain's name may be an option's; a policy that is none lets nobody in"
for name in -S --pass --help; do
	exits 1 "$bin/virt-attest-hook" --pass require -S "$dir/v.sock" "$name" migrate begin - <"$dir/xml"
	says err "refused: no verdict"
	exits 0 "$bin/virt-attest-hook" --pass require "$name" start begin - <"$dir/xml"
done
exits 0 "$bin/virt-attest-hook" --pass migrate begin - # a domain's name, and no option
exits 1 "$bin/virt-attest-hook" --pass "$policy"x db1 migrate begin - <"$dir/xml"
says err usage
exits 1 "$bin/virt-attest-hook" --pass db1 migrate begin - <"$dir/xml"
says err usage

echo "# the script for qemu.d, as it is installed"
mkdir "$dir/path"
ln -s "$bin/virt-attest-hook" "$dir/path/virt-attest-hook"
exits 1 env "PATH=$dir/path:$PATH" "$source_dir/hooks/libvirt/50-virt-attest" db1 migrate begin - <"$dir/xml"
says err "incoming migration of 'db1' refused"
exits 0 env "PATH=$dir/path:$PATH" "$source_dir/hooks/libvirt/50-virt-attest" db1 start begin - <"$dir/xml"

echo "# whoever hangs holds libvirt no longer than the hook's own deadline"
status=0
wait "$waits_for_verifier" || status=$?
[ "$status" = 1 ] || fail "exit status $status with a verifier that hangs"
says hung.err "refused: no verdict (the verifier did not answer in time)"
status=0
wait "$waits_for_libvirt" || status=$?
[ "$status" = 0 ] || fail "exit status $status with a libvirt that hangs"
says endless.err "let in all the same: libvirt's XML of the domain did not end in time"
