#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# headers.sh FLOORS-FOLDER: each header compiles alone.
set -eu -o pipefail
flags=()
for room in "$1"/*; do flags+=("-I$room"); done
bad=0
while read -r header; do
	${CC:-cc} -std=gnu17 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra "${flags[@]}" \
		-I"$(dirname "$header")" -x c "$header" 2>&1 || bad=1
done < <(git ls-files '*.h' | grep -v private)
exit $bad
