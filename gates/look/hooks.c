/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's hooks of QEMU, and those of the stacks that CALLERS.md names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "look_private.h"

#define OURS  "virt-attest-hook"
#define HOOKS "/etc/libvirt/hooks/qemu"

static const char *const stacks[] = {
    "/usr/libexec/vdsm/hooks/before_vm_migrate_source",
    "/etc/ganeti/hooks/instance-migrate-pre.d",
    "/etc/xapi.d/vm-pre-migrate",
    "/var/tmp/one/vmm/kvm",         /* OpenNebula's host */
    "/var/lib/one/remotes/vmm/kvm", /* ... and front-end */
};

/* Names that libvirt runs, and that nobody means to be run. */
static bool
is_stray(const char *name)
{
	static const char *const ends[] = {
	    "~",         ".bak",      ".orig",     ".rej",      ".swp",
	    ".tmp",      ".dpkg-new", ".dpkg-old", ".dpkg-tmp", ".dpkg-dist",
	    ".dpkg-bak", ".ucf-new",  ".ucf-old",  ".ucf-dist", ".rpmnew",
	    ".rpmsave",  ".rpmorig",
	};
	size_t n = strlen(name);

	for (size_t i = 0; i < LENGTH_OF(ends); i++) {
		size_t len = strlen(ends[i]);

		if (n > len && strcmp(name + n - len, ends[i]) == 0)
			return true;
	}
	return name[0] == '.';
}

static enum pass_policy
policy_of(const struct buf *text)
{
	static const struct {
		const char *words;
		enum pass_policy policy;
	} all[] = {
	    /* The laxest that is there: two calls, and one lets all in. */
	    {"--pass off", PASS_OFF},
	    {"--pass warn", PASS_WARN},
	    {"--pass require", PASS_REQUIRE},
	};

	for (size_t i = 0; i < LENGTH_OF(all); i++)
		if (look_has(text, all[i].words))
			return all[i].policy;
	return PASS_NONE;
}

static bool
leads_to_ours(const char *path)
{
	char *whole = realpath(path, NULL);
	const char *name = whole != NULL ? strrchr(whole, '/') : NULL;
	bool ours = name != NULL && strcmp(name + 1, OURS) == 0;

	free(whole);
	return ours;
}

static void
add(struct arena *arena, const char *path, struct gate_hooks *hooks)
{
	struct gate_hook *hook = &hooks->all[hooks->n];
	AUTO(buf_done) struct buf text = {0};
	struct stat st;

	if (hooks->n == GATE_HOOKS_MAX || stat(path, &st) != 0 ||
	    S_ISDIR(st.st_mode))
		return;
	*hook = (struct gate_hook){
	    .file = look_at_file(arena, path),
	    .stray = is_stray(strrchr(path, '/') + 1),
	    .attests = leads_to_ours(path),
	};
	if (!hook->attests &&
	    look_read(arena, &hook->file, LOOK_FILE_MAX, &text)) {
		look_strip(&text, "#");
		hook->attests = look_has(&text, OURS);
		hook->policy = hook->attests ? policy_of(&text) : PASS_NONE;
	}
	if (hook->file.why != NULL && hooks->why == NULL)
		hooks->why = hook->file.why;
	hooks->n++;
}

static void
add_folder(struct arena *arena, const char *folder, struct gate_hooks *hooks)
{
	const char *names[GATE_HOOKS_MAX];
	char path[LOOK_PATH_SIZE];
	size_t n =
	    look_folder(arena, folder, GATE_HOOKS_MAX, names, &hooks->why);

	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		add(arena, path, hooks);
	}
}

void
look_hooks(struct arena *arena, struct gate_facts *f)
{
	add(arena, HOOKS, &f->hooks);
	add_folder(arena, HOOKS ".d", &f->hooks);
	for (size_t i = 0; i < LENGTH_OF(stacks); i++)
		add_folder(arena, stacks[i], &f->callers);
}
