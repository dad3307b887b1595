/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor: what the verifier finds wrong with itself and its hosts. */
#include <stdio.h>
#include <string.h>

#include "doctor.h"

static bool
has_failed(const struct json *lines)
{
	for (size_t i = 0; i < json_count(lines); i++)
		if (strcmp(field(json_at(lines, i), "state"), "fail") == 0)
			return true;
	return false;
}

static void
print_line(const struct json *line)
{
	printf("%-4s  %s: %s\n", field(line, "state"), field(line, "subject"),
	       field(line, "text"));
	if (field(line, "remedy")[0] != '\0')
		printf("      what to do: %s\n", field(line, "remedy"));
}

int
run_doctor(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	const struct json *lines;
	int status;

	if (cli->option[OPTION_GATES] != NULL)
		return run_doctor_gates(cli);
	status = session_ask(&s, cli, "doctor", NULL);
	if (status != STATUS_DONE)
		return status;
	lines = json_get(s.reply.result, "lines");
	if (cli->option[OPTION_JSON] != NULL)
		print_json(s.reply.result);
	else
		for (size_t i = 0; i < json_count(lines); i++)
			print_line(json_at(lines, i));
	return has_failed(lines) ? STATUS_REFUSED : STATUS_DONE;
}
