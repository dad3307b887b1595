#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A golden value tried on thousands of hosts holds up nobody's verdict.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

hosts=3000
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_verifier
start_tpm tpm-a
start_agent agent-a host-a tpm-a
exits 0 va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --group rack --ek-sha256 "${ek_of[tpm-a]}" --yes
exits 0 va verify host-a
exits 0 va golden add host-a --for-group
stop verifier
# The same machine under many names, and what it showed.
sqlite3 "$dir/verifier.db" "
CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $hosts) SELECT i FROM n;
CREATE TEMP TABLE one AS SELECT * FROM hosts;
CREATE TEMP TABLE said AS SELECT * FROM verdicts;
CREATE TEMP TABLE more AS SELECT one.*, i FROM one, n;
UPDATE more SET name = 'h' || i;
ALTER TABLE more DROP COLUMN i;
INSERT INTO hosts SELECT * FROM more;
CREATE TEMP TABLE more_said AS SELECT said.*, i FROM said, n;
UPDATE more_said SET host = 'h' || i, id = id + i;
ALTER TABLE more_said DROP COLUMN i;
INSERT INTO verdicts SELECT * FROM more_said;"
start_verifier
"$bin/virt-attest" -S "$dir/v.sock" golden test 2 >"$dir/tested" &
pid_of[test]=$!
for _ in 1 2 3 4; do exits 0 va verify host-a; done
kill -0 "${pid_of[test]}" 2>/dev/null || fail "verdicts waited until all hosts were tried"
wait "${pid_of[test]}" || fail "a host would fail"
unset "pid_of[test]"
[ "$(grep -c 'would pass' "$dir/tested")" = $((hosts + 1)) ] || fail "not every host was tried"
# Who asked and left leaves nothing behind.
"$bin/virt-attest" -S "$dir/v.sock" golden test 2 >/dev/null 2>&1 &
pid_of[test]=$!
exits 0 va verify host-a
stop test
exits 0 va verify host-a
