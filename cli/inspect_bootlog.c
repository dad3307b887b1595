/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* inspect: a firmware's event log. */
#include <stdio.h>

#include "evidence/bootlog.h"
#include "inspect.h"

enum { NAME_SIZE = 16 };

static const char *
algorithm_name(uint16_t alg, char out[NAME_SIZE])
{
	const char *name = pcr_bank_name(alg);

	if (name != NULL)
		return name;
	snprintf(out, NAME_SIZE, "0x%04x", alg);
	return out;
}

static struct json *
event_encode(const struct bootlog_event *e)
{
	struct json *object = json_new_object(), *digests = json_new_object();
	const char *type = bootlog_type_name(e->type);
	char text[BOOTLOG_TEXT_MAX], name[NAME_SIZE];

	json_put_u64(object, "number", e->number);
	json_put_u64(object, "pcr", e->pcr);
	snprintf(name, sizeof(name), "0x%08x", e->type);
	json_put_text(object, "type", type != NULL ? type : name);
	for (size_t i = 0; i < e->n_digests; i++)
		json_put_hex(digests, algorithm_name(e->digests[i].alg, name),
		             e->digests[i].value);
	json_put(object, "digests", digests);
	json_put_text(object, "digest", bootlog_match_name(bootlog_match(e)));
	bootlog_describe(e, text);
	json_put_text(object, "text", text);
	return object;
}

/* The log is whole: it was replayed. */
static struct json *
events_encode(struct span bytes)
{
	struct json *list = json_new_array();
	struct bootlog_event e;
	struct bootlog log;

	if (bootlog_open(bytes, &log, NULL))
		while (bootlog_next(&log, &e, NULL) == BOOTLOG_EVENT)
			json_add(list, event_encode(&e));
	return list;
}

struct json *
inspect_bootlog_encode(struct span bytes, struct err *err)
{
	struct bootlog_replay replay;
	struct json *object;

	if (!bootlog_replay(bytes, &replay, err))
		return NULL;
	object = json_new_object();
	json_put_text(object, "kind", "boot-log");
	json_put_u64(object, "events", replay.events);
	json_put_u64(object, "startup_locality", replay.locality);
	json_put(object, "replay", pcr_values_encode(&replay.values));
	json_put(object, "log", events_encode(bytes));
	return object;
}

static bool
print_digest(void *arg, const char *bank, const struct json *value)
{
	(void)arg;
	printf("          %-7s %s\n", bank, json_as_text(value));
	return true;
}

static void
print(const struct json *shown)
{
	const struct json *log = json_get(shown, "log");

	printf("%-14s %s\n%-14s %s\n", "kind", field(shown, "kind"), "events",
	       field(shown, "events"));
	print_pcrs(json_get(shown, "replay"));
	for (size_t i = 0; i < json_count(log); i++) {
		const struct json *e = json_at(log, i);

		printf("%5s  PCR %-2s  %s  %s\n", field(e, "number"),
		       field(e, "pcr"), field(e, "type"), field(e, "text"));
		printf("          digest %s\n", field(e, "digest"));
		(void)json_members(json_get(e, "digests"), print_digest, NULL);
	}
}

static bool
show(const struct cli *cli, struct span bytes, struct err *err)
{
	AUTO(json_auto) struct json *log = inspect_bootlog_encode(bytes, err);

	if (log == NULL)
		return false;
	if (cli->option[OPTION_JSON] != NULL)
		print_json(log);
	else
		print(log);
	return true;
}

const struct inspect_kind inspect_bootlog = {bootlog_is_likely, BOOTLOG_MAX,
                                             show};
