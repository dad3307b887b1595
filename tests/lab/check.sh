#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `virt-attest check` as a command: its words and exit status, whom it may be
# asked about and from where; and that each check has its story.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/check-lib.sh"

# shellcheck disable=SC2119 # the usual hosts
lab_up
start_guest host-a db1

echo "# for people"
exits 0 va host-a check db1 "$there"
says out '^WARN *software'
says out 'what to do: *run'
says out 'checks pass (--verbose lists them)$'
says out "^db1: may go to $there\$"
exits 0 va host-a check db1 "$there" --verbose
says out '^pass *machine'
uuid=$(on host-a virsh -q -c "$libvirt" domuuid db1)
exits 0 va host-a check "$uuid" "$there"
says out '^db1: may go'
exits 0 va host-a check db1 "$there" --json
[ "$(sqlite3 :memory: "select json_extract(cast(readfile('$dir/out') as text), '\$.verdict.verdict', '\$.status', '\$.domain')")" = \
	'["trusted",0,"db1"]' ] || fail "another verdict, status or domain"

echo "# statuses, and --force"
exits 2 va host-a check db1 "$there" --offline
says out '^BLOCK *persistence'
says out '^db1: may not go to'
exits 0 va host-a check db1 "$there" --offline --force persistence
says out '^forced *persistence'
exits 1 va host-a check db1 "$there" --force no-such-check
exits 1 va host-a check
says err '^usage: virt-attest check'
for command in check migrate permit enroll golden; do
	exits 0 va host-a "$command" --help
	says out "virt-attest $command\|^  $command"
	[ "$(wc -L <"$dir/out")" -le 80 ] || fail "$command --help is too wide"
done
exits 0 va host-a permit --help
! grep -q golden "$dir/out" || fail "permit --help has all commands"
exits 1 va host-a check none "$there"
says err "^virt-attest: libvirt at qemu:///system has no domain none\$"
exits 1 va host-a check none --all-hosts
echo '<domain' >"$dir/file.xml"
exits 1 va host-a check --xml "$dir/file.xml" "$there"
says err 'domain XML: line'
file && exits 0 va host-a check --xml "$dir/file.xml" "$there"
says out '^filed: may go'
halt host-b agentd
exits 3 va host-a check db1 "$there"
halt host-a verifierd
exits 4 va host-a check db1 "$there"
says out '^NOT RUN attestation *no verdict came.*is virt-attest-verifierd running'
says out 'also: *endpoint'
says out '^not run software'
says out '^db1: not known whether it may go to'
start_agentd host-b
start_verifierd host-a

echo "# URIs"
for bad in host-b qemu:///system test:///default qemu+unix:///system unix:///run/libvirt/libvirt-sock qemu+tcp://host-b/system 'qemu+tls:///system' nonsense; do
	exits 2 va host-a check db1 "$bad"
	[ "$(wc -l <"$dir/err")" = 1 ] || fail "$bad: more than a sentence"
done
exits 2 va host-a check db1 "$there" --migrateuri rdma://host-b
exits 2 va host-a check db1 "$there" --migrateuri unix:///run/x
exits 4 va host-a check db1 'qemu+tls://[fd00::77]/system'
says out "no host is enrolled at 'fd00::77'"
says out '^db1: may not go to'
cat >"$dir/host-a/etc/libvirt/libvirt.conf" <<-CONF
	uri_aliases = [
	  "b=$there",
	  "here=qemu:///system",
	]
CONF
exits 0 va host-a check db1 b
says out "^db1: may go to $there\$"
exits 0 va host-a check db1 b -c here
exits 2 va host-a check db1 c

echo "# from a third machine, which has host-a's verifier"
third() { on mgmt virt-attest -S "$dir/host-a/run/virt-attest/verifierd.sock" check "$@"; }
exits 0 third -c "$(to host-a)" db1 "$there"
says out '^WARN *reachable *only the source can tell'
says out '^db1: may go'

ask db1
echo "# each check was told of with a pass, and with something else"
stories=("$source_dir"/tests/lab/check*.sh "$source_dir/tests/unit/checks_real_test.c")
missing=0
# told ID OUTCOMES: by a story, or by real machines' words in a unit test.
told() {
	grep -qE "^[[:space:]]*(\*?[^#]*\) )?tell $1 ($2) " "${stories[@]}" && return
	grep -qiE "^[[:space:]]*(\{|ROW\()\"$1\", (OUTCOME_)?(${2//-/_})," "${stories[@]}"
}
while read -r id _; do
	told "$id" pass || { echo "$id: never passes" && missing=1; }
	told "$id" 'warn|block|not-run' || { echo "$id: never does other than pass" && missing=1; }
done <"$dir/findings"
[ "$(wc -l <"$dir/findings")" -ge 58 ] || fail "checks are missing"
[ $missing = 0 ] || fail "a check has no story"
