/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "status.h"

#include <stdio.h>

static bool
print_member(void *arg, const char *key, const struct json *value)
{
	int inside = 2;

	if (json_is_object(value)) {
		printf("%s:\n", key);
		return json_members(value, print_member, &inside);
	}
	printf("%*s%-14s %s\n", *(const int *)arg, "", key,
	       json_as_text(value) != NULL ? json_as_text(value) : "");
	return true;
}

static int
print_status(const struct json *result)
{
	int outside = 0;

	(void)json_members(result, print_member, &outside);
	return STATUS_DONE;
}

int
run_status(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	const struct json *hosts;
	int status;

	if (cli->option[OPTION_WATCH] != NULL)
		return watch_status(cli);
	status = ask_and_print(cli, "status", NULL, print_status);
	if (status != STATUS_DONE || cli->option[OPTION_JSON] != NULL)
		return status;
	status = session_ask(&s, cli, "hosts", NULL);
	if (status != STATUS_DONE)
		return status;
	hosts = json_get(s.reply.result, "hosts");
	for (size_t i = 0; i < json_count(hosts); i++) {
		const struct json *host = json_at(hosts, i);

		printf("agent %s: %s, %s signatures, %s answers\n",
		       field(host, "host"),
		       json_as_bool(json_get(host, "connected"))
		           ? "connected"
		           : "not connected",
		       field(host, "signatures"), field(host, "answers"));
	}
	return STATUS_DONE;
}
