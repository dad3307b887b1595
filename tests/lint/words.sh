#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Names say what is done to what, in the field's words.  These say nothing.
set -eu -o pipefail
empty='(utils?|helpers?|managers?|handlers?|dto|ctx2|misc|stuff)'
bad=0
if git ls-files '*.c' '*.h' '*.sh' '*.cmake' | grep -E "(^|[/_-])$empty([._-]|\$)"; then
	echo "  ... a file of no subject"
	bad=1
fi
if git grep -nE "^(process_[a-z0-9_]*|([a-z0-9]+_)*$empty(_[a-z0-9]+)*)\(" -- '*.c' '*.h'; then
	echo "  ... a function of no subject"
	bad=1
fi
# A struct is called a struct.
if git grep -nE '^typedef (struct|enum|union)\b' -- '*.c' '*.h'; then
	echo "  ... hides a struct behind a typedef"
	bad=1
fi
exit $bad
