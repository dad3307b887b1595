#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# One library, one folder; no way around the floors.
set -eu -o pipefail
bad=0
# only PATTERN FOLDER: the include stands nowhere else in the programs.
only() {
	if git grep -nE "#include <($1)" -- '*.c' '*.h' | grep -vE "^($2|tests/|bench/)"; then
		echo "  ... belongs to $2 alone" && bad=1
	fi
}
only 'event2/' 'common/net/'
only 'openssl/' 'common/(net|crypto/openssl)/'
only 'tss2/' 'agentd/source/'
only 'json-c/' 'proto/'
only 'sqlite3' 'verifierd/store/'
only 'libconfig' 'common/sys/'
if git grep -nE '#include "\.\./' -- '*.c' '*.h'; then
	echo "  ... climbs out of its floor" && bad=1
fi
# SQL in the programs: bound parameters only; a test tampers as it likes.
if git grep -nE 'sqlite3_exec\([^,]*, *[^,]*(snprintf|text|sql)\b' -- '*.c' ':!tests'; then
	bad=1
fi
exit $bad
