/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "appraise_boot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What the log leads to; of what it does not extend, the reset's value. */
static void
quote_log(struct world *w, struct span log)
{
	struct pcr_values *v = &w->evidence.values, led;
	int b;

	held_by_log(&led, log);
	b = pcr_selection_find(&led.selection, TPM_ALG_SHA256);
	assert_true(b >= 0);
	memset(v->values, 0, sizeof(v->values));
	for (unsigned p = 0; p < PCR_COUNT; p++) {
		if ((v->selection.banks[0].mask >> p & 1) == 0)
			continue;
		if ((led.selection.banks[b].mask >> p & 1) != 0)
			v->values[0][p] = led.values[b][p];
		else
			v->values[0][p].len = SHA256_SIZE;
	}
}

void
boot_show(struct boot *b, struct buf log)
{
	buf_done(&b->log);
	b->log = log;
	b->w.a.boot_sight = log.len != 0 ? LOG_SHOWN : LOG_ABSENT;
}

void
boot_from(struct boot *b, struct buf log)
{
	quote_log(&b->w, buf_span(&log));
	boot_show(b, log);
}

void
boot_be_honest(struct boot *b)
{
	struct pcr_selection s = {.n = 1,
	                          .banks = {{TPM_ALG_SHA256, PCRS_QUOTED}}};
	char pcrs[PCR_TEXT_MAX];

	*b = (struct boot){0};
	world_be_honest(&b->w);
	world_select_pcrs(&b->w, pcr_selection_format(&s, pcrs));
	boot_from(b, fixture_log("grub.log"));
	b->events = bootref_must(buf_span(&b->log));
	b->w.golden.values = b->w.evidence.values;
	b->w.golden.by_events = PCRS_BY_EVENTS;
	b->w.golden.events[0] = 1;
	b->references.events = &b->events;
	b->w.a.references = &b->references;
}

void
boot_done(struct boot *b)
{
	buf_done(&b->log);
	bootref_done(&b->events);
}

void
boot_judge(struct boot *b, struct verdict *v)
{
	b->w.a.boot_log = buf_span(&b->log);
	world_judge(&b->w, v);
}

unsigned
boot_wants(struct boot *b)
{
	world_answer(&b->w);
	return appraise_wants(&b->w.a);
}

void
must_refuse_for(const struct verdict *v, enum reason_code reason,
                const char *detail)
{
	if (v->state != VERDICT_UNTRUSTED || v->n_reasons != 1 ||
	    v->reasons[0].code != reason ||
	    strstr(v->reasons[0].detail, detail) == NULL)
		fail_msg("%s for %zu reasons, first '%s' ('%s'), not '%s' "
		         "('%s')",
		         verdict_state_name(v->state), v->n_reasons,
		         reason_name(v->reasons[0].code), v->reasons[0].detail,
		         reason_name(reason), detail);
	assert_int_equal(v->golden, 0);
}

void
must_trust(const struct verdict *v, uint64_t golden)
{
	if (v->state != VERDICT_TRUSTED)
		fail_msg("%s: '%s' ('%s')", verdict_state_name(v->state),
		         reason_name(v->reasons[0].code), v->reasons[0].detail);
	assert_int_equal(v->n_reasons, 0);
	assert_int_equal(v->n_differences, 0);
	assert_int_equal(v->golden, golden);
}
