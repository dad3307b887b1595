/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The clock, and what a security module keeps from us. */
#include <string.h>

#include "judge_private.h"

/* 2025-01-01: a clock that says less was never set. */
enum { CLOCK_LEAST_S = 1735689600 };

void
judge_clock(const struct health_facts *f, struct health_report *r)
{
	static const char service[] =
	    "run a time service: chrony, or systemd-timesyncd";

	if (f->now_s < CLOCK_LEAST_S)
		health_add(r, HEALTH_FAIL, "clock",
		           "this machine's clock was never set: certificates "
		           "and golden values are of another time",
		           service);
	else if (f->clock.kept == SEEN_NO)
		health_add(r, HEALTH_WARN, "clock",
		           "the kernel knows of no time service that keeps "
		           "this machine's clock",
		           service);
	else
		health_add(r,
		           f->clock.kept == SEEN_YES ? HEALTH_OK : HEALTH_SKIP,
		           "clock",
		           f->clock.kept == SEEN_YES
		               ? "a time service keeps it"
		               : "the kernel does not tell who keeps it",
		           "");
}

/* Whether libvirt has a hook of ours, so that it has to come through. */
static bool
has_hook(const struct health_gates *g)
{
	return g->asked && (g->lines[GATE_PASS].state != GATE_OFF ||
	                    g->lines[GATE_PMC].state != GATE_OFF);
}

static void
judge_selinux(const struct health_facts *f, struct health_report *r)
{
	const struct health_confined *c = &f->confined;

	if (c->selinux[0] == '\0')
		return;
	if (has_hook(&f->gates) && c->hooks_run == SEEN_NO &&
	    strcmp(c->selinux, "enforcing") == 0)
		health_add(r, HEALTH_WARN, "SELinux",
		           "it is enforcing, and libvirt's hooks are confined "
		           "(virt_hooks_unconfined is off): a hook may not "
		           "reach the verifier",
		           "setsebool -P virt_hooks_unconfined on");
	else
		health_say(r, (struct health_about){HEALTH_OK, "SELinux", ""},
		           "it is %s", c->selinux);
}

/* Debian's profile of libvirtd lets it run what is in these. */
static bool
may_run(const char *path)
{
	static const char *const folders[] = {"/usr/bin/", "/usr/sbin/",
	                                      "/bin/", "/sbin/"};

	for (size_t i = 0; i < LENGTH_OF(folders); i++)
		if (strncmp(path, folders[i], strlen(folders[i])) == 0)
			return true;
	return path[0] == '\0';
}

static void
judge_apparmor(const struct health_facts *f, struct health_report *r)
{
	const struct health_confined *c = &f->confined;

	if (!c->apparmor)
		return;
	if (has_hook(&f->gates) && strstr(c->libvirt, "(enforce)") != NULL &&
	    !may_run(c->hook))
		health_say(r,
		           (struct health_about){
			       HEALTH_WARN, "AppArmor",
			       "install into /usr, or let the profile run it "
			       "by a line in /etc/apparmor.d/local"},
		           "libvirt's profile %s lets its hooks run programs "
		           "of /usr/bin, and not %s",
		           c->libvirt, c->hook);
	else
		health_say(r, (struct health_about){HEALTH_OK, "AppArmor", ""},
		           "it is on; libvirt's daemon is %s",
		           c->libvirt[0] != '\0' ? c->libvirt
		                                 : "not confined by it");
}

void
judge_confined(const struct health_facts *f, struct health_report *r)
{
	const struct health_confined *c = &f->confined;

	judge_selinux(f, r);
	judge_apparmor(f, r);
	if (c->selinux[0] == '\0' && !c->apparmor) {
		health_add(r, HEALTH_OK, "confinement",
		           "neither SELinux nor AppArmor is on", "");
		return;
	}
	if (c->hidden != NULL)
		health_say(r,
		           (struct health_about){HEALTH_SKIP, "confinement",
		                                 health_as_root},
		           "what was denied cannot be read: %s", c->hidden);
	else if (c->denials != 0)
		health_say(r,
		           (struct health_about){
			       HEALTH_WARN, "confinement",
			       "allow it by a local rule of that policy, or "
			       "ask why it was done"},
		           "%llu times something of virt-attest was denied, "
		           "lastly: %s",
		           (unsigned long long)c->denials, c->denied);
}
