/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gates, as `doctor --gates` judges them. */
#include <stdio.h>
#include <string.h>

#include "judge_private.h"

enum { OFF_MAX = 200 };

void
judge_gates(const struct health_facts *f, struct health_report *r)
{
	static const enum health states[] = {
	    [GATE_NOT_KNOWN] = HEALTH_SKIP,
	    [GATE_BROKEN] = HEALTH_FAIL,
	    [GATE_OFF] = HEALTH_OK,
	    [GATE_ON] = HEALTH_OK,
	};
	char off[OFF_MAX] = "", subject[HEALTH_SUBJECT_MAX];
	const struct gate_line *line;

	if (!f->gates.asked)
		return;
	for (size_t i = 0; i < GATE_COUNT; i++) {
		line = &f->gates.lines[i];
		if (line->state == GATE_OFF) {
			snprintf(off + strlen(off), sizeof(off) - strlen(off),
			         "%s%s", off[0] != '\0' ? ", " : "",
			         gate_words((enum gate)i));
			continue;
		}
		snprintf(subject, sizeof(subject), "gate: %s",
		         gate_words((enum gate)i));
		health_add(r, states[line->state], subject, line->evidence,
		           line->state != GATE_BROKEN || line->remedy[0] != '\0'
		               ? line->remedy
		               : "'virt-attest doctor --gates', and GATES.md");
	}
	if (off[0] != '\0')
		health_say(r, (struct health_about){HEALTH_OK, "gates", ""},
		           "off: %s ('virt-attest doctor --gates' says what "
		           "that leaves open)",
		           off);
}
