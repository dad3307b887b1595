/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A check of one's own, as its author may have got it right or wrong: RUN, ID,
 * VERSION and SEVERITY choose. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "virt-attest/check.h"

void passes(const char *facts, struct virt_attest_result *);
void blocks(const char *facts, struct virt_attest_result *);
void crashes(const char *facts, struct virt_attest_result *);
void hangs(const char *facts, struct virt_attest_result *);
void is_silent(const char *facts, struct virt_attest_result *);
void leaves(const char *facts, struct virt_attest_result *);
void overflows(const char *facts, struct virt_attest_result *);
void says_control(const char *facts, struct virt_attest_result *);
void says_nine(const char *facts, struct virt_attest_result *);
void not_run(const char *facts, struct virt_attest_result *);

/* The facts are there, whole. */
void
passes(const char *facts, struct virt_attest_result *r)
{
	/* No answer. */
	puts("{\"outcome\":\"block\",\"text\":\"printed\"}");
	if (strstr(facts, "\"version\":1") == NULL)
		return;
	r->outcome = VIRT_ATTEST_PASS;
	snprintf(r->text, sizeof(r->text), "the facts are there");
}

void
blocks(const char *facts, struct virt_attest_result *r)
{
	(void)facts;
	*r = (struct virt_attest_result){VIRT_ATTEST_BLOCK, "no \xc3\xa9",
	                                 "here", "there", "go"};
}

void
crashes(const char *facts, struct virt_attest_result *r)
{
	(void)facts;
	r->outcome = VIRT_ATTEST_PASS;
	fputs("about to fall\n", stderr);
	/* A sanitizer would turn it into an exit. */
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

void
hangs(const char *facts, struct virt_attest_result *r)
{
	(void)facts;
	r->outcome = VIRT_ATTEST_PASS;
	for (;;)
		pause();
}

void
is_silent(const char *facts, struct virt_attest_result *r)
{
	(void)facts;
	r->outcome = VIRT_ATTEST_PASS;
}

void
leaves(const char *facts, struct virt_attest_result *r)
{
	(void)facts;
	(void)r;
	_exit(0);
}

/* No NUL at the end. */
void
overflows(const char *facts, struct virt_attest_result *r)
{
	(void)facts;
	r->outcome = VIRT_ATTEST_WARN;
	memset(r->text, 'x', sizeof(r->text));
	memset(r->source, 'y', sizeof(r->source));
}

void
says_control(const char *facts, struct virt_attest_result *r)
{
	(void)facts;
	r->outcome = VIRT_ATTEST_WARN;
	memcpy(r->text, "a\033[31m\xff", sizeof("a\033[31m\xff"));
}

void
says_nine(const char *facts, struct virt_attest_result *r)
{
	(void)facts;
	memset(&r->outcome, 9, 1);
	memcpy(r->text, "nine", sizeof("nine"));
}

void
not_run(const char *facts, struct virt_attest_result *r)
{
	(void)facts;
	memcpy(r->text, "cannot tell", sizeof("cannot tell"));
}

extern const struct virt_attest_check virt_attest_check;
const struct virt_attest_check virt_attest_check = {
    .version = VERSION,
    .id = ID,
    .compares = "what a test looks at",
    .severity = SEVERITY,
    .run = RUN,
};
