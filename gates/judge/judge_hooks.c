/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gates that are somebody's hook.  libvirt's fail open: one that is not
 * there when the daemon looks, or not executable, is none. */
#include <string.h>

#include "judge_private.h"

/* The first that runs virt-attest-hook, with a policy or without. */
static const struct gate_hook *
find(const struct gate_hooks *hooks, bool with_policy)
{
	for (size_t i = 0; i < hooks->n; i++)
		if (hooks->all[i].attests &&
		    (hooks->all[i].policy != PASS_NONE) == with_policy)
			return &hooks->all[i];
	return NULL;
}

static bool
hooks_unread(const struct gate_hooks *hooks, struct gate_line *line)
{
	return hooks->why != NULL &&
	       gate_says(line, GATE_NOT_KNOWN, "run this as root",
	                 "libvirt's hooks cannot be looked at: %s", hooks->why);
}

/* libvirt remembers from its start, or its last SIGHUP, whether there was any
 * hook.  Any that was usable then will do: files are looked up at each call. */
static bool
was_seen(const struct gate_facts *f)
{
	const struct gate_daemon *d = &f->daemon;
	uint64_t looked =
	    d->started_ms > d->reloaded_ms ? d->started_ms : d->reloaded_ms;

	if (!d->runs || d->started_ms == 0)
		return true;
	for (size_t i = 0; i < f->hooks.n; i++)
		if (f->hooks.all[i].file.executable &&
		    f->hooks.all[i].file.changed_ms <= looked)
			return true;
	return false;
}

static bool
hook_is_wrong(const struct gate_hook *hook, struct gate_line *line)
{
	if (!hook->file.executable)
		return gate_says(line, GATE_BROKEN,
		                 "chmod 755 it, and restart libvirt's daemon",
		                 "%s is not executable: libvirt passes it over "
		                 "without a word",
		                 hook->file.path);
	if (gate_loose(&hook->file, line))
		return true;
	if (hook->stray)
		return gate_says(line, GATE_BROKEN,
		                 "give it a name such as 50-virt-attest",
		                 "%s has a name that the next update or editor "
		                 "takes away",
		                 hook->file.path);
	return false;
}

/* A copy that somebody left is run beside the real one. */
static const struct gate_hook *
find_stray(const struct gate_hooks *hooks)
{
	for (size_t i = 0; i < hooks->n; i++)
		if (hooks->all[i].stray && hooks->all[i].file.executable)
			return &hooks->all[i];
	return NULL;
}

static bool
hook_is_missing(const struct gate_facts *f, struct gate_line *line)
{
	if (f->verifier.n_pass_keys != 0)
		return gate_says(
		    line, GATE_BROKEN,
		    "put it back, and restart libvirt's daemon",
		    "%s has keys of others' verifiers, but no hook of libvirt "
		    "runs virt-attest-hook --pass: it was deleted or never "
		    "there, and all that comes is let in",
		    f->verifier.pass_keys);
	return gate_says(line, GATE_OFF,
	                 "a hook in /etc/libvirt/hooks/qemu.d (GATES.md, \"The "
	                 "pass\")",
	                 "no hook of libvirt runs virt-attest-hook --pass");
}

void
judge_pass(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_hook *hook = find(&f->hooks, true), *stray;

	if (hooks_unread(&f->hooks, line) ||
	    gate_unread(&f->verifier.conf, line))
		return;
	if (hook == NULL) {
		hook_is_missing(f, line);
		return;
	}
	if (hook->policy == PASS_OFF) {
		gate_says(line, GATE_OFF, "--pass require there", "%s says off",
		          hook->file.path);
		return;
	}
	if (hook_is_wrong(hook, line))
		return;
	stray = find_stray(&f->hooks);
	if (!was_seen(f))
		gate_says(
		    line, GATE_BROKEN,
		    "systemctl reload it; without systemd, restart that "
		    "daemon (guests run on)",
		    "%s has not looked for hooks since %s was put there or "
		    "changed: if it found none when it started it calls "
		    "none until it is told (SIGHUP)",
		    f->daemon.name, hook->file.path);
	else if (f->verifier.n_pass_keys == 0)
		gate_says(line, GATE_BROKEN,
		          "put the keys of the other hosts' verifiers there "
		          "('virt-attest key' on each), as HOST.pem",
		          "%s asks, but there is no key in %s: no pass is good",
		          hook->file.path, f->verifier.pass_keys);
	else if (stray != NULL)
		gate_says(line, GATE_BROKEN, "delete it, if it is a left-over",
		          "libvirt runs %s, too", stray->file.path);
	else
		gate_says(line, GATE_ON,
		          hook->policy == PASS_WARN ? "--pass require there"
		                                    : "",
		          "%s %s", hook->file.path,
		          hook->policy == PASS_WARN
		              ? "warns, and lets all in"
		              : "lets in what has a pass from a trusted host");
}

void
judge_pmc(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_hook *hook = find(&f->hooks, false);

	if (hook == NULL)
		hook = find(&f->hooks, true);
	if (f->daemon.patched == SEEN_NO || !f->daemon.runs) {
		gate_says(line, GATE_OFF, "",
		          f->daemon.runs ? "%s has libvirt's own QEMU driver"
		                         : "%s does not run",
		          f->daemon.name);
		return;
	}
	if (f->daemon.patched == SEEN_NOT_KNOWN) {
		gate_says(line, GATE_NOT_KNOWN, "run this as root",
		          "which QEMU driver %s has is not known: %s",
		          f->daemon.name,
		          f->daemon.why != NULL ? f->daemon.why : "?");
		return;
	}
	if (hooks_unread(&f->hooks, line))
		return;
	if (hook == NULL)
		gate_says(line, GATE_BROKEN,
		          "a hook that runs virt-attest-hook \"$@\" in "
		          "/etc/libvirt/hooks/qemu.d",
		          "%s asks a hook before each migration, and none runs "
		          "virt-attest-hook",
		          f->daemon.name);
	else if (!hook_is_wrong(hook, line))
		gate_says(line, GATE_ON, "", "%s asks %s before each migration",
		          f->daemon.name, hook->file.path);
}

void
judge_callers(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_hook *hook = find(&f->callers, false);

	if (f->callers.why != NULL) {
		gate_says(line, GATE_NOT_KNOWN, "run this as root",
		          "the hooks of stacks cannot be looked at: %s",
		          f->callers.why);
		return;
	}
	if (hook == NULL) {
		gate_says(line, GATE_OFF, "CALLERS.md, where a stack migrates",
		          "no hook of a stack runs virt-attest-hook here");
		return;
	}
	for (size_t i = 0; i < f->callers.n; i++)
		if (f->callers.all[i].attests &&
		    hook_is_wrong(&f->callers.all[i], line))
			return;
	gate_says(line, GATE_ON, "", "%s asks", hook->file.path);
}
