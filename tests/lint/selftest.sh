#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# selftest.sh BUILD-FOLDER: every lint turns red at the fault it is there for,
# says which, and is green without it.
set -eu -o pipefail
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
lints=$PWD/tests/lint
build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

licence='SPDX-License-Identifier: LGPL-2.1-or-later'
tried=" selftest "

# A tree of two good files, in a repository of its own.
begin() {
	rm -rf "$dir/tree"
	mkdir -p "$dir/tree"/{common/base,common/crypto,verifierd/store,tests,certs,.ci}
	cd "$dir/tree"
	cp "$lints/../../.clang-format" "$lints/../../.clang-tidy" .
	printf '/* %s */\n#include "a.h"\n\nint\na_twice(int n)\n{\n\treturn 2 * n;\n}\n' "$licence" >common/base/a.c
	printf '/* %s */\n#ifndef A_H\n#define A_H\nint a_twice(int n);\n#endif\n' "$licence" >common/base/a.h
	printf '/* %s */\nint crypto_port(void);\n' "$licence" >common/crypto/crypto.h
	printf '#!/bin/sh\n# %s\n' "$licence" | tee dev .ci/run certs/virt-attest-pki >tests/a.sh
	printf '# %s\nproject(t C)\nset(CMAKE_EXPORT_COMPILE_COMMANDS ON)\ncmake_minimum_required(VERSION 3.25)\nadd_library(a common/base/a.c)\n' \
		"$licence" >CMakeLists.txt
	git init -q .
}

# archive NAME makes libNAME.a of all that is in common/base.
archive() {
	${CC:-cc} -O -c common/base/a.c -o a.o
	ar rcs "lib$1.a" a.o
	rm a.o
}

run() {
	local lint=$1
	shift
	tried+="$lint "
	git add -A .
	"$lints/$lint.sh" "$@" >"$dir/said" 2>&1
}

green() {
	run "$@" && return
	echo "$1 is red without a fault:" && cat "$dir/said"
	bad=1
}

# red WORD LINT [ARGUMENT...]
red() {
	local word=$1
	shift
	if run "$@"; then
		echo "$1 does not see: $word"
		bad=1
	elif ! grep -q -- "$word" "$dir/said"; then
		echo "$1 is red, but does not say '$word':" && cat "$dir/said"
		bad=1
	fi
}

into() {
	printf '%b\n' "$2" >>"$1"
}

c_file() {
	printf '/* %s */\n' "$licence" >"$1"
	into "$1" "$2"
}

floors() {
	archive a
	red "$1" floors "$dir/tree/liba.a"
}

begin && archive a && green floors "$dir/tree/liba.a"
begin && into common/base/a.c '#include <time.h>\nlong a_now(void) { return time(0); }' && floors 'calls time'
begin && into common/base/a.c '#include <stdio.h>\nvoid a_say(void) { puts("x"); }' && floors 'calls puts'
begin && into common/base/a.c 'int crypto_none(void);\nint a_c(void) { return crypto_none(); }' && floors 'calls crypto_none'
begin && into common/base/a.c 'static int calls;\nint a_count(void) { return ++calls; }' && floors 'holds variables: calls'
begin && into common/base/a.c 'static _Thread_local int calls = 3;\nint a_count(void) { return ++calls; }' && floors 'holds variables: calls'
begin && into common/base/a.c 'int crypto_port(void);\nstatic const char *const t[] = {"a", "b"};
const char *a_at(int n) { return crypto_port() ? t[n] : 0; }' && archive a && green floors "$dir/tree/liba.a"

begin && green includes
begin && into common/base/a.c '#include <openssl/evp.h>' && red 'belongs to' includes
begin && into common/base/a.c '#include <sqlite3.h>' && red 'belongs to' includes
begin && into common/base/a.c '#include "../crypto/crypto.h"' && red 'climbs out' includes
begin && into common/base/a.h 'struct a { sqlite3 *db; };' && red 'passes a library' includes
begin && into common/base/a.h '/* as TPMS_ATTEST has it */' && green includes
begin && c_file verifierd/store/s.c 'int f(void *db, char *q) { return sqlite3_exec(db, q, 0, 0, 0); }' &&
	red 'SQL that is no constant: q' includes
begin && c_file verifierd/store/s.c 'static const char q[] = "x";\nint f(void *db) { return sqlite3_exec(db, q, 0, 0, 0); }' &&
	green includes
begin && c_file verifierd/store/s.c 'char *f(int n) { return sqlite3_mprintf("%d", n); }' &&
	red 'makes SQL from values' includes

# The words of a key are put together here, so that this file is no finding.
begin && green tree
begin && echo 'int x;' >common/base/x.c && red 'no SPDX line' tree
begin && c_file tests/x.h "/* -----BEGIN EC PRIV""ATE KEY----- */" && red 'a private key' tree
begin && c_file certs/serverkey.pem 'x' && red 'like a private key' tree
begin && c_file tests/x.h '/* /ho''me/somebody/src */' && red "a machine's path" tree
begin && c_file common/base/x.c "$(printf '\\n%.0s' {1..401})" && red 'over 400' tree
begin && into common/base/a.h "$(printf '\\n%.0s' {1..150})" && red 'over 140' tree
begin && into common/base/a.c "int\na_long(void)\n{$(printf '\\n%.0s' {1..60})}" && red 'a_long() has 6. lines' tree

begin && green headers "$dir/tree/common"
begin && into common/base/a.h 'uint8_t a_byte(void);' && red 'uint8_t' headers "$dir/tree/common"

begin && green format
begin && into common/base/a.c 'int  a_b( void );' && red 'clang-format-violations' format

begin && green shell
begin && into tests/a.sh 'cd $unset && rm *' && red 'SC2086\|SC2154' shell

begin && green words
begin && cp common/base/a.c common/base/a_util.c && red 'file of no subject' words
begin && into common/base/a.c 'int\nprocess_it(void)\n{\n\treturn 0;\n}' && red 'function of no subject' words
begin && into common/base/a.h 'typedef struct a { int b; } a_t;' && red 'typedef' words

begin && mkdir -p cockpit && cp tests/a.sh cockpit/a.js && green page
begin && mkdir -p cockpit && echo 'e.innerHTML = host;' >cockpit/a.js && red 'markup' page
begin && mkdir -p cockpit && echo '<p onclick="f()">' >cockpit/a.html && red 'script' page

begin && mkdir -p checks cli && c_file checks/facts_shape.c 'ONE(a_name), LIST(a_list)' &&
	c_file cli/a.c 'f->a_name = g.a_list;' && green facts
begin && mkdir -p checks cli && c_file checks/facts_shape.c 'ONE(a_name), LIST(a_list)' &&
	c_file cli/a.c 'f->a_name = 1;' && red "nobody asks for 'a_list'" facts

begin && green spell
begin && into common/base/a.h '/* rec''ieve */' && red 'receive' spell

begin && green cppcheck
begin && into common/base/a.c 'int\na_past(void)\n{\n\tint t[2] = {1, 2};\n\n\treturn t[2];\n}' && red 'arrayIndexOutOfBounds' cppcheck

begin && green tidy "$dir"
begin && into common/base/a.c 'int\na_div(int n)\n{\n\tint zero = 0;\n\n\treturn n / zero;\n}' && red 'core.DivideZero' tidy "$dir"

# The units: of this tree, with a misspelt line, and with nothing locked.
cd "$lints/../.."
mkdir "$dir/systemd"
ln -s "$build/bin" "$dir/bin"
tried+="units "
spoil() {
	cp "$build"/systemd/virt-attest-*.{service,socket,timer} "$dir/systemd"
	sed -i "$1" "$dir/systemd/virt-attest-agentd.service"
	! "$lints/units.sh" "$dir" >"$dir/said" 2>&1 && grep -q "$2" "$dir/said" || {
		echo "units does not see: $2" && cat "$dir/said"
		bad=1
	}
}
spoil 's/^LockPersonality/LokPersonality/' LokPersonality
spoil '/^Protect/d; /^Restrict/d; /^SystemCall/d; /^Capability/d' 'too much exposed'

# The manual: of this tree, with something left out or bent.
tried+="man "
bend() {
	rm -rf "$dir/man" && mkdir "$dir/man"
	cp "$build"/man/*.[1578] "$dir/man"
	sed -i "$2" "$dir/man/$1"
	! "$lints/man.sh" "$dir" >"$dir/said" 2>&1 && grep -q -e "$3" "$dir/said" || {
		echo "man does not see: $3" && cat "$dir/said"
		bad=1
	}
}
bend virt-attest.1 's/^\.Sh NAME/.Sh NOME/' 'NAME'
bend virt-attest.1 's/Fl -ima-policy/Fl -ima/' 'lacks --ima-policy of golden add'
bend virt-attest.1 's/^\.It Cm forget/.It Cm forge/' 'lacks forget'
bend virt-attest-agentd.conf.5 's/ima_log/ima/' 'lacks ima_log'
bend virt-attest-agentd.8 's/-show-ek/-show/' 'lacks --show-ek'
bend virt-attest-protocol.7 's/golden-test/golden-tests/' 'lacks golden-test'
bend virt-attest-hook.8 's/Xr virt-attest 1/Xr virt-attest 3/' 'virt-attest(3)'

# What documents name.
missing() {
	begin && into SECURITY.md "$1" && red "$2" docs "$build"
}
missing '`QUICKSTOP.md`' 'no QUICKSTOP.md'
missing '`no_such_test`' 'no test no_such_test'
missing '`./dev nothing`' 'dev has no nothing'
missing '    virt-attest notice host-b' 'no command: virt-attest notice'
missing '    virt-attest golden add host-b --form-log' 'golden add has no --form-log'

for lint in "$lints"/*.sh; do
	lint=${lint##*/}
	[[ $tried == *" ${lint%.sh} "* ]] || { echo "no fault tries ${lint}" && bad=1; }
done
exit $bad
