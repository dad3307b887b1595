/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "arrival.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "incoming/incoming.h"
#include "proto/message.h"
#include "relying/relying.h"
#include "sys/log.h"
#include "sys/sys.h"

enum { OWN_FAILURE = 1, LINE_MAX_SIZE = RELYING_WHY_MAX + 256 };

bool
arrival_policy_of(const char *name, enum arrival_policy *policy)
{
	static const char *const names[] = {
	    [ARRIVAL_OFF] = "off",
	    [ARRIVAL_WARN] = "warn",
	    [ARRIVAL_REQUIRE] = "require",
	};

	for (size_t i = 0; i < LENGTH_OF(names); i++)
		if (strcmp(names[i], name) == 0) {
			*policy = (enum arrival_policy)i;
			return true;
		}
	return false;
}

static volatile sig_atomic_t overdue_status = OWN_FAILURE;

/* Nothing but write(2) and _exit(2). */
static void
on_overdue(int signal)
{
	static const char said[] =
	    "virt-attest: a look at an incoming domain did not end in time\n";

	(void)signal;
	(void)!write(STDERR_FILENO, said, sizeof(said) - 1);
	_exit(overdue_status);
}

static void
end_at_last(enum arrival_policy policy)
{
	struct sigaction overdue = {.sa_handler = on_overdue};

	overdue_status = policy == ARRIVAL_WARN ? 0 : OWN_FAILURE;
	(void)sigaction(SIGALRM, &overdue, NULL);
	(void)alarm(ARRIVAL_END_S);
}

static bool
wait_for_more(uint64_t until_ms, struct err *err)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	uint64_t now = sys_boot_ms();
	int n = now < until_ms ? poll(&in, 1, (int)(until_ms - now)) : 0;

	if (n > 0 || (n < 0 && errno == EINTR))
		return true;
	return err_set(err, n == 0 ? ERR_TIMEOUT : ERR_IO,
	               "libvirt's XML of the domain did not end in time");
}

/* To its end also when it is too long, so that libvirt meets no closed pipe. */
static bool
read_xml(uint64_t until_ms, struct buf *xml, struct err *err)
{
	uint8_t part[16 * 1024];
	bool over = false;

	while (wait_for_more(until_ms, err)) {
		ssize_t n = read(STDIN_FILENO, part, sizeof(part));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_IO, "standard input: %s",
			               strerror(errno));
		if (n == 0)
			return !over ||
			       err_set(err, ERR_LIMIT,
			               "the domain's XML has more than %d "
			               "bytes",
			               INCOMING_XML_MAX);
		over = over || (size_t)n > INCOMING_XML_MAX - xml->len;
		if (!over)
			buf_add(xml, span_of(part, (size_t)n));
	}
	return false;
}

/* 0, or an exit status and why. */
static int
ask(const char *socket, const char *domain, uint64_t until_ms,
    char why[RELYING_WHY_MAX])
{
	AUTO(buf_done) struct buf xml = {0};
	struct relying_question question = {.socket = socket};
	struct verdict verdict = {0};
	struct incoming in;
	struct err err = {0};
	uint64_t now;
	bool came;

	if (!read_xml(until_ms, &xml, &err) ||
	    !incoming_read(buf_span(&xml), &in, &err)) {
		snprintf(why, RELYING_WHY_MAX, "%s", err.text);
		return OWN_FAILURE;
	}
	now = sys_boot_ms() + RELYING_CONNECT_MS;
	question.answer_ms = now < until_ms ? until_ms - now : 1;
	question.uuid = in.uuid;
	question.pass = in.pass;
	/* The UUID says whose the pass is; the name is for who reads. */
	if (strlen(domain) < ASKED_DOMAIN_MAX && text_is_printable(domain))
		question.domain = domain;
	came = relying_ask(&question, &verdict, &err);
	if (came && relying_may_go(&verdict))
		return 0;
	return relying_why(&question, came ? &verdict : NULL, &err, why);
}

int
arrival_decide(enum arrival_policy policy, const char *socket,
               const char *domain)
{
	uint64_t until_ms = sys_boot_ms() + ARRIVAL_MS;
	bool warns = policy == ARRIVAL_WARN;
	char why[RELYING_WHY_MAX] = "", line[LINE_MAX_SIZE];
	int status;

	if (policy == ARRIVAL_OFF)
		return 0;
	end_at_last(policy);
	status = ask(socket, domain, until_ms, why);
	if (status == 0)
		return 0;
	snprintf(line, sizeof(line), "incoming migration of '%.64s' %s: %s",
	         text_is_printable(domain) ? domain : "?",
	         warns ? "let in all the same" : "refused", why);
	fprintf(stderr, "virt-attest: %s\n", line);
	if (!warns)
		return status;
	/* Nobody reads what a hook says that lets pass. */
	log_open("virt-attest-hook", false, LOG_LEVEL_WARNING);
	log_warning("%s", line);
	return 0;
}
