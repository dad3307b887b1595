/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files that put a boot log's events in words share. */
#ifndef EVIDENCE_BOOTLOG_WORDS_H
#define EVIDENCE_BOOTLOG_WORDS_H

#include "evidence/bootlog.h"
#include "evidence/printable.h"

/* How many bytes there are, and the first of them. */
void bootlog_words_bytes(struct printable *, struct span);

/* Text of one byte to a character: nothing but it, and maybe NULs. */
bool bootlog_words_are_text(struct span);

/* The names in a device path; returns how many there are. */
size_t bootlog_words_path(struct printable *, struct span path);

/* An event of a UEFI variable: its name, and its value where that is short. */
void bootlog_words_variable(struct printable *, const struct bootlog_event *);

#endif
