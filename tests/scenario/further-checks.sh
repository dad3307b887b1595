#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A check of one's own is built with what is installed, and nothing of the
# source tree; what its program says of good and bad ones.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

build=$(cd "$bin/.." && pwd)
for component in dev cli; do
	DESTDIR=$dir/root cmake --install "$build" --component $component >"$dir/install.log" 2>&1 ||
		fail "$component is not installed"
done
! cmake --install "$build" --prefix "$dir/elsewhere" >"$dir/elsewhere.log" 2>&1 || fail "installed where its units do not look"
says elsewhere.log "made to be installed into"
[ ! -e "$dir/elsewhere" ] || fail "half of it was installed"
pc=$(find "$dir/root" -name virt-attest.pc)
program=$(find "$dir/root" -name virt-attest-check-object)
[ -n "$pc" ] || fail "no virt-attest.pc is installed"
[ -x "$program" ] || fail "no program is installed"
[ -n "$(PKG_CONFIG_PATH=${pc%/*} pkg-config --variable=checksdir virt-attest)" ] || fail "no folder for checks"
cp -r "$source_dir/docs/examples/check" "$dir/example"
# As if it were installed where it lies.
sed "s:^includedir=:&$dir/root:" "$pc" >"$dir/example/virt-attest.pc"
export PKG_CONFIG_PATH=$dir/example
read -ra cflags <<<"$(pkg-config --cflags virt-attest)"

echo "# the header, in old C and in C++"
echo '#include <virt-attest/check.h>' >"$dir/h.c"
cc "${cflags[@]}" -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only "$dir/h.c"
cc "${cflags[@]}" -x c++ -std=c++98 -pedantic -Wall -Wextra -Werror -fsyntax-only "$dir/h.c"

echo "# the example, by make and by CMake"
make -s -C "$dir/example" CFLAGS='-Wall -Wextra -Werror'
cmake -S "$dir/example" -B "$dir/by-cmake" >"$dir/cmake.log" 2>&1 || fail "cmake"
cmake --build "$dir/by-cmake" >>"$dir/cmake.log" 2>&1 || fail "cmake --build"

# answers OBJECT FACTS MEMBER...
answers() {
	local object=$1 facts=$2 member
	shift 2
	printf '%s' "$facts" | "$program" "$object" >"$dir/out" 2>"$dir/err" || fail "no answer: $(cat "$dir/err")"
	[ "$(wc -l <"$dir/out")" = 1 ] || fail "not one line: $(cat "$dir/out")"
	for member in "$@"; do says out "$member"; done
}
hosts() { printf '{"version":1,"source":{"hostname":"%s"},"destination":{"hostname":"%s"}}' "$1" "$2"; }
for object in "$dir/example/rack.so" "$dir/by-cmake/rack.so"; do
	answers "$object" "$(hosts r1-a r1-b)" '"id":"rack"' '"outcome":"pass"' '"severity":"warn"' '"source":"r1"'
	answers "$object" "$(hosts r1-a r2-b)" '"outcome":"warn"' '"destination":"r2"' '"remedy":"choose'
	answers "$object" "$(hosts one two)" '"outcome":"not-run"' '"text":"a host'
	answers "$object" '{}' '"outcome":"not-run"'
done

echo "# the executable, with and without its freeze"
sed "s:/etc/virt-attest/freeze:$dir/freeze:" "$dir/example/freeze" >"$dir/try-freeze"
sh "$dir/try-freeze" </dev/null >"$dir/out"
says out '"outcome":"pass"'
touch "$dir/freeze"
sh "$dir/try-freeze" </dev/null >"$dir/out"
says out '"outcome":"block"'

# make_object NAME BODY [VERSION]: a check whose run() is BODY.
make_object() {
	cat >"$dir/$1.c" <<-C
		#include <stdlib.h>
		#include <unistd.h>
		#include <virt-attest/check.h>
		static void run(const char *facts, struct virt_attest_result *r) { (void)facts; (void)r; $2 }
		const struct virt_attest_check virt_attest_check = {${3:-1}, "$1", "it", VIRT_ATTEST_BLOCK, run};
	C
	cc "${cflags[@]}" -shared -fPIC "$dir/$1.c" -o "$dir/$1.so"
}

echo "# a crash is no answer; neither is another version, nor what is no check"
make_object crashes 'r->outcome = VIRT_ATTEST_PASS; r->text[0] = 120; abort();'
# In a shell, which has a word for it.
exits 134 bash -c '"$@"; exit $?' - "$program" "$dir/crashes.so" </dev/null
[ ! -s "$dir/out" ] || fail "one that crashed answered"
make_object newer 'r->outcome = VIRT_ATTEST_PASS; r->text[0] = 120;' 2
exits 1 "$program" "$dir/newer.so" </dev/null
says err 'it is of version 2 of virt-attest/check.h, and version 1 is known here'
make_object other ''
sed -i 's/ virt_attest_check = / another_check = /' "$dir/other.c"
cc "${cflags[@]}" -shared -fPIC "$dir/other.c" -o "$dir/other.so"
exits 1 "$program" "$dir/other.so" </dev/null
says err "exports no 'virt_attest_check'"
exits 1 "$program" "$dir/other.c" </dev/null
exits 1 "$program" other.so </dev/null
exits 1 "$program"
says err usage
[ ! -s "$dir/out" ] || fail "an answer from nobody"

echo "# one that hangs ends with who asked"
make_object hangs 'write(2, "hanging\n", 8); for (;;) pause();'
cat >"$dir/asker" <<-'ASKER'
	"$1" "$2" </dev/null >"$3" 2>"$4" &
	echo $! >"$5"
	wait
ASKER
bash "$dir/asker" "$program" "$dir/hangs.so" "$dir/out" "$dir/hang.log" "$dir/hang.pid" &
pid_of[asker]=$!
until_true 30 grep -q hanging "$dir/hang.log"
stop asker KILL
gone() { [ ! -e "/proc/$(cat "$dir/hang.pid")" ] || grep -q '^State:.Z' "/proc/$(cat "$dir/hang.pid")/status"; }
until_true 30 gone
[ ! -s "$dir/out" ] || fail "one that hangs answered"
