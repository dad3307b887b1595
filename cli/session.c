/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <unistd.h>

#include "cli.h"
#include "sys/control.h"

/* Longer than the verifier's own deadlines. */
enum { CONNECT_MS = 5000, ANSWER_MS = 120000 };

static int
status_of(enum err_code code)
{
	switch (code) {
	case ERR_PEER:
		return STATUS_REFUSED;
	case ERR_UNAVAILABLE:
	case ERR_TIMEOUT:
		return STATUS_UNREACHABLE;
	case ERR_NOT_FOUND:
		return STATUS_UNKNOWN;
	default:
		return STATUS_FAILED;
	}
}

int
session_ask(struct session *s, const struct cli *cli, const char *command,
            struct json *arguments)
{
	AUTO(buf_done) struct buf line = {0}, answer = {0};
	struct err err = {0};

	reply_done(&s->reply);
	request_format(command, arguments, ++s->id, &line);
	if (s->fd <= 0)
		s->fd = control_connect(cli->socket, CONNECT_MS, &err);
	if (s->fd < 0 ||
	    !control_exchange(s->fd, buf_span(&line), LINE_CONTROL_REPLY_MAX,
	                      ANSWER_MS, &answer, &err) ||
	    !reply_parse(buf_span(&answer), &s->reply, &err)) {
		(void)fail(&err); /* ours: no word from the verifier */
		return STATUS_FAILED;
	}
	if (s->reply.result != NULL)
		return STATUS_DONE;
	(void)fail(&s->reply.error);
	return status_of(s->reply.error.code);
}

void
session_done(struct session *s)
{
	reply_done(&s->reply);
	if (s->fd > 0)
		close(s->fd);
}

int
ask_and_print(const struct cli *cli, const char *command,
              struct json *arguments, int (*print)(const struct json *result))
{
	AUTO(session_done) struct session s = {0};
	int status = session_ask(&s, cli, command, arguments);

	if (status != STATUS_DONE)
		return status;
	if (cli->option[OPTION_JSON] == NULL && print != NULL)
		return print(s.reply.result);
	print_json(s.reply.result);
	return STATUS_DONE;
}
