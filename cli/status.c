/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status: what the verifier did since its start, and who is in trouble. */
#include "status.h"

#include <stdio.h>
#include <string.h>

#include "board/span.h"

enum {
	STATES = VERDICT_STALE + 1,
	TROUBLE_MAX = 20, /* hosts that are told of one by one */
};

static uint64_t
number(const struct json *object, const char *key)
{
	return json_as_u64(json_get(object, key));
}

/* "1 untrusted, 3 trusted", those that there are; behind `before`. */
static void
print_states(const char *before, const uint64_t *n)
{
	for (size_t rank = 0; rank < STATES; rank++) {
		enum verdict_state state = board_of_rank(rank);

		if (n[state] == 0)
			continue;
		printf("%s%llu %s", before, (unsigned long long)n[state],
		       verdict_state_name(state));
		before = ", ";
	}
	printf("\n");
}

static void
print_work(const struct json *status)
{
	const struct json *verdicts = json_get(status, "verdicts");
	char span[BOARD_SPAN_SIZE];
	uint64_t n[STATES];

	for (size_t i = 0; i < STATES; i++)
		n[i] =
		    number(verdicts, verdict_state_name((enum verdict_state)i));
	printf("verifier  %s, up %s\n", field(status, "version"),
	       board_span(number(status, "uptime_ms") / 1000, span));
	printf("rounds    %llu, %llu of them unasked, %llu late\n",
	       (unsigned long long)number(status, "attestations"),
	       (unsigned long long)number(status, "reattestations"),
	       (unsigned long long)number(status, "reattestations_late"));
	printf("waiting   %llu\nanswers   %llu, %llu of them as kept",
	       (unsigned long long)number(status, "askers_waiting"),
	       (unsigned long long)number(status, "answers"),
	       (unsigned long long)number(status, "cached"));
	print_states(": ", n);
}

/* How all hosts stand, in figures. */
struct sum {
	uint64_t of_state[STATES];
	uint64_t connected, signatures, answers;
};

static enum verdict_state
state_of(const struct json *host)
{
	enum verdict_state state = VERDICT_UNKNOWN;

	return verdict_state_of(field(json_get(host, "standing"), "verdict"),
	                        &state)
	           ? state
	           : VERDICT_UNKNOWN;
}

static void
add(struct sum *sum, const struct json *host)
{
	sum->of_state[state_of(host)]++;
	sum->connected += json_as_bool(json_get(host, "connected"));
	sum->signatures += number(host, "signatures");
	sum->answers += number(host, "answers");
}

static void
print_trouble(const struct json *host)
{
	const struct json *standing = json_get(host, "standing");
	const struct json *reasons = json_get(standing, "reasons");
	const struct json *reason =
	    json_count(reasons) != 0 ? json_at(reasons, 0) : NULL;
	char span[BOARD_SPAN_SIZE] = "-";

	if (number(standing, "time") != 0)
		(void)board_span(number(standing, "age_ms") / 1000, span);
	printf("  %-24s %-11s %6s  %s%s%s\n", field(host, "host"),
	       verdict_state_name(state_of(host)), span, field(reason, "text"),
	       field(reason, "detail")[0] != '\0' ? ": " : "",
	       field(reason, "detail"));
}

/* Of each state, the worst first. */
static void
print_troubles(const struct json *hosts, uint64_t n)
{
	uint64_t told = 0;

	for (size_t rank = 0; rank < STATES; rank++)
		for (size_t i = 0; i < json_count(hosts); i++) {
			const struct json *host = json_at(hosts, i);

			if (state_of(host) == VERDICT_TRUSTED ||
			    state_of(host) != board_of_rank(rank) ||
			    told == TROUBLE_MAX)
				continue;
			print_trouble(host);
			told++;
		}
	if (told < n)
		printf("  and %llu more; 'virt-attest status --watch' has "
		       "all\n",
		       (unsigned long long)(n - told));
}

static int
print_hosts_sum(const struct json *result)
{
	const struct json *hosts = json_get(result, "hosts");
	uint64_t n = json_count(hosts);
	struct sum sum = {0};

	for (size_t i = 0; i < n; i++)
		add(&sum, json_at(hosts, i));
	printf("agents    %llu of %llu connected, %llu signatures for %llu "
	       "answers\n",
	       (unsigned long long)sum.connected, (unsigned long long)n,
	       (unsigned long long)sum.signatures,
	       (unsigned long long)sum.answers);
	printf("hosts     %llu", (unsigned long long)n);
	print_states(": ", sum.of_state);
	print_troubles(hosts, n - sum.of_state[VERDICT_TRUSTED]);
	return STATUS_DONE;
}

static int
print_status(const struct json *result)
{
	print_work(result);
	return STATUS_DONE;
}

int
run_status(struct cli *cli)
{
	int status;

	if (cli->option[OPTION_WATCH] != NULL)
		return watch_status(cli);
	status = ask_and_print(cli, "status", NULL, print_status);
	if (status != STATUS_DONE || cli->option[OPTION_JSON] != NULL)
		return status;
	return ask_and_print(cli, "hosts", NULL, print_hosts_sum);
}
