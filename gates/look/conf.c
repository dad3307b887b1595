/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's own configuration, and the lock driver's. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "locksettings/settings.h"
#include "look_private.h"
#include "qemu_conf.h"
#include "sys/config.h"
#include "words.h"

struct daemon_conf {
	struct config_list access_drivers;
};

static const struct config_key daemon_keys[] = {
    {"access_drivers", CONFIG_LIST,
     offsetof(struct daemon_conf, access_drivers), "", 0, 0, NULL},
};

/* As libvirt chooses it. */
static const char *
choose_folder(struct arena *arena, const struct qemu_conf_folders *folders)
{
	static const char own[] = "/etc/pki/libvirt-migrate";
	struct stat st;

	if (folders->migrate[0] != '\0')
		return arena_text(arena, folders->migrate);
	if (stat(own, &st) == 0)
		return own;
	return folders->fallback[0] != '\0'
	           ? arena_text(arena, folders->fallback)
	           : "/etc/pki/qemu";
}

static void
look_qemu_conf(struct arena *arena, struct gate_conf *c)
{
	AUTO(buf_done) struct buf text = {0};
	struct qemu_conf_folders folders;
	struct local_facts facts = {0};

	c->qemu = look_at_file(arena, "/etc/libvirt/qemu.conf");
	(void)look_read(arena, &c->qemu, QEMU_CONF_MAX, &text);
	qemu_conf_read(buf_span(&text), arena, &facts, &folders);
	c->lock_manager = words_shown(arena, facts.lock_manager);
	c->tls_force = words_shown(arena, facts.migrate_tls_force);
	c->tls_folder = choose_folder(arena, &folders);
}

void
look_conf(struct arena *arena, struct gate_facts *f)
{
	struct gate_conf *c = &f->conf;
	struct daemon_conf read = {0};
	struct config_source from = {.shared = true};
	struct err err = {0};
	char path[64];

	look_qemu_conf(arena, c);
	snprintf(path, sizeof(path), "/etc/libvirt/%s.conf", f->daemon.name);
	c->daemon = look_at_file(arena, path);
	if (!c->daemon.exists)
		return;
	from.path = path;
	if (!config_load(daemon_keys, LENGTH_OF(daemon_keys), &from, &read,
	                 &err))
		c->daemon.why = words_shown(arena, err.text);
	for (size_t i = 0; i < read.access_drivers.n; i++)
		if (strcmp(read.access_drivers.items[i], "polkit") == 0)
			c->asks_polkit = true;
	config_done(daemon_keys, LENGTH_OF(daemon_keys), &read);
}

void
look_lock(struct arena *arena, struct gate_facts *f)
{
	struct gate_lock *l = &f->lock;
	struct lock_settings read = {0};
	struct err err = {0};
	char path[LOOK_PATH_SIZE];
	/* Where libvirtd has it from, or would look for it. */
	const char *file = f->daemon.plugin_path;

	if (file[0] == '\0')
		file = LOCK_DRIVERS "/virt-attest.so";
	l->plugin = look_at_file(arena, file);
	l->conf = look_at_file(arena, "/etc/libvirt/qemu-virt-attest.conf");
	if (l->conf.exists && access(l->conf.path, R_OK) != 0)
		l->conf.why = words_errno(arena, errno);
	else if (!lock_settings_load(l->conf.path, &read, &err))
		l->wrong = words_shown(arena, err.text);
	l->socket = words_shown(arena, read.socket != NULL ? read.socket : "");
	l->next = words_shown(arena, read.next != NULL ? read.next : "");
	l->deadline_ms = read.deadline_ms;
	l->keeps_paused = lock_settings_keep_paused(&read);
	snprintf(path, sizeof(path), "%.*s/%.64s.so",
	         (int)(strrchr(file, '/') - file), file, l->next);
	l->next_plugin = look_at_file(arena, l->next[0] != '\0' ? path : "");
	lock_settings_done(&read);
}
