#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# docs.sh BUILD-FOLDER: what the documents name is there: other documents, tests,
# verbs of dev, commands of virt-attest and their options.
#
# shellcheck disable=SC2016 # what stands between backquotes
set -eu -o pipefail
help=$("$1/bin/virt-attest" help | sed ':all; N; $!b all; s/\n        / /g')
bad=0
complain() {
	echo "docs: $*"
	bad=1
}
mapfile -t docs < <(git ls-files '*.md')
files=$(git ls-files)

# named PATTERN: FILE:WORD of each place, once.
named() { grep -HoE "$1" "${docs[@]}" | sort -u; }
# there NAME: a file of the tree; this one is installed by another name.
there() { grep -qE "(^|/)$1\$" <<<"$files" || [ "$1" = certificates.md ]; }

while IFS=: read -r doc name; do
	there "$name" || complain "$doc: there is no $name"
done < <(named '[A-Za-z_-]+\.md\b')
while IFS=: read -r doc name; do
	name=${name//\`/}
	case $name in
	fuzz/*) there "tests/$name.c" ;;
	*_test) there "tests/unit/$name.c" ;;
	*) there "$name" ;;
	esac || complain "$doc: there is no test $name"
done < <(grep -HoE '`(fuzz/[a-z]+|[a-z0-9_]+_test|[a-z-]+\.sh)`' SECURITY.md | sort -u)
while IFS=: read -r doc verb; do
	grep -qE "^(.*\| )?${verb#* }( \|.*)?\)" dev || complain "$doc: dev has no ${verb#* }"
done < <(named '\./dev [a-z-]+')

# usage COMMAND...: of all its forms.
usage() { grep -E "^  $* |^  $*\$" <<<"$help" || true; }
# What is to be typed: FILE:COMMAND of each.
typed() {
	for doc in "${docs[@]}"; do
		{
			sed -n 's/^    //p' "$doc"
			grep -oE '`[^`]*`' "$doc" | tr -d '`' || true
		} | sed 's/[;&|(#]/\n/g' | sed -nE "s|^ *virt-attest ([a-z].*)|$doc:\1|p"
	done
}
while IFS=: read -r doc line; do
	read -ra words <<<"$line"
	said=$(usage "${words[0]} ${words[1]-}")
	[ -n "$said" ] || said=$(usage "${words[0]}")
	case ${words[0]} in
	help | check | migrate | permit) continue ;; # and virsh's
	pki) said=$(certs/virt-attest-pki help 2>&1 || true) ;;
	esac
	[ -n "$said" ] || complain "$doc: no command: virt-attest ${words[0]}"
	for option in $(grep -oE -e ' --[a-z][a-z0-9-]*' <<<"$line" || true); do
		grep -qE -e "${option# }([^a-z-]|\$)" <<<"$said" || complain "$doc: virt-attest ${words[*]:0:2} has no ${option# }"
	done
done < <(typed)
exit $bad
