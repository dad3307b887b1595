/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "further/further.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "further/further_private.h"
#include "sys/child.h"
#include "sys/sys.h"

#define OBJECT_RUNNER "virt-attest-check-object"

enum { PATH_SHOWN_MAX = 150, STEM_SIZE = FINDING_ID_MAX - 24 };

/* All that is run, and where its findings go. */
struct round {
	struct report *report;
	struct span facts;
	uint64_t end_ms; /* of all checks' time */
	char runner[CHILD_PATH_SIZE];
};

/* One of the two ways to add a check. */
struct kind {
	bool (*is_one)(const char *name, const struct stat *);
	const char *is_not; /* a sentence's end */
	bool in_runner;     /* it is loaded by the runner, not started */
};

static bool
is_object(const char *name, const struct stat *stat)
{
	size_t len = strlen(name);

	return S_ISREG(stat->st_mode) && len > 3 &&
	       strcmp(name + len - 3, ".so") == 0;
}

static bool
is_executable(const char *name, const struct stat *stat)
{
	(void)name;
	return S_ISREG(stat->st_mode) &&
	       (stat->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

static const struct kind objects = {
    is_object, "it is no file whose name ends in .so", true};
static const struct kind executables = {is_executable,
                                        "it is no executable file", false};

static bool
is_taken(const struct report *report, const char *id)
{
	if (check_of(id) != NULL)
		return true;
	for (size_t i = 0; i < report->n; i++)
		if (strcmp(report->findings[i].id, id) == 0)
			return true;
	return false;
}

/* The name of a file up to its first dot, made an id. */
static void
stem_of(const char *name, char stem[STEM_SIZE])
{
	size_t len = strcspn(name, ".");

	if (len >= STEM_SIZE)
		len = STEM_SIZE - 1;
	memcpy(stem, name, len);
	stem[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		const char one[2] = {stem[i], '\0'};

		if (!id_is_valid(one))
			stem[i] = '-';
	}
}

/* An id that says the file's name, and that nobody has yet. */
static void
name_finding(const struct report *report, const char *name, struct finding *f)
{
	char stem[STEM_SIZE];

	stem_of(name, stem);
	snprintf(f->id, sizeof(f->id), "%s", stem);
	for (unsigned i = 1; is_taken(report, f->id); i++)
		snprintf(f->id, sizeof(f->id), "further-%s-%u", stem, i);
}

/* What cannot be told must block all the same. */
static void
add(struct report *report, const struct finding *finding)
{
	struct result *last = &report->findings[REPORT_FINDINGS_MAX - 1].result;

	if (report_add(report, finding))
		return;
	*last = (struct result){.outcome = OUTCOME_BLOCK};
	snprintf(last->text, sizeof(last->text),
	         "there are more than %d findings", REPORT_FINDINGS_MAX);
}

/* A finding about a file or folder itself. */
static void
add_about(struct report *report, const char *path, enum outcome outcome,
          const char *why)
{
	const char *name = strrchr(path, '/');
	struct finding f = {.severity = SEVERITY_BLOCK};

	name_finding(report, name != NULL ? name + 1 : path, &f);
	snprintf(f.compares, sizeof(f.compares), "a check of your own");
	f.result.outcome = outcome;
	snprintf(f.result.text, sizeof(f.result.text), "%.*s: %s",
	         PATH_SHOWN_MAX, path, why);
	snprintf(f.result.remedy, sizeof(f.result.remedy),
	         "put %.*s right, or take it away", PATH_SHOWN_MAX, path);
	add(report, &f);
}

/* Its answer, where it ended as it should. */
static bool
hear(const struct child_told *told, struct finding *f, struct err *err)
{
	const char *colon = told->said[0] != '\0' ? ": " : "";

	if (told->signal != 0)
		return err_set(err, ERR_UNAVAILABLE,
		               "it crashed (signal %d)%s%.150s", told->signal,
		               colon, told->said);
	if (told->status != 0)
		return err_set(err, ERR_UNAVAILABLE,
		               "it ended with status %d%s%.150s", told->status,
		               colon, told->said);
	return answer_decode(buf_span(&told->out), f, err);
}

static void
told_done(struct child_told *told)
{
	buf_done(&told->out);
}

static bool
ask(const struct round *round, const struct kind *kind, const char *path,
    struct finding *f, struct err *err)
{
	AUTO(told_done) struct child_told told = {.status = -1};
	const char *const in_runner[] = {OBJECT_RUNNER, path, NULL};
	const char *const alone[] = {path, NULL};
	uint64_t now = sys_boot_ms();
	uint64_t left = now < round->end_ms ? round->end_ms - now : 0;
	const struct child_asked asked = {
	    .path = kind->in_runner ? round->runner : path,
	    .argv = kind->in_runner ? in_runner : alone,
	    .in = round->facts,
	    .max = FURTHER_ANSWER_MAX,
	    .timeout_ms = left < FURTHER_MS ? left : FURTHER_MS,
	};

	if (left == 0)
		return err_set(err, ERR_TIMEOUT,
		               "no time was left for it: all checks of your "
		               "own have %d ms",
		               FURTHER_ALL_MS);
	return child_trusted(path, err) && child_run(&asked, &told, err) &&
	       hear(&told, f, err);
}

static void
run_file(const struct round *round, const struct kind *kind, const char *path,
         const char *name)
{
	struct finding f = {.severity = SEVERITY_BLOCK};
	struct err err = {0};
	struct stat stat_of;

	if (stat(path, &stat_of) != 0) {
		add_about(round->report, path, OUTCOME_BLOCK, strerror(errno));
		return;
	}
	if (!kind->is_one(name, &stat_of)) {
		add_about(round->report, path, OUTCOME_WARN, kind->is_not);
		return;
	}
	stem_of(name, f.id);
	snprintf(f.compares, sizeof(f.compares), "%.*s", PATH_SHOWN_MAX, path);
	if (ask(round, kind, path, &f, &err) && is_taken(round->report, f.id))
		(void)err_set(&err, ERR_EXISTS,
		              "its id '%s' is another check's", f.id);
	if (err.code != ERR_NONE)
		add_about(round->report, path, OUTCOME_BLOCK, err.text);
	else
		add(round->report, &f);
}

static void
run_folder(const struct round *round, const struct kind *kind, const char *path)
{
	AUTO(mem_auto) struct folder *folder = mem_new(1, sizeof(*folder));
	struct err err = {0};

	if (!folder_read(path, folder, &err)) {
		add_about(round->report, path, OUTCOME_BLOCK, err.text);
		return;
	}
	for (size_t i = 0; i < folder->n; i++) {
		char file[PATH_MAX];
		int n = snprintf(file, sizeof(file), "%s/%s", path,
		                 folder->names[i]);

		if (n < 0 || (size_t)n >= sizeof(file))
			add_about(round->report, path, OUTCOME_BLOCK,
			          "a path in it is too long");
		else
			run_file(round, kind, file, folder->names[i]);
	}
}

void
further_run(const char *objects_at, const char *executables_at,
            const struct json *facts, struct report *report)
{
	AUTO(buf_done) struct buf text = {.max = FURTHER_FACTS_MAX};
	struct round round = {.report = report,
	                      .end_ms = sys_boot_ms() + FURTHER_ALL_MS};

	json_format(facts, &text);
	buf_u8(&text, '\n');
	if (text.over) {
		add_about(report, objects_at, OUTCOME_BLOCK,
		          "the facts are too long for checks of your own");
		return;
	}
	round.facts = buf_span(&text);
	(void)child_beside(OBJECT_RUNNER,
	                   VIRT_ATTEST_LIBEXECDIR "/virt-attest/" OBJECT_RUNNER,
	                   round.runner);
	run_folder(&round, &objects, objects_at);
	run_folder(&round, &executables, executables_at);
}
