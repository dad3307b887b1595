/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verifier's store. */
#include "judge_private.h"

enum { MIB = 1024 * 1024, NOTHING_FITS = HEALTH_STORE_LOW / 10 };

void
judge_store(const struct health_facts *f, struct health_report *r)
{
	static const char make_room[] =
	    "make room there: a verdict that cannot be written is none";
	const struct health_store *s = &f->store;
	struct health_about about = {HEALTH_OK, "store", ""};

	if (s->folder[0] == '\0')
		return;
	if (s->missing != NULL && f->verifierd.unit && !f->verifierd.active) {
		about.state = HEALTH_SKIP;
		health_say(r, about, "%s: its unit makes it when it starts",
		           s->folder);
		return;
	}
	if (s->missing != NULL) {
		about = (struct health_about){
		    HEALTH_FAIL, "store",
		    "the unit makes it (StateDirectory); else mkdir -m 700 "
		    "it, for the verifier's account"};
		health_say(r, about, "%s: %s", s->folder, s->missing);
		return;
	}
	if (s->hidden != NULL) {
		about =
		    (struct health_about){HEALTH_SKIP, "store", health_as_root};
		health_say(r, about, "%s cannot be looked at: %s", s->folder,
		           s->hidden);
		return;
	}
	if (s->loose != NULL) {
		about = (struct health_about){
		    HEALTH_FAIL, "store permissions",
		    "chmod 600 the file and 700 its folder, then 'virt-attest "
		    "audit verify'"};
		health_say(r, about,
		           "others than the verifier's account and root may "
		           "read or change the store: %s",
		           s->loose);
	}
	about.subject = "store";
	about.remedy = make_room;
	if (s->free_bytes < NOTHING_FITS || s->no_inodes)
		about.state = HEALTH_FAIL;
	else if (s->free_bytes < HEALTH_STORE_LOW)
		about.state = HEALTH_WARN;
	else
		about = (struct health_about){HEALTH_OK, "store", ""};
	health_say(r, about, "%s: %llu MiB of its disk are free%s", s->folder,
	           (unsigned long long)(s->free_bytes / MIB),
	           s->no_inodes ? ", and there is no room for new files" : "");
}
