/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* golden list|show|add|approve|revoke|export */
#include <stdio.h>
#include <string.h>

#include "golden_trial.h"
#include "sys/sys.h"

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
	       golden_standing(golden), scope_of(golden),
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

int
print_golden(const struct json *golden)
{
	print_line(golden);
	printf("  by %s", field(golden, "author"));
	print_time(", ", json_as_u64(json_get(golden, "created")));
	printf("\n");
	print_life(golden);
	print_pcrs(json_get(golden, "pcr_values"));
	print_golden_words(golden);
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

/* False after the error was printed. */
static bool
put_id(struct json *arguments, const char *key, const char *word)
{
	struct err err = {0};
	uint64_t id;

	if (text_u64(word, INT64_MAX, &id)) {
		json_put_u64(arguments, key, id);
		return true;
	}
	err_set(&err, ERR_CONFIG, "'%.40s' is no golden value's number", word);
	(void)fail(&err);
	return false;
}

struct json *
id_arguments(const char *word)
{
	struct json *arguments = json_new_object();

	if (put_id(arguments, "id", word))
		return arguments;
	json_free(arguments);
	return NULL;
}

int
run_golden_show(struct cli *cli)
{
	bool export = strcmp(cli->command, "golden export") == 0;
	struct json *arguments = id_arguments(cli->words[0]);

	if (arguments == NULL)
		return STATUS_FAILED;
	json_put_bool(arguments, "texts", export);
	return ask_and_print(cli, "golden-show", arguments,
	                     export ? NULL : print_golden);
}

static bool
put_policy(struct json *arguments, const char *file, struct err *err)
{
	AUTO(buf_done) struct buf text = {0};

	if (!sys_read_file(file, GOLDEN_FILE_MAX, &text, err))
		return false;
	if (text.len != 0 && memchr(text.at, '\0', text.len) != NULL)
		return err_set(err, ERR_MALFORMED, "%.150s: no text", file);
	buf_add(&text, span_of("", 1));
	json_put_text(arguments, "ima_policy", (const char *)text.at);
	return true;
}

int
run_golden_add(struct cli *cli)
{
	struct json *arguments = json_new_object();
	struct err err = {0};

	json_put_text(arguments, "host", cli->words[0]);
	if (cli->option[OPTION_LABEL] != NULL)
		json_put_text(arguments, "label", cli->option[OPTION_LABEL]);
	if (cli->option[OPTION_PCRS] != NULL)
		json_put_text(arguments, "pcrs", cli->option[OPTION_PCRS]);
	json_put_bool(arguments, "of_group",
	              cli->option[OPTION_OF_GROUP] != NULL);
	json_put_bool(arguments, "allow_sha1",
	              cli->option[OPTION_SHA1] != NULL);
	json_put_bool(arguments, "from_log",
	              cli->option[OPTION_FROM_LOG] != NULL);
	json_put_bool(arguments, "pin_firmware",
	              cli->option[OPTION_FIRMWARE] != NULL);
	if (cli->option[OPTION_EVENTS] != NULL)
		json_put_text(arguments, "by_events",
		              cli->option[OPTION_EVENTS]);
	if (cli->option[OPTION_WITH] != NULL &&
	    !put_id(arguments, "with", cli->option[OPTION_WITH])) {
		json_free(arguments);
		return STATUS_FAILED;
	}
	if (!put_validity(cli, arguments, &err) ||
	    (cli->option[OPTION_IMA_POLICY] != NULL &&
	     !put_policy(arguments, cli->option[OPTION_IMA_POLICY], &err))) {
		json_free(arguments);
		return fail(&err);
	}
	return ask_and_print(cli, "golden-add", arguments, print_golden);
}

int
run_golden_set(struct cli *cli)
{
	bool approve = strcmp(cli->command, "golden approve") == 0;
	struct json *arguments = id_arguments(cli->words[0]);

	if (arguments == NULL)
		return STATUS_FAILED;
	return ask_and_print(cli, approve ? "golden-approve" : "golden-revoke",
	                     arguments, print_golden);
}
