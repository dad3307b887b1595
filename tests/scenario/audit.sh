#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The audit log under attack: somebody writes to the store's file behind the
# verifier.  What he does before a checkpoint is seen by the verifier itself;
# what he does to an export, or to a log whose checkpoints he took away, by
# whoever has the key, another machine without our programs among them.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

ask() { printf '%s\n' "$1" | timeout 10 socat -t 10 - "UNIX-CONNECT:$dir/v.sock"; }
# forced NAME...: a line each.
forced() {
	local name
	for name in "$@"; do
		ask "{\"execute\":\"forced\",\"arguments\":{\"host\":\"host-a\",\"domain\":\"$name\",\"checks\":\"cpu\"}}"
	done >/dev/null
}
stranger() { perl "$source_dir/docs/examples/audit-export.pl" "$@"; }
by_key() { va audit verify "$1" --key "$dir/key.pem" "${@:2}"; }
checkpointed() { grep -q event=audit-checkpoint "$dir/verifier.log"; }
# tampered SQL: in the stopped verifier's store.
tampered() {
	stop verifier
	cp "$dir/verifier.db" "$dir/kept.db"
	sqlite3 "$dir/verifier.db" "$1"
	start_verifier
}
restored() {
	stop verifier
	rm -f "$dir"/verifier.db*
	cp "$dir/kept.db" "$dir/verifier.db"
	start_verifier
}

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
echo "# checkpoints at intervals, without being asked"
start_verifier -o audit_checkpoint_s=1
forced db1 db2 "dä"
until_true 20 checkpointed
stop verifier
start_verifier
exits 0 va key
cp "$dir/out" "$dir/key.pem"
exits 0 va key --json
cp "$dir/out" "$dir/key.jwk"
exits 0 va audit verify
says out "signed up to line"

echo "# on demand: for others, by JOSE's and openssl's own programs"
forced db3
exits 0 va audit checkpoint
cp "$dir/out" "$dir/early.jwt"
tr -d '\n' <"$dir/early.jwt" >"$dir/jwt"
exits 0 jose jws ver -i "$dir/jwt" -k "$dir/key.jwk" -O "$dir/claims"
says claims '"size":5,'
grep -q "checkpoint=$(cat "$dir/early.jwt")" "$dir/verifier.log" || fail "the log does not have it"
forced db4 db5
exits 0 va audit export "$dir/export"
exits 1 va audit export "$dir/export" # an older one is not written over
says err "File exists"
exits 0 by_key "$dir/export" --checkpoint "$dir/early.jwt"
says out "lines 1 to 7 hold"
exits 0 stranger "$dir/export" "$dir/key.pem"
says out "lines 1 to 7 hold"
stop verifier
exits 0 by_key "$dir/export" # nobody need be there
start_verifier

echo "# an export that was touched, or is another verifier's"
sed 's/domain=db2/domain=db9/' "$dir/export" >"$dir/bent"
exits 2 by_key "$dir/bent"
says err "line 2 is not"
exits 2 stranger "$dir/bent" "$dir/key.pem"
head -n -1 "$dir/export" >"$dir/bent"
exits 2 by_key "$dir/bent"
says err "ends without a checkpoint"
exits 2 stranger "$dir/bent" "$dir/key.pem"
sed '/"sequence":7,/d' "$dir/export" >"$dir/bent"
exits 2 by_key "$dir/bent"
exits 2 stranger "$dir/bent" "$dir/key.pem"
openssl ecparam -genkey -name prime256v1 -noout | openssl pkey -pubout >"$dir/other.pem"
exits 2 va audit verify "$dir/export" --key "$dir/other.pem"
exits 1 va audit verify "$dir/export" # by which key?
exits 1 va audit verify "$dir/nothing" --key "$dir/key.pem"

echo "# which lines: time, host, event; and a part of them as an export"
exits 0 va audit show --event forced --host HOST-A --since -1h
[ "$(grep -c forced "$dir/out")" = 6 ] || fail "not all"
exits 0 va audit show --until -1h
[ ! -s "$dir/out" ] || fail "too old"
exits 0 va audit show --json --event key-make
[ "$(sqlite3 :memory: "SELECT json_array_length(readfile('$dir/out'), '\$.lines')")" = 1 ] || fail "not JSON of one line"
exits 1 va audit show --since yesterday
exits 0 va audit export "$dir/part" --since -1h
exits 4 va audit export "$dir/none" --since +1h
[ ! -e "$dir/none" ] || fail "half an export"

echo "# the log is written anew, chain and all, by who has no key"
tampered "UPDATE audit SET detail = 'domain=db9 checks=cpu' WHERE sequence = 6"
exits 2 va audit verify
says err "line 6"
exits 2 va audit export "$dir/none"
restored
tampered "DELETE FROM audit WHERE sequence > 6; UPDATE audit_head SET sequence = 6, hash = (SELECT hash FROM audit WHERE sequence = 6)"
exits 2 va audit verify
says err "lines were taken away"
exits 2 va audit checkpoint # it signs nothing over it
forced db6                  # and in its place another
exits 2 va audit checkpoint
exits 2 va doctor
restored

echo "# the checkpoints behind it go, too: one that was kept elsewhere tells"
tampered "DELETE FROM audit WHERE sequence > 6; UPDATE audit_head SET sequence = 6, hash = (SELECT hash FROM audit WHERE sequence = 6);
	DELETE FROM audit_checkpoints WHERE size > 6"
exits 0 va audit verify
exits 0 va audit verify --key "$dir/key.pem" --checkpoint "$dir/early.jwt"
exits 2 va audit verify --key "$dir/key.pem" --checkpoint "$dir/export"
says err "lines were taken away"
restored

echo "# the beginning goes, as retention would take it"
tampered "DELETE FROM audit WHERE sequence <= 5"
exits 2 va audit verify
says err "no line says"
restored

echo "# lines that nothing vouches for are shown, and not exported"
tampered "DELETE FROM audit WHERE sequence <= 5; DELETE FROM audit_checkpoints WHERE size <= 5"
exits 0 va audit show
says out domain=db4
exits 2 va audit export "$dir/none"
[ ! -e "$dir/none" ] || fail "half an export"
restored
exits 0 va audit verify --key "$dir/key.pem" --checkpoint "$dir/export"
