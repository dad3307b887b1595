/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HEALTHJUDGE_JUDGE_PRIVATE_H
#define HEALTHJUDGE_JUDGE_PRIVATE_H

#include "base/auto.h"
#include "judge.h"

/* A line of `health_add` with a text that is put together. */
struct health_about {
	enum health state;
	const char *subject, *remedy;
};
void health_say(struct health_report *, struct health_about, const char *format,
                ...) PRINTF_LIKE(3, 4);

/* What is hidden is nobody's fault but the caller's account. */
extern const char health_as_root[];

/* "3 days", "5 hours": of what is left, or has gone. */
enum { HEALTH_SPAN_SIZE = 48 };
const char *health_span(uint64_t seconds, char out[HEALTH_SPAN_SIZE]);

void judge_clock(const struct health_facts *, struct health_report *);
void judge_tpm(const struct health_facts *, struct health_report *);
void judge_logs(const struct health_facts *, struct health_report *);
void judge_agentd(const struct health_facts *, struct health_report *);
void judge_verifierd(const struct health_facts *, struct health_report *);
void judge_gated(const struct health_facts *, struct health_report *);
void judge_libvirt(const struct health_facts *, struct health_report *);
void judge_agentd_tls(const struct health_facts *, struct health_report *);
void judge_verifierd_tls(const struct health_facts *, struct health_report *);
void judge_libvirt_tls(const struct health_facts *, struct health_report *);
void judge_migration_tls(const struct health_facts *, struct health_report *);
void judge_store(const struct health_facts *, struct health_report *);
void judge_confined(const struct health_facts *, struct health_report *);
void judge_gates(const struct health_facts *, struct health_report *);

#endif
