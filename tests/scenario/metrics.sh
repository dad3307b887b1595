#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Both daemons are scraped by a real Prometheus: it reads what they write, every
# query of the dashboard gives numbers, every alert is a rule that it can judge,
# and docs/METRICS.md names what there is.  Nobody from elsewhere may ask, and
# whoever is slow is not waited for.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

monitoring=$source_dir/contrib/monitoring
REATTEST_S=1

metrics_port() { sed -n 's/.*metrics=127.0.0.1:\([0-9]*\)$/\1/p' "$dir/$1.log" | grep .; }
scrape() { curl -sS --max-time 5 "http://127.0.0.1:$(metrics_port "$1")/metrics" "${@:2}"; }
# is DAEMON SERIES NUMBER, now; agrees DAEMON SERIES SERIES: they are equal, and not 0.
number() { awk -v name="$1" '$1 == name { print $2 }'; }
is() { [ "$(scrape "$1" | number "$2")" = "$3" ]; }
agrees() {
	local page one
	page=$(scrape "$1")
	one=$(number "$2" <<<"$page")
	[ "${one%.0}" != 0 ] && [ "$one" = "$(number "$3" <<<"$page")" ]
}
openmetrics=(-H 'Accept: application/openmetrics-text; version=1.0.0')

prometheus_port() { ss -Hltnp | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=${pid_of[prometheus]},.*/\1/p" | grep .; }
# ask PATH [curl's OPTION...]
ask() { curl -sS --max-time 10 -G "http://127.0.0.1:$prometheus_at/api/v1/$1" "${@:2}"; }
# gives QUERY: at least one number.
gives() {
	ask query --data-urlencode "query=$1" | jq -e '.status == "success" and (.data.result | length > 0) and
		(.data.result | all(.value[1] != "NaN"))' >/dev/null
}

"$pki" make "$dir/pki" --host host-a --host host-b --verifier verifier --verifier rogue >/dev/null
"$pki" revoke "$dir/pki" rogue >/dev/null
start_tpm tpm-a

echo "# nobody from elsewhere"
for where in 0.0.0.0:9116 '[::]:9116' localhost:9116 192.0.2.1:9116; do
	exits 1 "$bin/virt-attest-agentd" -d -o "metrics_listen=$where"
	says err "neither a loopback address"
	exits 1 "$bin/virt-attest-verifierd" -d -o "metrics_listen=$where"
	says err "neither a loopback address"
done

echo "# two hosts, one of which is gone"
start_agent agent-a host-a tpm-a -o metrics_listen=127.0.0.1:0
start_agent agent-b host-b tpm-a
start_verifier -o metrics_listen=127.0.0.1:0 -o max_age_s=60
# One byte a second, for as long as it is let.
(exec 3<>"/dev/tcp/127.0.0.1/$(metrics_port verifier)" && trap '' PIPE &&
	while printf G >&3 2>/dev/null; do sleep 1; done) 2>/dev/null &
pid_of[dripping]=$!
for host in a b; do
	exits 0 va enroll "host-$host" --address "127.0.0.1:${port_of[agent-$host]}" --ek-sha256 "${ek_of[tpm-a]}" --yes
done
stop agent-b
exits 3 va verify host-b

echo "# a port that is taken keeps no agent from attesting"
start_agent agent-c host-b tpm-a -o "metrics_listen=127.0.0.1:$(metrics_port agent-a)"
until_true 10 grep -q "no metrics until a restart" "$dir/agent-c.log"
stop agent-c

echo "# the numbers are of what was done"
agent=virt_attest_agent verifier=virt_attest_verifier
until_true 10 is agent-a "${agent}_tpm_present" 1
until_true 10 is agent-a "${agent}_clients" 1
until_true 10 is agent-a "${agent}_queue_requests" 0
until_true 10 agrees agent-a "${agent}_quote_seconds_count" "${agent}_requests_total{request=\"quote\",result=\"ok\"}"
until_true 10 agrees agent-a "${agent}_quote_seconds_count" "${agent}_batch_quotes_sum"
is agent-a "${agent}_requests_total{request=\"identity\",result=\"ok\"}" 1 || fail "identities"
refused() { echo "${agent}_connections_refused_total{reason=\"$1\"}"; }
# knock REASON [OPTION of openssl...]: once, for that reason.
knock() {
	is agent-a "$(refused "$1")" 0 || fail "$1 already"
	openssl s_client -alpn virt-attest/1 -connect "127.0.0.1:${port_of[agent-a]}" "${@:2}" </dev/null >/dev/null 2>&1 || true
	until_true 10 is agent-a "$(refused "$1")" 1
}
"$pki" make "$dir/other" --host host-a --verifier verifier >/dev/null
knock tls # no certificate
knock unknown-ca -cert "$dir/other/verifier/clientcert.pem" -key "$dir/other/verifier/clientkey.pem"
knock revoked -cert "$dir/pki/rogue/clientcert.pem" -key "$dir/pki/rogue/clientkey.pem"
until_true 10 is verifier "${verifier}_hosts{state=\"trusted\"}" 1
until_true 10 is verifier "${verifier}_hosts{state=\"unreachable\"}" 1
is verifier "${verifier}_hosts_not_trusted{reason=\"unreachable\"}" 1 || fail "reasons"
is verifier "${verifier}_answers_total{state=\"unreachable\"}" 1 || fail "answers"
is verifier "${verifier}_max_age_seconds" 60.0 || fail "max_age_s"
! is verifier "${verifier}_agent_failures_total{reason=\"Unavailable\"}" 0 || fail "failures"
! is verifier "${verifier}_reattestations_total" 0 || fail "nobody was asked again"
until_true 10 agrees verifier "${verifier}_verdict_seconds_count" "${verifier}_verdict_seconds_bucket{le=\"+Inf\"}"
{
	echo '{"execute":"permit","arguments":{"domain":"db1","destination":"host-a"},"id":1}'
	until_true 10 is verifier "${verifier}_permits" 1
} | socat - "UNIX-CONNECT:$dir/v.sock" >/dev/null
"$bin/virt-attest" -S "$dir/v.sock" watch >/dev/null &
pid_of[watch]=$!
until_true 10 is verifier "${verifier}_watchers" 1
stop watch
until_true 10 is verifier "${verifier}_watchers" 0
is verifier "${verifier}_store_failures_total" 0 || fail "the store failed"

started=$(scrape verifier | number process_start_time_seconds)
[ "${started%.*}" -le "$(date +%s)" ] && [ "${started%.*}" -gt $(($(date +%s) - 600)) ] || fail "it began at $started"
for _ in 1 2 3; do
	is verifier process_start_time_seconds "$started" || fail "a start that moves"
done

echo "# a page for each of two formats"
for daemon in agent-a verifier; do
	scrape "$daemon" >"$dir/$daemon.old"
	promtool check metrics <"$dir/$daemon.old" >"$dir/out" 2>&1 || fail "promtool: $(cat "$dir/out")"
	[ ! -s "$dir/out" ] || fail "promtool: $(cat "$dir/out")"
	scrape "$daemon" "${openmetrics[@]}" -D "$dir/head" >"$dir/$daemon.new"
	says head 'application/openmetrics-text; version=1.0.0'
	[ "$(tail -n 1 "$dir/$daemon.new")" = '# EOF' ] || fail "$daemon: no end"
	[ "$(grep -vc '^#' "$dir/$daemon.new")" -lt 250 ] || fail "$daemon: too many series"
done
! grep -hE 'host-[ab]|pki|\.pem' "$dir"/{agent-a,verifier}.{old,new} || fail "a host is named"
[ "$(scrape verifier -o /dev/null -w '%{http_code}' -X POST)" = 405 ] || fail "POST"

echo "# what there is, is in the document, and nothing else"
sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$dir"/{agent-a,verifier}.old | sort -u >"$dir/there"
grep -oE '^[|] .[a-z_]+. [|]' "$source_dir/docs/METRICS.md" | tr -dc 'a-z_\n' | grep _ | sort -u >"$dir/told"
diff "$dir/there" "$dir/told" >&2 || fail "docs/METRICS.md and the pages differ"

echo "# Prometheus"
promtool check rules "$monitoring/virt-attest.rules.yml" >/dev/null || fail "rules"
promtool test rules "$monitoring/virt-attest.rules.test.yml" >"$dir/out" 2>&1 || fail "$(cat "$dir/out")"
cat >"$dir/prometheus.yml" <<-END
	global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
	rule_files: ["$monitoring/virt-attest.rules.yml"]
	scrape_configs:
	  - job_name: virt-attest-agentd
	    static_configs: [{targets: ["127.0.0.1:$(metrics_port agent-a)"]}]
	  - job_name: virt-attest-verifierd
	    static_configs: [{targets: ["127.0.0.1:$(metrics_port verifier)"]}]
END
prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/tsdb" \
	--web.listen-address=127.0.0.1:0 >"$dir/prometheus.log" 2>&1 &
pid_of[prometheus]=$!
until_true 30 prometheus_port
prometheus_at=$(prometheus_port)
(while va verify host-a && va verify host-a --max-age 60; do :; done) >/dev/null 2>&1 &
pid_of[busy]=$!
until_true 20 gives 'sum(up) == 2'
until_true 20 gives 'rate(virt_attest_verifier_answers_kept_total[3s]) > 0 and on () rate(virt_attest_agent_quote_seconds_count[3s]) > 0'

n=0
while read -r query; do
	query=${query//\$__rate_interval/3s}
	query=${query//\$instance/.*}
	until_true 10 gives "$query" # a scrape may have been too late
	n=$((n + 1))
done < <(jq -r '.panels[].targets[]?.expr' "$monitoring/virt-attest.dashboard.json")
[ "$n" -gt 40 ] || fail "only $n queries"

echo "# every alert is judged, and stands on what is there"
until_true 20 gives 'ALERTS{alertname="VirtAttestHostUnreachable"}'
ask rules | jq -e '[.data.groups[].rules[] | .health == "ok"] | length > 15 and all' >/dev/null ||
	fail "$(ask rules | jq -r '.data.groups[].rules[] | select(.health != "ok") | .name + ": " + .lastError')"
for name in $(ask rules | jq -r '.data.groups[].rules[].query' | grep -oE '\b(virt_attest|process)_[a-z_]+' | sort -u); do
	until_true 10 gives "$name"
done
stop busy

echo "# who drips is cut off"
until_true 8 eval "! kill -0 ${pid_of[dripping]}"
