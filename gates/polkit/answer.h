/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verifier's list of permits says about one domain. */
#ifndef GATES_POLKIT_ANSWER_H
#define GATES_POLKIT_ANSWER_H

#include <stdbool.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/span.h"

enum permitted {
	PERMITTED_NO, /* or the answer is no answer: `err` says which */
	PERMITTED_OPEN,
	PERMITTED_USED, /* by a gate that asked before, and in its time */
};

/* `line` is the reply to `permits`.  An open permit is told before a used one.
 * One without a UUID, or of another, is none. */
enum permitted permitted_by(struct span line, const char *uuid, struct err *);

#endif
