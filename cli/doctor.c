/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor: what this host, its daemons and, by the verifier's own word, the
 * hosts of it are in need of.  No daemon has to run. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "healthjudge/judge.h"
#include "healthlook/look.h"
#include "screen.h"
#include "sys/control.h"

enum { HANG = 6, VERIFIER_MS = 60000 /* it reads its whole audit log */ };

static void
add_line(struct json *lines, const struct health_line *line)
{
	struct json *o = json_new_object();

	json_put_text(o, "state", health_name(line->state));
	json_put_text(o, "subject", line->subject);
	json_put_text(o, "text", line->text);
	json_put_text(o, "remedy", line->remedy);
	json_add(lines, o);
}

/* What the verifier says of itself and its hosts; why not, when it does not. */
static bool
ask_verifier(const struct cli *cli, const char *socket, struct json *lines,
             struct err *err)
{
	AUTO(session_done) struct session s = {.answer_ms = VERIFIER_MS};
	struct cli asking = *cli;
	const struct json *said;

	asking.socket = socket;
	if (!session_open(&s, &asking, err) ||
	    !session_exchange(&s, "doctor", NULL, err))
		return false;
	if (s.reply.result == NULL) {
		*err = s.reply.error;
		return false;
	}
	said = json_get(s.reply.result, "lines");
	for (size_t i = 0; i < json_count(said); i++)
		json_add(lines, json_share(json_at(said, i)));
	return true;
}

static void
add_verifier(const struct cli *cli, const struct health_facts *f,
             struct json *lines)
{
	struct health_line skipped = {.subject = "verifier"};
	struct err err = {0};
	const struct health_daemon *d = &f->verifierd;

	if (f->late[HEALTH_PART_VERIFIERD])
		(void)err_set(&err, ERR_TIMEOUT, "its socket was not found");
	else if (d->answers != SEEN_YES)
		(void)err_set(&err, ERR_UNAVAILABLE, "%s", d->silent);
	else if (ask_verifier(cli, d->listen, lines, &err))
		return;
	snprintf(skipped.text, sizeof(skipped.text),
	         "hosts, golden values, EK roots and the audit log are its to "
	         "tell: %s",
	         err.text);
	snprintf(skipped.remedy, sizeof(skipped.remedy), "%s",
	         err.code == ERR_DENIED
	             ? "ask as root or as one of its admin_group"
	             : "start it, or name its socket with -S");
	add_line(lines, &skipped);
}

static void
print_line(const struct json *line)
{
	size_t columns = screen_columns(STDOUT_FILENO);
	char text[HEALTH_TEXT_MAX * 2];

	printf("%-4s  ", field(line, "state"));
	snprintf(text, sizeof(text), "%s: %s", field(line, "subject"),
	         field(line, "text"));
	print_wrapped(stdout, columns, HANG, HANG, text);
	printf("\n");
	if (field(line, "remedy")[0] == '\0')
		return;
	snprintf(text, sizeof(text), "what to do: %s", field(line, "remedy"));
	printf("%*s", HANG, "");
	print_wrapped(stdout, columns, HANG, HANG, text);
	printf("\n");
}

static int
tell(const struct cli *cli, const struct health_facts *f,
     const struct json *report)
{
	const struct json *lines = json_get(report, "lines");
	int status = STATUS_DONE;

	for (size_t i = 0; i < json_count(lines); i++)
		if (health_of_name(field(json_at(lines, i), "state")) ==
		    HEALTH_FAIL)
			status = STATUS_REFUSED;
	if (cli->option[OPTION_JSON] != NULL) {
		print_json(report);
		return status;
	}
	for (size_t i = 0; i < json_count(lines); i++)
		print_line(json_at(lines, i));
	if (!f->as_root)
		printf("\nNot run as root: what only root may look at is "
		       "'skip'.\n");
	return status;
}

static bool
settings_are_known(const struct cli *cli)
{
	for (int i = 0; i < cli->n_settings; i++) {
		if (health_knows(cli->settings[i]))
			continue;
		fprintf(stderr,
		        "virt-attest: -o %s: no KEY=VALUE that doctor looks "
		        "at\n",
		        cli->settings[i]);
		return false;
	}
	return true;
}

static int
look_at_all(const struct cli *cli)
{
	AUTO(arena_done) struct arena arena = {0};
	struct json *lines = json_new_array();
	AUTO(json_auto) struct json *report = json_new_object();
	const struct health_options options = {
	    .agentd = cli->option[OPTION_AGENTD],
	    .verifierd = cli->option[OPTION_VERIFIERD],
	    .socket =
		strcmp(cli->socket, CONTROL_SOCKET) != 0 ? cli->socket : NULL,
	    .settings = cli->settings,
	    .n_settings = (size_t)cli->n_settings,
	};
	struct health_facts *f = arena_new(&arena, 1, sizeof(*f));
	struct health_report *judged = arena_new(&arena, 1, sizeof(*judged));
	bool all;
	int status;

	all = health_look(&options, &arena, f);
	health_judge(f, judged);
	for (size_t i = 0; i < judged->n; i++)
		add_line(lines, &judged->lines[i]);
	add_verifier(cli, f, lines);
	json_put_bool(report, "as_root", f->as_root);
	json_put(report, "lines", lines);
	status = tell(cli, f, report);
	/* A thread that hangs has what exit(3) would take from it. */
	if (!all) {
		fflush(stdout);
		_exit(status);
	}
	return status;
}

int
run_doctor(struct cli *cli)
{
	if (cli->option[OPTION_GATES] != NULL)
		return run_doctor_gates(cli);
	return settings_are_known(cli) ? look_at_all(cli) : STATUS_FAILED;
}
