/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>

#include "look_private.h"
#include "words.h"

enum { NSS_SIZE = 16 * 1024 };

void
look_account(const char *name, struct look_account *a)
{
	char room[NSS_SIZE];
	struct passwd one;
	struct passwd *found = NULL;
	struct group group, *tss = NULL;

	*a = (struct look_account){.n_groups = LOOK_GROUPS_MAX - 1};
	if (getpwnam_r(name, &one, room, sizeof(room), &found) != 0 ||
	    found == NULL)
		return;
	a->there = true;
	a->uid = found->pw_uid;
	if (getgrouplist(name, found->pw_gid, a->groups, &a->n_groups) < 0)
		a->n_groups = LOOK_GROUPS_MAX - 1;
	/* The agent's unit gives it this one in any case. */
	if (getgrnam_r("tss", &group, room, sizeof(room), &tss) == 0 &&
	    tss != NULL)
		a->groups[a->n_groups++] = tss->gr_gid;
}

enum seen
look_may(const struct look_account *a, const struct stat *st, mode_t bits)
{
	mode_t has = st->st_mode;

	if (!a->there)
		return SEEN_NOT_KNOWN;
	if (st->st_uid == a->uid)
		return (has >> 6 & bits) == bits ? SEEN_YES : SEEN_NO;
	for (int i = 0; i < a->n_groups; i++)
		if (a->groups[i] == st->st_gid)
			return (has >> 3 & bits) == bits ? SEEN_YES : SEEN_NO;
	return (has & bits) == bits ? SEEN_YES : SEEN_NO;
}

const char *
look_owner(struct arena *arena, const struct stat *st)
{
	char room[NSS_SIZE], user[64], group[64], text[160];
	struct passwd one, *u = NULL;
	struct group many, *g = NULL;

	snprintf(user, sizeof(user), "uid %u", (unsigned)st->st_uid);
	if (getpwuid_r(st->st_uid, &one, room, sizeof(room), &u) == 0 &&
	    u != NULL)
		snprintf(user, sizeof(user), "%.60s", u->pw_name);
	snprintf(group, sizeof(group), "gid %u", (unsigned)st->st_gid);
	if (getgrgid_r(st->st_gid, &many, room, sizeof(room), &g) == 0 &&
	    g != NULL)
		snprintf(group, sizeof(group), "%.60s", g->gr_name);
	snprintf(text, sizeof(text), "%s:%s, mode %04o", user, group,
	         (unsigned)st->st_mode & 07777);
	return words_shown(arena, text);
}
