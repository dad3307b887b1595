/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Daemons: their configuration, their unit, whether they answer. */
#include <stdio.h>
#include <string.h>

#include "judge_private.h"

enum { RESTARTS_MANY = 5 };

/* False: there is no more to be said of it. */
static bool
judge_conf(const struct health_daemon *d, struct health_report *r)
{
	if (d->conf_hidden != NULL)
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
	else if (!d->conf_there)
		health_say(r, (struct health_about){HEALTH_OK, d->name, ""},
		           "%s is not there: all is as by default", d->conf);
	else
		return true;
	return d->conf_wrong == NULL;
}

/* What of its unit is worth a line: the first that is so. */
static void
judge_unit(const struct health_daemon *d, struct health_report *r)
{
	static const char why[] = "journalctl -eu";
	static const char no_tpm[] = "no TPM"; /* agentd's own words */
	bool off = !d->active && !d->by_socket;
	char subject[HEALTH_SUBJECT_MAX], remedy[HEALTH_TEXT_MAX] = "";
	char restarts[32];
	const struct {
		bool so;
		enum health state;
		const char *text, *more;
		const char *command, *then; /* with the unit between them */
	} all[] = {
	    {d->why != NULL, HEALTH_SKIP, "it was not looked at", d->why, NULL,
	     ""},
	    {!d->unit, HEALTH_SKIP, "systemd knows none",
	     "it is started in another way", NULL, ""},
	    {d->failed, HEALTH_FAIL, "it has failed", d->result, why, ""},
	    {d->starting, HEALTH_WARN, "it is starting, or stopping", d->status,
	     why, ", and run this again in a moment"},
	    {off && d->enabled, HEALTH_FAIL, "it is enabled, and does not run",
	     d->status, "systemctl start", ""},
	    {off, HEALTH_WARN, "it neither runs nor is enabled", "",
	     "systemctl enable --now", ", or remove what is not wanted"},
	    {d->stale_unit, HEALTH_WARN,
	     "its file is newer than what systemd knows", "",
	     "systemctl daemon-reload; systemctl restart", ""},
	    {d->newer != NULL, HEALTH_WARN,
	     "it runs on what it read before this was changed", d->newer,
	     "systemctl reload-or-restart", ""},
	    {!d->enabled && !d->by_socket, HEALTH_WARN,
	     "it runs, and will not after the next boot", "",
	     "systemctl enable", ""},
	    {d->restarts >= RESTARTS_MANY, HEALTH_WARN,
	     "it runs, and systemd had to start it again so many times",
	     restarts, why, ""},
	    {d->active && strncmp(d->status, no_tpm, strlen(no_tpm)) == 0,
	     HEALTH_FAIL, "it is active, and cannot attest", d->status, why,
	     ""},
	    {d->active, HEALTH_OK, "it is active", d->status, NULL, ""},
	    {true, HEALTH_OK, "it starts when somebody connects", "", NULL, ""},
	};
	size_t i = 0;

	snprintf(subject, sizeof(subject), "%s unit", d->name);
	snprintf(restarts, sizeof(restarts), "%llu",
	         (unsigned long long)d->restarts);
	while (!all[i].so)
		i++;
	if (all[i].command != NULL)
		snprintf(remedy, sizeof(remedy), "%s %s%s", all[i].command,
		         d->service, all[i].then);
	health_say(r, (struct health_about){all[i].state, subject, remedy},
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
