/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a golden value: its dates, its trial, and how hosts would fare by
 * it. */
#include <stdio.h>
#include <string.h>

#include "golden_trial.h"
#include "sys/sys.h"
#include "when.h"

/* The longest window. */
enum { WINDOW_MAX_S = 7 * 24 * 3600 };

static bool
put_date(const struct cli *cli, enum option_id option, const char *key,
         struct json *into, uint64_t *out, struct err *err)
{
	if (cli->option[option] == NULL)
		return true;
	if (!when_read(cli->option[option], sys_unix_s(), out, err))
		return false;
	json_put_u64(into, key, *out);
	return true;
}

bool
put_validity(const struct cli *cli, struct json *into, struct err *err)
{
	uint64_t from = json_as_u64(json_get(into, "valid_from"));
	uint64_t until = json_as_u64(json_get(into, "valid_until"));

	if (!put_date(cli, OPTION_VALID_FROM, "valid_from", into, &from, err) ||
	    !put_date(cli, OPTION_VALID_UNTIL, "valid_until", into, &until,
	              err))
		return false;
	/* Of what is imported as it was, the dates may be over. */
	if (cli->option[OPTION_VALID_UNTIL] != NULL && until <= sys_unix_s())
		return err_set(err, ERR_CONFIG,
		               "--valid-until is over already");
	return true;
}

static bool
is_under_way(const struct json *trial)
{
	return trial != NULL &&
	       json_as_u64(json_get(trial, "until")) > sys_unix_s();
}

const char *
golden_standing(const struct json *golden)
{
	uint64_t from = json_as_u64(json_get(golden, "valid_from"));
	uint64_t until = json_as_u64(json_get(golden, "valid_until"));
	const char *state = field(golden, "state");

	if (strcmp(state, golden_state_name(GOLDEN_REVOKED)) == 0)
		return state;
	if (until != 0 && until <= sys_unix_s())
		return "expired";
	if (is_under_way(json_get(golden, "trial")))
		return "on trial";
	if (strcmp(state, golden_state_name(GOLDEN_ACTIVE)) == 0 &&
	    from > sys_unix_s())
		return "not yet";
	return state;
}

static void
print_dates(const struct json *golden)
{
	uint64_t from = json_as_u64(json_get(golden, "valid_from"));
	uint64_t until = json_as_u64(json_get(golden, "valid_until"));

	if (from == 0 && until == 0)
		return;
	printf("  valid");
	if (from != 0)
		print_time(" from ", from);
	if (until != 0)
		print_time(" until ", until);
	printf("%s\n", strcmp(golden_standing(golden), "expired") == 0
	                   ? ": expired"
	                   : "");
}

void
print_life(const struct json *golden)
{
	const struct json *trial = json_get(golden, "trial");
	const struct json *hosts = json_get(trial, "hosts");
	const char *approved = field(trial, "approved_by");

	print_dates(golden);
	if (trial == NULL)
		return;
	printf("  on trial by %s", field(trial, "by"));
	print_time(is_under_way(trial) ? " until " : ", ended ",
	           json_as_u64(json_get(trial, "until")));
	printf(": %s of %s hosts agree", field(trial, "agreed"),
	       field(trial, "needed"));
	for (size_t i = 0; i < json_count(hosts); i++) {
		const char *host = json_as_text(json_at(hosts, i));

		printf("%s%s", i == 0 ? " (" : ", ",
		       host != NULL && text_is_printable(host) ? host : "");
	}
	printf("%s%s%s\n", json_count(hosts) != 0 ? ")" : "",
	       approved[0] != '\0' ? ", approved by "
	                           : ", not approved by another operator",
	       approved);
}

int
run_golden_promote(struct cli *cli)
{
	const char *window = cli->option[OPTION_WINDOW];
	const char *hosts = cli->option[OPTION_HOSTS];
	bool cancel = cli->option[OPTION_CANCEL] != NULL;
	struct json *arguments;
	uint64_t window_s = 0, n = 1;
	struct err err = {0};

	if (cancel ? window != NULL || hosts != NULL : window == NULL) {
		err_set(&err, ERR_CONFIG,
		        "either --window (and --hosts), or --cancel");
		return fail(&err);
	}
	if (window != NULL &&
	    !when_span_read(window, WINDOW_MAX_S, &window_s, &err))
		return fail(&err);
	if (hosts != NULL && !text_u64(hosts, INT64_MAX, &n)) {
		err_set(&err, ERR_CONFIG, "--hosts '%.40s' is no number",
		        hosts);
		return fail(&err);
	}
	arguments = id_arguments(cli->words[0]);
	if (arguments == NULL)
		return STATUS_FAILED;
	json_put_bool(arguments, "cancel", cancel);
	if (!cancel) {
		json_put_u64(arguments, "window", window_s);
		json_put_u64(arguments, "hosts", n);
	}
	return ask_and_print(cli, "golden-promote", arguments, print_golden);
}

/* What a word of an outcome is in a sentence, and the exit status. */
static const struct {
	const char *outcome, *words;
	int status;
} outcomes[] = {
    {"fail", "would fail", STATUS_REFUSED},
    {"no-evidence", "no evidence", STATUS_UNKNOWN},
    {"not-judged", "cannot be judged", STATUS_UNKNOWN},
    {"pass", "would pass", STATUS_DONE},
};

/* In the table's order: the worst of all is what counts, and a word that is
 * none is no pass. */
static size_t
outcome_of(const struct json *host)
{
	size_t i = 0;

	while (i + 1 < LENGTH_OF(outcomes) &&
	       strcmp(outcomes[i].outcome, field(host, "outcome")) != 0)
		i++;
	return strcmp(outcomes[i].outcome, field(host, "outcome")) == 0 ? i : 0;
}

static int
print_tested(const struct cli *cli, const struct json *result)
{
	const struct json *hosts = json_get(result, "hosts");
	size_t worst = LENGTH_OF(outcomes) - 1;

	for (size_t i = 0; i < json_count(hosts); i++) {
		const struct json *host = json_at(hosts, i);
		size_t o = outcome_of(host);
		const char *detail = field(host, "detail");

		worst = o < worst ? o : worst;
		if (cli->option[OPTION_JSON] == NULL)
			printf("%-24s %s%s%s\n", field(host, "host"),
			       outcomes[o].words, detail[0] != '\0' ? ": " : "",
			       detail);
	}
	if (cli->option[OPTION_JSON] != NULL)
		print_json(result);
	if (json_count(hosts) != 0)
		return outcomes[worst].status;
	fprintf(stderr, "virt-attest: no host of its scope is enrolled\n");
	return STATUS_UNKNOWN;
}

static bool
put_tested(const char *word, struct json *arguments, struct err *err)
{
	AUTO(buf_done) struct buf text = {.max = GOLDEN_FILE_MAX};
	struct json *golden;
	uint64_t id;

	if (text_u64(word, INT64_MAX, &id)) {
		json_put_u64(arguments, "id", id);
		return true;
	}
	if (!sys_read_file(word, GOLDEN_FILE_MAX, &text, err))
		return false;
	while (text.len > 0 && strchr(" \t\r\n", text.at[text.len - 1]) != NULL)
		text.len--;
	golden = json_parse(buf_span(&text), err);
	if (golden == NULL)
		return false;
	json_put(arguments, "golden", golden);
	return true;
}

int
run_golden_test(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	struct json *arguments = json_new_object();
	struct err err = {0};
	int status;

	json_put_bool(arguments, "all", cli->option[OPTION_ALL] != NULL);
	if (!put_tested(cli->words[0], arguments, &err)) {
		json_free(arguments);
		return fail(&err);
	}
	status = session_ask(&s, cli, "golden-test", arguments);
	return status == STATUS_DONE ? print_tested(cli, s.reply.result)
	                             : status;
}
