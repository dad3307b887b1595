# SPDX-License-Identifier: LGPL-2.1-or-later
#
# reattest.awk RESTARTS WATCHED: judges what was watched by who was down when.
function field(name,   found) {
	if (!match($0, "\"" name "\": *(\"[^\"]*\"|[0-9]+|null|true|false)")) return ""
	found = substr($0, RSTART, RLENGTH)
	sub(/^"[^"]*": */, "", found)
	gsub(/"/, "", found)
	return found
}
# Whether it was down between the two, or so shortly before that it shows.
function was_down(host, from, to,   i) {
	for (i = 1; i <= downs[host]; i++)
		if (went[host, i] <= to && back[host, i] + after >= from) return 1
	return 0
}
function spurious_one(why) {
	spurious++
	if (spurious <= 5) print "  not so: " why ": " $0
}
FILENAME == ARGV[1] {
	downs[$1]++
	went[$1, downs[$1]] = $2
	back[$1, downs[$1]] = $3
	restarts += $3 >= began
	next
}
{
	host = field("host")
	state = field("state")
	at = field("seconds") * 1000 + int(field("microseconds") / 1000)
	if (host == "" || at < began) next
	events++
	if (state != "trusted") {
		others[state]++
		if (state != "stale" && state != "unreachable") spurious_one(state)
		else if (!was_down(host, at - 1000, at)) spurious_one(state " while it was up")
		next
	}
	confirmed++
	gap = at - (host in last ? last[host] : began)
	if (!was_down(host, at - gap, at)) {
		if (gap > longest) longest = gap
		if (gap > interval * 1000 + slack) {
			late++
			if (late <= 5) print "  lost: " host " after " gap " ms"
		}
	}
	last[host] = at
}
END {
	for (host in last) {
		hosts++
		if (ended - last[host] > interval * 1000 + slack && !was_down(host, last[host], ended)) late++
	}
	printf "watched              %.0f s, %d hosts, interval %d s, %d restarts of agents\n", (ended - began) / 1000, hosts, interval, restarts
	printf "confirmed            %d times; longest without, of a host that was up: %.1f s\n", confirmed, longest / 1000
	printf "intervals lost       %d\n", late
	printf "went and came back   %d stale, %d unreachable\n", others["stale"], others["unreachable"]
	printf "verdicts not so      %d\n", spurious
}
