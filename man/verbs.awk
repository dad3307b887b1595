# SPDX-License-Identifier: LGPL-2.1-or-later
#
# awk -f verbs.awk SOURCES... PAGE.7.in: the page, with the requests of the tables
# in those sources where it says @AGENT@, @READ@ and @CHANGE@.
function add(kind, line) {
	sub(/^[^"]*"/, "", line)
	sub(/".*/, "", line)
	list[kind] = list[kind] (list[kind] == "" ? "" : " ,\n") ".Ic " line
}

FILENAME ~ /agent_session\.c$/ && /^    \{"[a-z-]+", on_/ { add("@AGENT@", $0) }
FILENAME ~ /verbs_[a-z_]+\.c$/ && /^    \{"[a-z-]+", false,/ { add("@READ@", $0) }
FILENAME ~ /verbs_[a-z_]+\.c$/ && /^    \{"[a-z-]+", true,/ { add("@CHANGE@", $0) }
FILENAME !~ /\.in$/ { next }
$0 in list { print list[$0]; next }
{ print }
