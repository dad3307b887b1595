#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# TAB in a real bash and a real zsh: commands, options, hosts, golden values,
# domains, URIs, files; and nothing that the table of commands has is left out.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# offered WORD...: what a shell is told for the last of the words, sorted.
offered() { "$bin/virt-attest" completion words -- "$@" | sort -u; }
# offers WORD WORD...: the first for the others.
offers() {
	local want=$1
	shift
	offered "$@" | grep >/dev/null -xF -- "$want" || fail "no '$want' behind '$*'"
}

echo "# all that the table has"
exits 1 va completion fish
exits 1 va completion bash zsh
n=0
while IFS= read -r line; do
	read -ra words <<<"$line"
	command=("${words[0]}")
	[[ ! ${words[0]} =~ ^(golden|audit)$ || ! ${words[1]-} =~ ^[a-z]+$ ]] || command+=("${words[1]}")
	offers "${words[0]}" ""
	[ "${#command[@]}" = 1 ] || offers "${command[1]}" "${command[0]}" ""
	options=$(grep -oE -- '--[a-z][a-z0-9-]*' <<<"$line" | sort -u) || continue
	missing=$(comm -23 - <(offered "${command[@]}" --) <<<"$options")
	[ -z "$missing" ] || fail "'${command[*]}' lacks $missing"
	n=$((n + $(wc -l <<<"$options")))
done < <(COLUMNS=4000 "$bin/virt-attest" help | awk '/^  [a-z]/ { if (line) print line; line = $0; next } /^   / { line = line $0; next } END { print line }')
[ "$n" -ge 60 ] || fail "only $n options were looked for"
for word in --copy-storage-all --persistent-xml --force; do offers "$word" check --; done
for word in --timeout --live; do offers "$word" migrate --; done
offers --unchecked permit --
offers machine check --force ma
offers ear verify --format ""
# The script of the PKI is another program's, and says its own.
diff <(offered pki -- | grep -vx -- --help) \
	<("$pki" help 2>&1 | grep -oE -- '--[a-z-]+' | sort -u | grep -vx -- --help) >&2 || fail "pki has other options"
for word in make ca host verifier revoke crl show install migration; do offers "$word" pki ""; done

"$pki" make "$dir/pki" --host host-a --verifier verifier >/dev/null
start_tpm tpm-a
start_agent agent-a host-a tpm-a
start_verifier
va enroll host-a --address "127.0.0.1:${port_of[agent-a]}" --ek-sha256 "${ek_of[tpm-a]}" --yes >"$dir/enrolled" 2>&1
touch "$dir/some-file.csv"

screen() { tmux -S "$dir/tmux" -f /dev/null "$@"; }
at_end() { screen kill-server 2>/dev/null; }
line_is() { [ "$(screen capture-pane -p -t 0 | grep . | tail -n 1 | sed 's/ *$//')" = "ready${1:+ $1}" ]; }
# becomes TYPED LINE: what TAB makes of it; the line is given up then.
becomes() {
	screen send-keys -t 0 -l "virt-attest $1"
	until_true 20 line_is "virt-attest ${1% }"
	screen send-keys -t 0 Tab
	until_true 20 line_is "virt-attest $2"
	screen send-keys -t 0 C-c
	screen send-keys -t 0 "clear" Enter
	until_true 20 line_is ""
}
# completes SHELL: as an operator has it, with the verifier of this story.
completes() {
	echo "# $1"
	becomes "gol" "golden"
	becomes "golden promo" "golden promote"
	becomes "verify --expl" "verify --explain"
	becomes "-S v.sock show h" "-S v.sock show host-a"
	becomes "-S v.sock verify --explain ho" "-S v.sock verify --explain host-a"
	becomes "-S v.sock golden show " "-S v.sock golden show 1"
	becomes "-S v.sock check -c test:///default t" "-S v.sock check -c test:///default test"
	becomes "-S v.sock check db1 qemu+tls://ho" "-S v.sock check db1 qemu+tls://host-a/system"
	becomes "enroll --from some" "enroll --from some-file.csv"
	becomes "enroll --from=some" "enroll --from=some-file.csv"
	screen kill-server
}
# TAB waits for nobody who does not answer: no verifier, no libvirt.
begin() { screen new-session -d -x 150 -y 24 "cd $dir; PATH=$bin:\$PATH HOME=$dir $1"; }

{ "$bin/virt-attest" completion bash && echo "PS1='ready '"; } >"$dir/.bashrc"
begin "bash --noprofile --rcfile $dir/.bashrc -i"
until_true 20 line_is ""
completes bash

mkdir "$dir/functions"
"$bin/virt-attest" completion zsh >"$dir/functions/_virt-attest"
printf '%s\n' "fpath=($dir/functions \$fpath)" "PS1='ready '" 'autoload -Uz compinit' \
	"compinit -u -d $dir/zcompdump" >"$dir/.zshrc"
begin "ZDOTDIR=$dir zsh -d -i"
until_true 20 line_is ""
completes zsh
