/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is as it should be on this host, what is not, and what to do. */
#ifndef HEALTHJUDGE_JUDGE_H
#define HEALTHJUDGE_JUDGE_H

#include "healthjudge/facts.h"

/* Zero: nobody looked, and it is never as good as `ok`. */
enum health { HEALTH_SKIP, HEALTH_OK, HEALTH_WARN, HEALTH_FAIL };

enum {
	HEALTH_LINES_MAX = 128,
	HEALTH_SUBJECT_MAX = 48,
	HEALTH_TEXT_MAX = 600,
	HEALTH_SOON_S = 14 * 24 * 60 * 60, /* a certificate's last days */
	HEALTH_CRL_SOON_S = 24 * 60 * 60,
	/* What a store needs at the least; below a tenth of it nothing fits. */
	HEALTH_STORE_LOW = 256 * 1024 * 1024,
};

struct health_line {
	enum health state;
	char subject[HEALTH_SUBJECT_MAX];
	char text[HEALTH_TEXT_MAX];
	char remedy[HEALTH_TEXT_MAX]; /* "": none */
};

struct health_report {
	size_t n;
	struct health_line lines[HEALTH_LINES_MAX];
};

/* "skip", "ok", "warn", "fail", and back; a word that is none is a skip. */
const char *health_name(enum health);
enum health health_of_name(const char *);

/* Whether it is meant to be on this host: its file or its unit is. */
bool health_is_set_up(const struct health_daemon *);

/* Lines for all parts that were looked at, in their order. */
void health_judge(const struct health_facts *, struct health_report *);

/* Appends a line; one too many is left out, and the last says so. */
void health_add(struct health_report *, enum health, const char *subject,
                const char *text, const char *remedy);

#endif
