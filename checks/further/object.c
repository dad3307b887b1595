/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest-check-object OBJECT: runs the check that a shared object is, on
 * the facts on standard input, and prints what it says as JSON.  A process of
 * its own: what the check does to it, it does to nobody else. */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "checks/report.h"
#include "further/further.h"
#include "sys/sys.h"
#include "virt-attest/check.h"

/* What a check may say is what a finding holds. */
#define SAME_SIZE(field)                                                       \
	_Static_assert(sizeof(((struct virt_attest_result *)0)->field) ==      \
	                   sizeof(((struct result *)0)->field),                \
	               "both have the same room")
SAME_SIZE(text);
SAME_SIZE(source);
SAME_SIZE(destination);
SAME_SIZE(remedy);
_Static_assert((int)VIRT_ATTEST_NOT_RUN == (int)OUTCOME_NOT_RUN &&
                   (int)VIRT_ATTEST_PASS == (int)OUTCOME_PASS &&
                   (int)VIRT_ATTEST_WARN == (int)OUTCOME_WARN &&
                   (int)VIRT_ATTEST_BLOCK == (int)OUTCOME_BLOCK,
               "both count alike");

/* NULL: there is none. */
static const struct virt_attest_check *
load(const char *path, struct err *err)
{
	const struct virt_attest_check *check = NULL;
	void *object = NULL;

	/* Without a slash it would be looked for. */
	if (path[0] == '/')
		object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (object != NULL)
		check = dlsym(object, "virt_attest_check");
	if (path[0] != '/')
		(void)err_set(err, ERR_CONFIG, "%.100s: no absolute path",
		              path);
	else if (object == NULL)
		(void)err_set(err, ERR_IO, "%s", dlerror());
	else if (check == NULL)
		(void)err_set(err, ERR_UNSUPPORTED,
		              "it exports no 'virt_attest_check'");
	return check;
}

/* The version first: another one may have other members. */
static bool
is_whole(const struct virt_attest_check *check, struct err *err)
{
	if (check->version != VIRT_ATTEST_CHECK_VERSION)
		return err_set(err, ERR_VERSION,
		               "it is of version %u of virt-attest/check.h, "
		               "and version %d is known here",
		               check->version, VIRT_ATTEST_CHECK_VERSION);
	if (check->id == NULL || check->compares == NULL || check->run == NULL)
		return err_set(err, ERR_MALFORMED,
		               "its 'id', 'compares' or 'run' is not set");
	if (strlen(check->compares) >= FINDING_COMPARES_MAX)
		return err_set(err, ERR_LIMIT,
		               "its 'compares' is longer than %d bytes",
		               FINDING_COMPARES_MAX - 1);
	return check->severity == VIRT_ATTEST_WARN ||
	       check->severity == VIRT_ATTEST_BLOCK ||
	       err_set(err, ERR_MALFORMED,
	               "its 'severity' is neither warn nor block");
}

/* A text of the check's, which need not have ended it. */
static void
put_text(struct json *into, const char *name, char *text, size_t size)
{
	struct span all = span_of(text, strnlen(text, size));
	char ascii[RESULT_TEXT_MAX];

	if (all.len < size && text_is_printable(text)) {
		json_put_text(into, name, text);
		return;
	}
	text_ascii(all, ascii, sizeof(ascii) < size ? sizeof(ascii) : size);
	json_put_text(into, name, ascii);
}

static bool
print(int to, const struct virt_attest_check *check,
      struct virt_attest_result *r, struct err *err)
{
	AUTO(json_auto) struct json *answer = json_new_object();
	AUTO(buf_done) struct buf text = {.max = FURTHER_ANSWER_MAX};

	if ((unsigned)r->outcome > VIRT_ATTEST_BLOCK)
		return err_set(err, ERR_MALFORMED, "its outcome %u is unknown",
		               (unsigned)r->outcome);
	json_put_text(answer, "id", check->id);
	json_put_text(answer, "compares", check->compares);
	json_put_text(answer, "severity",
	              check->severity == VIRT_ATTEST_WARN ? "warn" : "block");
	json_put_text(answer, "outcome",
	              outcome_name((enum outcome)r->outcome));
	put_text(answer, "text", r->text, sizeof(r->text));
	put_text(answer, "source", r->source, sizeof(r->source));
	put_text(answer, "destination", r->destination, sizeof(r->destination));
	put_text(answer, "remedy", r->remedy, sizeof(r->remedy));
	json_format(answer, &text);
	buf_u8(&text, '\n');
	/* A pipe takes so little at once, or its reader is gone. */
	return (!text.over &&
	        write(to, text.at, text.len) == (ssize_t)text.len) ||
	       err_set(err, ERR_IO, "its answer could not be written");
}

int
main(int argc, char **argv)
{
	AUTO(buf_done) struct buf facts = {.max = FURTHER_FACTS_MAX + 1};
	struct virt_attest_result result = {.outcome = VIRT_ATTEST_NOT_RUN};
	const struct virt_attest_check *check = NULL;
	struct err err = {0};
	int to;

	if (argc != 2) {
		fprintf(stderr, "usage: virt-attest-check-object OBJECT "
		                "<FACTS.json\n");
		return 1;
	}
	/* It must not outlive who asked.  What the check itself prints is no
	 * answer. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	to = dup(STDOUT_FILENO);
	if (to < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return 1;
	if (sys_read_file("-", FURTHER_FACTS_MAX, &facts, &err))
		check = load(argv[1], &err);
	if (check == NULL || !is_whole(check, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	buf_u8(&facts, '\0');
	check->run((const char *)facts.at, &result);
	fflush(NULL);
	if (!print(to, check, &result, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	return 0;
}
