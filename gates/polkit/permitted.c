/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest-permitted [-S SOCKET] UUID: polkit's rule asks by it whether the
 * verifier knows a permit of that domain.  "open" or "used" on standard output
 * and exit status 0; every other way out is a no, with a sentence.  polkitd
 * answers nobody while this runs, so it ends within PERMITTED_S whatever hangs.
 *
 * virt-attest-permitted --log WORDS: they go to the system's log.  polkit's own
 * log() is nowhere when polkitd runs with --no-debug, as Debian's does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "base/uuid.h"
#include "proto/message.h"
#include "sys/control.h"
#include "sys/log.h"
#include "sys/sys.h"

enum {
	CONNECT_MS = 500,
	ANSWER_MS = 1000,
	PERMITTED_S = 2, /* above both */
	REPLY_MAX = 256 * 1024,
	REFUSED = 2,
	USAGE = 1,
};

static enum permitted
ask(const char *socket, const char *uuid, struct err *err)
{
	AUTO(buf_done) struct buf line = {0}, answer = {0};
	struct json *arguments = json_new_object();
	enum permitted found = PERMITTED_NO;
	int fd;

	json_put_text(arguments, "uuid", uuid);
	request_format("permits", arguments, 1, &line);
	fd = control_connect(socket, CONNECT_MS, err);
	if (fd < 0)
		return PERMITTED_NO;
	if (control_exchange(fd, buf_span(&line), REPLY_MAX, ANSWER_MS, &answer,
	                     err))
		found = permitted_by(buf_span(&answer), uuid, err);
	close(fd);
	return found;
}

int
main(int argc, char **argv)
{
	const char *socket = CONTROL_SOCKET;
	struct err err = {0};
	enum permitted found;

	sys_end_within(PERMITTED_S);
	if (argc == 3 && strcmp(argv[1], "--log") == 0) {
		/* polkitd's; our standard error is read by polkitd itself. */
		(void)unsetenv("JOURNAL_STREAM");
		log_open("virt-attest-permitted", false, LOG_LEVEL_NOTICE);
		log_notice("%s", argv[2]);
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "-S") == 0)
		socket = argv[2];
	else if (argc != 2)
		argc = 0;
	if (argc == 0 || !uuid_is_lower(argv[argc - 1])) {
		fprintf(stderr, "virt-attest-permitted: usage: "
		                "virt-attest-permitted [-S SOCKET] UUID "
		                "| --log WORDS\n");
		return USAGE;
	}
	found = ask(socket, argv[argc - 1], &err);
	if (found == PERMITTED_NO) {
		fprintf(stderr, "virt-attest: %s\n",
		        text_is_printable(err.text) ? err.text : "no answer");
		return REFUSED;
	}
	if (puts(found == PERMITTED_OPEN ? "open" : "used") == EOF ||
	    fflush(stdout) != 0)
		return REFUSED;
	return 0;
}
