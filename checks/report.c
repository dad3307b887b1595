/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/report.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "evidence/printable.h"

enum { FINDINGS_STEP = 64 };

void
report_done(struct report *report)
{
	free(report->findings);
	*report = (struct report){0};
}

/* A host's or a domain's own words go to a terminal and a log. */
static void
make_printable(char *text, size_t size)
{
	char copy[RESULT_TEXT_MAX];
	struct printable p;

	snprintf(copy, sizeof(copy), "%s", text);
	p = printable_of(text, size);
	printable_utf8(&p, span_str(copy));
}

bool
report_add(struct report *report, const struct finding *finding)
{
	struct finding *f;

	if (report->n == REPORT_FINDINGS_MAX)
		return false;
	if (report->n == report->room) {
		report->room += FINDINGS_STEP;
		report->findings = mem_grow(report->findings, report->room,
		                            sizeof(*report->findings));
	}
	f = &report->findings[report->n++];
	*f = *finding;
	make_printable(f->id, sizeof(f->id));
	make_printable(f->compares, sizeof(f->compares));
	make_printable(f->result.text, sizeof(f->result.text));
	make_printable(f->result.source, sizeof(f->result.source));
	make_printable(f->result.destination, sizeof(f->result.destination));
	make_printable(f->result.remedy, sizeof(f->result.remedy));
	return true;
}

void
report_run(struct report *report, const struct facts *facts)
{
	const struct migration_check *check = NULL;

	while ((check = check_next(check)) != NULL) {
		struct finding f = {.severity = check->severity,
		                    .unforceable = check->unforceable};
		bool added;

		snprintf(f.id, sizeof(f.id), "%s", check->id);
		snprintf(f.compares, sizeof(f.compares), "%s", check->compares);
		check_run(check, facts, &f.result);
		added = report_add(report, &f);
		assert(added);
	}
}

bool
report_force(struct report *report, const char *id, struct err *err)
{
	for (size_t i = 0; i < report->n; i++) {
		struct finding *f = &report->findings[i];

		if (strcmp(f->id, id) != 0)
			continue;
		if (f->unforceable)
			return err_set(err, ERR_DENIED,
			               "the check '%s' cannot be forced", id);
		f->forced = true;
		return true;
	}
	return err_set(err, ERR_NOT_FOUND,
	               "--force %.63s: there is no such "
	               "check",
	               id);
}

bool
report_forced(const struct report *report, char *out, size_t size,
              struct err *err)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < report->n; i++) {
		const struct finding *f = &report->findings[i];
		int put;

		if (!f->forced || f->result.outcome == OUTCOME_PASS)
			continue;
		put = snprintf(out + len, size - len, "%s%s",
		               len != 0 ? "," : "", f->id);
		if (put < 0 || (size_t)put >= size - len)
			return err_set(err, ERR_LIMIT,
			               "more checks are forced than a line of "
			               "the audit log holds");
		len += (size_t)put;
	}
	return true;
}

enum outcome
finding_weight(const struct finding *f)
{
	if (f->forced)
		return OUTCOME_PASS;
	if (f->result.outcome != OUTCOME_NOT_RUN)
		return f->result.outcome;
	return f->severity == SEVERITY_BLOCK ? OUTCOME_BLOCK : OUTCOME_WARN;
}

enum outcome
report_worst(const struct report *report)
{
	enum outcome worst = OUTCOME_PASS;
	bool blocks = false;

	for (size_t i = 0; i < report->n; i++) {
		const struct finding *f = &report->findings[i];
		enum outcome weight = finding_weight(f);

		if (weight > worst)
			worst = weight;
		if (weight == OUTCOME_BLOCK &&
		    f->result.outcome == OUTCOME_BLOCK)
			blocks = true;
	}
	return worst == OUTCOME_BLOCK && !blocks ? OUTCOME_NOT_RUN : worst;
}

int
report_exit_status(const struct report *report, const struct facts *facts)
{
	switch (report_worst(report)) {
	case OUTCOME_PASS:
	case OUTCOME_WARN:
		return 0;
	case OUTCOME_BLOCK:
		break;
	case OUTCOME_NOT_RUN:
		return 4;
	}
	/* Who is not trusted is told so first, as by every other command. */
	if (facts->trust.missing == NULL &&
	    facts->trust.verdict.state != VERDICT_TRUSTED)
		return verdict_exit_status(facts->trust.verdict.state);
	return 2;
}

static struct json *
finding_encode(const struct finding *f)
{
	struct json *object = json_new_object();

	json_put_text(object, "id", f->id);
	json_put_text(object, "compares", f->compares);
	json_put_text(object, "severity",
	              f->severity == SEVERITY_BLOCK ? "block" : "warn");
	json_put_text(object, "outcome", outcome_name(f->result.outcome));
	json_put_bool(object, "forced", f->forced);
	json_put_text(object, "text", f->result.text);
	json_put_text(object, "source", f->result.source);
	json_put_text(object, "destination", f->result.destination);
	json_put_text(object, "remedy", f->result.remedy);
	json_put_u64(object, "more", f->result.more);
	return object;
}

struct json *
report_encode(const struct report *report)
{
	struct json *object = json_new_object(), *findings = json_new_array();

	json_put_text(object, "result", outcome_name(report_worst(report)));
	for (size_t i = 0; i < report->n; i++)
		json_add(findings, finding_encode(&report->findings[i]));
	json_put(object, "findings", findings);
	return object;
}
