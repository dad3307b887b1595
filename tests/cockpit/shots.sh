#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# shots.sh FOLDER [HOSTS]: pictures of the page to judge it by, light, dark and on
# a phone, with a rack of hosts (10,000) whose rows are copies; and what so many
# take.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
to=$(realpath "${1:?a folder for the pictures}")
hosts=${2:-10000}

# Rows of a rack: copies of one host, each with a key of its own.
columns() { sqlite3 "$dir/verifier.db" "SELECT group_concat('o.' || name) FROM pragma_table_info('$1') WHERE name NOT IN ($2)"; }
copy_rows() {
	local host golden
	host=$(columns hosts "'name', 'ek'")
	golden=$(columns goldens "'id', 'scope', 'label'")
	sqlite3 "$dir/verifier.db" <<-SQL
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $hosts - 1)
		INSERT INTO hosts (name, ek, ${host//o./})
			SELECT 'node-' || i || '.rack' || (i / 40) || '.example.net', randomblob(32), $host FROM hosts o, n;
		INSERT INTO verdicts (host, state, time, golden, appraised, resets, restarts, clock, safe, record)
			SELECT h.name, CASE WHEN random() % 10 = 0 THEN 'untrusted' WHEN random() % 20 = 0 THEN 'unreachable' ELSE 'trusted' END,
			unixepoch() - abs(random() % 20000), 1, appraised, resets, restarts, clock, safe, record
			FROM hosts h, verdicts WHERE h.name LIKE 'node-%';
		UPDATE verdicts SET golden = 0 WHERE state <> 'trusted';
		INSERT INTO verdict_reasons SELECT id, 0, 'golden', 'PCR 7 (sha256) and others, against golden value 1 '
			|| '''kernel 6.1.120, from the log of the machine that was updated first''' FROM verdicts WHERE state = 'untrusted';
		INSERT INTO verdict_reasons SELECT id, 0, 'unreachable', 'no answer' FROM verdicts WHERE state = 'unreachable';
		INSERT INTO goldens (scope, label, ${golden//o./})
			SELECT h.name, 'kernel 6.1.120', $golden FROM goldens o, hosts h WHERE h.name LIKE 'node-%';
		INSERT INTO golden_pcrs SELECT g.id, position, bank, pcr, value FROM golden_pcrs p, goldens g WHERE g.id <> p.golden;
	SQL
}

log=$dir/boot-log
cp "$source_dir/tests/fixtures/bootlog/grub.log" "$log"
"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
boots tpm-a "$log"
start_agent agent-a host-a tpm-a -o "boot_log=$log" -o ima_log=
start_verifier
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --pcrs sha256:0,2,4,7,8,9 --yes >/dev/null
va verify host-a >/dev/null
stop verifier
copy_rows
start_verifier
va golden add host-a --label "kernel 6.1.121, from the log" >/dev/null
reboot tpm-a "$source_dir/tests/fixtures/bootlog/cmdline.log"
cp "$source_dir/tests/fixtures/bootlog/cmdline.log" "$log"
exits 2 va verify host-a
start_cockpit root root
start_browser 1280 900
page=${page_of[root]}
all=$(echo "$hosts" | sed ':a;s/\B[0-9]\{3\}\>/,&/;ta')

# milliseconds SCRIPT
milliseconds() { browser run "const from = performance.now(); $1; return Math.round(performance.now() - from)"; }
began=$(date +%s%N)
browser go "$page"
browser see ".chip[data-state=all]" "$all"
echo "$hosts hosts: listed in $((($(date +%s%N) - began) / 1000000)) ms," \
	"$(browser run 'return Math.round(performance.memory.usedJSHeapSize / 1e6)') MB," \
	"$(milliseconds 'document.querySelector(".search").dispatchEvent(new Event("input"))') ms a repaint"

# picture NAME HASH SELECTOR: when that is there.
picture() {
	browser go "$page?$RANDOM#/$2"
	browser see "$3"
	browser shot "$to/$1.png"
}
pictures() {
	picture "$1-hosts" "" "tr[data-host]"
	picture "$1-host" host/host-a "#history li"
	picture "$1-goldens" golden "tr[data-golden]"
	picture "$1-golden" golden/1 ".pcrs"
	browser go "$page?$RANDOM#/check"
	browser see "#guest" test
	browser type "#uri" "qemu+tls://host-a/system"
	browser click button Check
	browser see "#report .finding"
	browser shot "$to/$1-check.png"
}
for theme in light dark; do
	browser run "localStorage.setItem('shell:style', '$theme')" >/dev/null
	browser size 1280 1000
	pictures "$theme"
	picture "$theme-revoke" golden "tr[data-golden]"
	browser click "[data-do=revoke]"
	browser see dialog
	browser shot "$to/$theme-revoke.png"
	browser size 390 844
	pictures "$theme-phone"
done
stop_browser
