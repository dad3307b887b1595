#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The verifier is killed in the middle of a change: at the first write of its
# store, at the second, and so on until the change outlives it.  After each
# death the change is there whole or not at all, what was acknowledged is
# there, and the audit log holds.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
start_agent agent-a host-a tpm-a
export DIE_AT=$dir/die-at
verifierd=dying-verifierd
start_verifier

# dies CHANGE: runs it at every write.  CHANGE_there tells whether it happened;
# CHANGE_whole and CHANGE_absent check one and the other, CHANGE_undo undoes.
dies() {
	local change=$1 n=0 died=0 got
	while :; do
		n=$((n + 1)) got=0
		echo "$n" >"$DIE_AT"
		"$change" >"$dir/out" 2>"$dir/err" || got=$?
		[ -e "$DIE_AT" ] || died=$((died + 1))
		stop verifier KILL
		recover "$n"
		exits 0 va audit verify
		if "${change}_there"; then
			"${change}_whole"
			"${change}_undo"
		else
			[ "$got" != 0 ] || fail "$change: acknowledged and gone, at write $n"
			"${change}_absent"
		fi
		[ "$died" = "$n" ] || break
	done
	[ "$got" = 0 ] || fail "$change: status $got"
	[ "$died" -ge 2 ] || fail "$change: the verifier died $died times"
	echo "$change: died at $died writes"
}

# It starts anew, and in every third case dies while it puts its store right.
recover() {
	rm -f "$DIE_AT"
	if [ $(($1 % 3)) = 0 ]; then
		echo 1 >"$DIE_AT"
		launch_verifier
		until_true 60 dead_or_up
		stop verifier KILL
		rm -f "$DIE_AT"
	fi
	start_verifier
}
dead_or_up() { verifier_is_up || ! kill -0 "${pid_of[verifier]}"; }

enrol() { va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes; }
enrol_there() { va show host-a >/dev/null 2>&1; }
enrol_whole() { exits 0 va verify host-a; }
enrol_absent() {
	exits 4 va verify host-a
	[ "$(va golden list --json | grep -c '"id"')" = 0 ] || fail "a golden value without its host"
}
enrol_undo() { exits 0 va forget host-a --yes; }

verdict() { va verify host-a; }
verdicts() { va audit show --json | grep -c '"verdict"' || true; }
verdict_there() { [ "$(verdicts)" -gt "$known" ]; }
verdict_whole() { exits 0 va show host-a --evidence; }
verdict_absent() { [ "$(verdicts)" = "$known" ] || fail "a verdict is gone"; }
verdict_undo() { known=$(verdicts); }

approval() { va golden approve "$candidate"; }
approval_there() { va golden show "$candidate" | grep -q active; }
approval_whole() { exits 0 va verify host-a; }
approval_absent() { va golden show "$candidate" | grep -q candidate || fail "half approved"; }
approval_undo() { candidate=$(va golden add host-a --json | sed -n 's/.*"id": \([0-9]*\),.*/\1/p'); }

echo "# an enrolment"
dies enrol
enrol >/dev/null
echo "# a verdict"
known=$(verdicts)
dies verdict
echo "# an approval"
approval_undo
dies approval
