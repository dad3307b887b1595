/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* golden list|show|add|approve|revoke|diff|export|import */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "sys/sys.h"

enum { FILE_MAX = 256 * 1024 };

static const char *
scope_of(const struct json *golden)
{
	return field(golden,
	             json_get(golden, "group") != NULL ? "group" : "host");
}

static void
print_line(const struct json *golden)
{
	printf("%5s  %-10s %-24s %s\n", field(golden, "id"),
	       field(golden, "state"), scope_of(golden),
	       field(golden, "label"));
}

static int
print_list(const struct json *result)
{
	const struct json *goldens = json_get(result, "goldens");

	for (size_t i = 0; i < json_count(goldens); i++)
		print_line(json_at(goldens, i));
	return STATUS_DONE;
}

static int
print_one(const struct json *golden)
{
	print_line(golden);
	printf("  by %s", field(golden, "author"));
	print_time(", ", json_as_u64(json_get(golden, "created")));
	printf("\n");
	print_pcrs(json_get(golden, "pcr_values"));
	return STATUS_DONE;
}

int
run_golden_list(struct cli *cli)
{
	struct json *arguments = json_new_object();

	if (cli->n_words == 1)
		json_put_text(arguments, "scope", cli->words[0]);
	return ask_and_print(cli, "golden-list", arguments, print_list);
}

/* NULL after the error was printed. */
static struct json *
id_arguments(const char *word)
{
	struct json *arguments;
	struct err err = {0};
	uint64_t id;

	if (!text_u64(word, INT64_MAX, &id)) {
		err_set(&err, ERR_CONFIG, "'%.40s' is no golden value's number",
		        word);
		(void)fail(&err);
		return NULL;
	}
	arguments = json_new_object();
	json_put_u64(arguments, "id", id);
	return arguments;
}

int
run_golden_show(struct cli *cli)
{
	bool export = strcmp(cli->command, "golden export") == 0;
	struct json *arguments = id_arguments(cli->words[0]);

	if (arguments == NULL)
		return STATUS_FAILED;
	return ask_and_print(cli, "golden-show", arguments,
	                     export ? NULL : print_one);
}

int
run_golden_add(struct cli *cli)
{
	struct json *arguments = json_new_object();

	json_put_text(arguments, "host", cli->words[0]);
	if (cli->option[OPTION_LABEL] != NULL)
		json_put_text(arguments, "label", cli->option[OPTION_LABEL]);
	if (cli->option[OPTION_PCRS] != NULL)
		json_put_text(arguments, "pcrs", cli->option[OPTION_PCRS]);
	json_put_bool(arguments, "of_group",
	              cli->option[OPTION_OF_GROUP] != NULL);
	json_put_bool(arguments, "allow_sha1",
	              cli->option[OPTION_SHA1] != NULL);
	return ask_and_print(cli, "golden-add", arguments, print_one);
}

int
run_golden_set(struct cli *cli)
{
	bool approve = strcmp(cli->command, "golden approve") == 0;
	struct json *arguments = id_arguments(cli->words[0]);

	if (arguments == NULL)
		return STATUS_FAILED;
	return ask_and_print(cli, approve ? "golden-approve" : "golden-revoke",
	                     arguments, print_one);
}

int
run_golden_import(struct cli *cli)
{
	AUTO(buf_done) struct buf text = {0};
	struct json *golden, *arguments;
	struct err err = {0};

	if (!sys_read_file(cli->words[0], FILE_MAX, &text, &err))
		return fail(&err);
	while (text.len > 0 && strchr(" \t\r\n", text.at[text.len - 1]) != NULL)
		text.len--;
	golden = json_parse(buf_span(&text), &err);
	if (golden == NULL)
		return fail(&err);
	arguments = json_new_object();
	json_put(arguments, "golden", golden);
	return ask_and_print(cli, "golden-import", arguments, print_one);
}

/* The values of a golden value, or those that a host last showed. */
static int
load_values(struct session *s, const struct cli *cli, const char *word,
            struct golden *out)
{
	struct json *arguments;
	struct record record;
	struct err err = {0};
	uint64_t id;
	int status;

	if (text_u64(word, INT64_MAX, &id)) {
		arguments = json_new_object();
		json_put_u64(arguments, "id", id);
		status = session_ask(s, cli, "golden-show", arguments);
		if (status != STATUS_DONE)
			return status;
		return golden_decode(s->reply.result, out, &err) ? STATUS_DONE
		                                                 : fail(&err);
	}
	arguments = json_new_object();
	json_put_text(arguments, "host", word);
	status = session_ask(s, cli, "evidence", arguments);
	if (status != STATUS_DONE)
		return status;
	if (!record_decode(s->reply.result, &record, &err))
		return fail(&err);
	out->values = record.evidence.values;
	return STATUS_DONE;
}

int
run_golden_diff(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	struct golden a = {0}, b = {0};
	struct verdict v = {.state = VERDICT_TRUSTED};
	struct json *json;
	int status;

	status = load_values(&s, cli, cli->words[0], &a);
	if (status == STATUS_DONE)
		status = load_values(&s, cli, cli->words[1], &b);
	if (status != STATUS_DONE)
		return status;
	v.n_differences =
	    golden_differences(&a, &b.values, v.differences, DIFFERENCES_MAX);
	if (v.n_differences > DIFFERENCES_MAX)
		v.n_differences = DIFFERENCES_MAX;
	if (v.n_differences != 0)
		v.state = VERDICT_UNTRUSTED;
	snprintf(v.host, sizeof(v.host), "%s", cli->words[1]);
	if (cli->option[OPTION_JSON] != NULL) {
		json = verdict_encode(&v);
		print_json(json_get(json, "differences"));
		json_free(json);
	} else if (v.n_differences == 0) {
		printf("no difference\n");
	} else {
		print_verdict(&v, false);
	}
	return verdict_exit_status(v.state);
}
