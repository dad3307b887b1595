#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every file says its licence; no key, no machine's path; files stay small.
set -eu -o pipefail
bad=0
while read -r file; do
	case $file in
	LICENSE | *.json | tests/fixtures/*/* | proto/vectors/* | tests/fuzz/corpus/*) continue ;;
	packaging/debian/changelog | packaging/debian/copyright | packaging/debian/descriptions/*) continue ;;
	esac
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later' || {
		echo "$file: no SPDX line" && bad=1
	}
done < <(git ls-files)
if git grep -nE -e '-----BEGIN ([A-Z]+ )?PRIVATE KEY' -- . ':!tests/lint'; then
	echo "  ... a private key" && bad=1
fi
if git ls-files | grep -E '(key|priv)[^/]*\.(pem|der)$|\.(key|p12|pfx)$'; then
	echo "  ... looks like a private key" && bad=1
fi
if git grep -nE '(/work/|/home/[a-z])' -- . ':!tests/lint'; then
	echo "  ... a machine's path" && bad=1
fi
while read -r file; do
	lines=$(wc -l <"$file")
	limit=400
	case $file in
	common/evidence/verdict.h) limit=220 ;; # holds the list of reasons
	tests/unit/*) limit=500 ;;
	*.h) limit=140 ;;
	esac
	[ "$lines" -le "$limit" ] || { echo "$file: $lines lines, over $limit" && bad=1; }
done < <(git ls-files '*.c' '*.h')
# A function's braces stand in the first column (.clang-format).
git ls-files -z '*.c' '*.h' | xargs -0 awk '
	/^[a-z_0-9]+\(/ { name = $0; sub(/\(.*/, "", name); start = FNR }
	/^}/ {
		if (name != "" && FNR - start >= 60) {
			printf "%s:%d: %s() has %d lines, over 60\n", FILENAME, start, name, FNR - start + 1
			bad = 1
		}
		name = ""
	}
	END { exit bad }' || bad=1
exit $bad
