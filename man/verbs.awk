# SPDX-License-Identifier: LGPL-2.1-or-later
#
# awk -f verbs.awk SOURCES... PAGE.7.in: the page, with the requests of the tables
# in those sources where it says @AGENT@, @READ@ and @CHANGE@.

# Each request that the line has by this pattern.
function take(kind, line, pattern, word) {
	while (match(line, pattern)) {
		word = substr(line, RSTART + 2, RLENGTH - 2)
		line = substr(line, RSTART + RLENGTH)
		sub(/".*/, "", word)
		list[kind] = list[kind] (list[kind] == "" ? "" : " ,\n") ".Ic " word
	}
}

FILENAME ~ /agent_session\.c$/ { take("@AGENT@", $0, "[{]\"[a-z-]+\", on_") }
FILENAME ~ /verbs_[a-z_]+\.c$/ { take("@READ@", $0, "[{]\"[a-z-]+\", false,") }
FILENAME ~ /verbs_[a-z_]+\.c$/ { take("@CHANGE@", $0, "[{]\"[a-z-]+\", true,") }
FILENAME !~ /\.in$/ { next }
$0 in list { print list[$0]; next }
{ print }
