/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Daemons: their configuration, their unit, whether they answer. */
#include <stdio.h>

#include "judge_private.h"

enum { RESTARTS_MANY = 5 };

/* False: there is no more to be said of it. */
static bool
judge_conf(const struct health_daemon *d, struct health_report *r)
{
	if (!d->conf_there)
		health_say(r, (struct health_about){HEALTH_OK, d->name, ""},
		           "%s is not there: all is as by default", d->conf);
	else if (d->conf_hidden != NULL)
		health_say(
		    r,
		    (struct health_about){HEALTH_SKIP, d->name, health_as_root},
		    "%s cannot be read: %s", d->conf, d->conf_hidden);
	else if (d->conf_wrong != NULL)
		health_say(r,
		           (struct health_about){
			       HEALTH_FAIL, d->name,
			       "mend that line: the daemon does not start or "
			       "reload with it"},
		           "%s", d->conf_wrong);
	else
		return true;
	return d->conf_wrong == NULL;
}

/* What of its unit is worth a line: the first that is so. */
static void
judge_unit(const struct health_daemon *d, struct health_report *r)
{
	static const char why[] = "'journalctl -eu' its unit says why";
	bool off = !d->active && !d->by_socket;
	char restarts[32];
	const struct {
		bool so;
		enum health state;
		const char *text, *more, *remedy;
	} all[] = {
	    {d->why != NULL, HEALTH_SKIP, "its unit was not looked at", d->why,
	     ""},
	    {!d->unit, HEALTH_SKIP, "systemd knows no unit of it",
	     "it is started in another way", ""},
	    {d->failed, HEALTH_FAIL, "its unit has failed", d->result, why},
	    {d->starting, HEALTH_WARN, "its unit is starting, or stopping",
	     d->status, "run this again in a moment"},
	    {off && d->enabled, HEALTH_FAIL,
	     "its unit is enabled, and does not run", d->status,
	     "'systemctl start' it"},
	    {off, HEALTH_WARN, "its unit neither runs nor is enabled", "",
	     "'systemctl enable --now' it, or remove what is not wanted"},
	    {d->stale_unit, HEALTH_WARN,
	     "its unit's file is newer than what systemd knows", "",
	     "'systemctl daemon-reload', then restart it"},
	    {d->newer != NULL, HEALTH_WARN,
	     "it runs on what it read before this was changed", d->newer,
	     "'systemctl reload' it (libvirt's: restart, guests run on)"},
	    {!d->enabled && !d->by_socket, HEALTH_WARN,
	     "its unit runs, and will not after the next boot", "",
	     "'systemctl enable' it"},
	    {d->restarts >= RESTARTS_MANY, HEALTH_WARN,
	     "its unit runs, and systemd had to start it again so many times",
	     restarts, why},
	    {d->active, HEALTH_OK, "its unit is active", d->status, ""},
	    {true, HEALTH_OK, "its unit starts when somebody connects", "", ""},
	};
	char subject[HEALTH_SUBJECT_MAX];
	size_t i = 0;

	snprintf(subject, sizeof(subject), "%s unit", d->name);
	snprintf(restarts, sizeof(restarts), "%llu",
	         (unsigned long long)d->restarts);
	while (!all[i].so)
		i++;
	health_say(r,
	           (struct health_about){all[i].state, subject, all[i].remedy},
	           "%s%s%s", all[i].text, all[i].more[0] != '\0' ? ": " : "",
	           all[i].more);
}

static void
judge_listens(const struct health_daemon *d, struct health_report *r)
{
	bool down = d->why == NULL && d->unit && !d->active && !d->by_socket;
	char subject[HEALTH_SUBJECT_MAX];

	snprintf(subject, sizeof(subject), "%s socket", d->name);
	if (d->listen[0] == '\0' || d->answers == SEEN_NOT_KNOWN || down)
		return;
	if (d->answers == SEEN_YES)
		health_say(r, (struct health_about){HEALTH_OK, subject, ""},
		           "somebody answers at %s", d->listen);
	else
		health_say(r,
		           (struct health_about){
			       HEALTH_FAIL, subject,
			       "does it run, and with this configuration? a "
			       "socket's folder must be there"},
		           "nobody answers at %s: %s", d->listen, d->silent);
}

static void
judge_daemon(const struct health_daemon *d, struct health_report *r)
{
	if (!health_is_set_up(d)) {
		health_say(r, (struct health_about){HEALTH_SKIP, d->name, ""},
		           "it is not set up on this host: there is no %s and "
		           "no unit of it",
		           d->conf);
		return;
	}
	if (!judge_conf(d, r))
		return;
	judge_unit(d, r);
	judge_listens(d, r);
}

void
judge_agentd(const struct health_facts *f, struct health_report *r)
{
	judge_daemon(&f->agentd, r);
}

void
judge_verifierd(const struct health_facts *f, struct health_report *r)
{
	judge_daemon(&f->verifierd, r);
}

/* A gate that most hosts do without: `--gates` says what its absence means. */
void
judge_gated(const struct health_facts *f, struct health_report *r)
{
	if (f->gated.unit && (f->gated.active || f->gated.enabled ||
	                      f->gated.failed || f->gated.conf_wrong != NULL))
		judge_daemon(&f->gated, r);
}

void
judge_libvirt(const struct health_facts *f, struct health_report *r)
{
	judge_daemon(&f->libvirt, r);
}
