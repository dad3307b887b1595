# SPDX-License-Identifier: LGPL-2.1-or-later
#
# awk -f keys.awk [TABLE.c] SAMPLE.conf PAGE.5.in: the page, with the sample's keys,
# their defaults and its words about them where it says @KEYS@; by the table that
# they are read by, what a number may be and what wants a restart.  A key is
# described in one place, and no page lacks one.

# Words as roff takes them: a sentence a line, no macro, no escape.
function text(s, n, i, part, all) {
	gsub(/\\/, "\\e", s)
	n = split(s, part, /  +/)
	for (i = 1; i <= n; i++)
		all = all (i > 1 ? "\n" : "") (part[i] ~ /^[.']/ ? "\\&" : "") part[i]
	return all
}

function begin_item() {
	if (n_keys == 0)
		return
	for (i = 1; i <= n_keys; i++)
		out = out ".It Ic " keys[i] "\n"
	out = out words after
	n_keys = 0
	words = after = ""
}

FILENAME ~ /\.c$/ && /^ *NUMBER\([a-z]/ {
	gsub(/^ *NUMBER\(|"|\),$/, "")
	sub(/UINT16_MAX/, "65535")
	split($0, number, /, */)
	range[number[1]] = " Pq " number[3] " to " number[4]
}
FILENAME ~ /\.c$/ && /\*const kept\[\] = \{/ { in_kept = 1 }
FILENAME ~ /\.c$/ && in_kept {
	in_kept = !/\};/
	for (gsub(/[^a-z_"]/, ""); split($0, word, "\"") > 2; sub(/^[^"]*"[^"]*"/, ""))
		kept[word[2]] = " Pq at a restart"
}
FILENAME ~ /\.c$/ { next }

FNR == 1 { file++ }

# The sample: blocks with an empty line between them; the first is about the file.
file == 1 && /^$/ { begin_item(); words = after = ""; head = 1; next }
file == 1 && !head { next }
file == 1 && /^#[a-z_0-9]+ *=/ {
	line = substr($0, 2)
	sub(/ *= */, " No = ", line)
	sub(/""/, "(empty)", line)
	gsub(/"/, "\\(dq", line)
	name = substr(line, 1, index(line, " ") - 1)
	keys[++n_keys] = line range[name] kept[name]
	next
}
file == 1 && /^# Example: / {
	words = words ".Bd -literal -offset indent\n" text(substr($0, 12)) "\n.Ed\n"
	next
}
file == 1 {
	line = text(substr($0, 3))
	if (n_keys == 0)
		words = words line "\n"
	else
		after = after line "\n"
	next
}

# The page.
file == 2 && FNR == 1 { begin_item() }
file == 2 && $0 == "@KEYS@" { printf "%s", out; next }
file == 2 { print }
