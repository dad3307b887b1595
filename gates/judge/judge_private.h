/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GATEJUDGE_JUDGE_PRIVATE_H
#define GATEJUDGE_JUDGE_PRIVATE_H

#include "base/auto.h"
#include "judge.h"

/* Each fills the line; `true` when there is no more to be said. */
bool gate_says(struct gate_line *, enum gate_state, const char *remedy,
               const char *format, ...) PRINTF_LIKE(4, 5);

/* libvirt's daemon reads this file when it starts, and has not since it was
 * changed. */
bool gate_not_read(const struct gate_daemon *, const struct gate_file *,
                   struct gate_line *);
/* It could not be read: nothing is known of this gate. */
bool gate_unread(const struct gate_file *, struct gate_line *);
/* Somebody else than root may change it. */
bool gate_loose(const struct gate_file *, struct gate_line *);

void judge_trust(const struct gate_facts *, struct gate_line *);
void judge_lock(const struct gate_facts *, struct gate_line *);
void judge_net(const struct gate_facts *, struct gate_line *);
void judge_pass(const struct gate_facts *, struct gate_line *);
void judge_polkit(const struct gate_facts *, struct gate_line *);
void judge_pmc(const struct gate_facts *, struct gate_line *);
void judge_callers(const struct gate_facts *, struct gate_line *);

#endif
