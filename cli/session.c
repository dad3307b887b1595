/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "sys/control.h"

/* Longer than the verifier's own deadlines. */
enum { CONNECT_MS = 5000, ANSWER_MS = 120000 };

int
session_status(enum err_code code)
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

bool
session_open(struct session *s, const struct cli *cli, struct err *err)
{
	s->fd = control_connect(cli->socket, CONNECT_MS, err);
	return s->fd >= 0;
}

bool
session_exchange(struct session *s, const char *command, struct json *arguments,
                 struct err *err)
{
	AUTO(buf_done) struct buf line = {0}, answer = {0};

	reply_done(&s->reply);
	request_format(command, arguments, ++s->id, &line);
	/* The verifier would wait for the rest of what was left out. */
	if (line.over || line.len > LINE_CONTROL_ADMIN_MAX)
		return err_set(err, ERR_LIMIT, "a request of over %d bytes",
		               LINE_CONTROL_ADMIN_MAX);
	return control_exchange(s->fd, buf_span(&line), LINE_CONTROL_REPLY_MAX,
	                        s->answer_ms != 0 ? s->answer_ms : ANSWER_MS,
	                        &answer, err) &&
	       reply_parse(buf_span(&answer), &s->reply, err);
}

int
session_ask(struct session *s, const struct cli *cli, const char *command,
            struct json *arguments)
{
	struct err err = {0};

	if (s->fd <= 0 && !session_open(s, cli, &err)) {
		json_free(arguments);
		(void)fail(&err); /* ours: no word from the verifier */
		fprintf(stderr,
		        "virt-attest: is virt-attest-verifierd "
		        "running, and is %s its socket?\n",
		        cli->socket);
		return STATUS_FAILED;
	}
	if (!session_exchange(s, command, arguments, &err))
		return fail(&err);
	if (s->reply.result != NULL)
		return STATUS_DONE;
	(void)fail(&s->reply.error);
	return session_status(s->reply.error.code);
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
