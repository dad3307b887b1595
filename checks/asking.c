/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/asking.h"

#include <string.h>

#include "base/text.h"
#include "checks/rom.h"
#include "checks/tpm_states.h"
#include "checks/words.h"

struct asker {
	struct arena *arena;
	struct local_asking *asking;
};

/* A host refuses a question that holds one bad word: it is left out here. */
static bool
is_askable(const char *text, size_t size)
{
	return text != NULL && text[0] != '\0' && strlen(text) < size &&
	       text_is_printable(text);
}

static void
ask_path(struct asker *a, const char *path, bool hash)
{
	struct local_asking *asking = a->asking;

	if (!is_askable(path, LOCAL_PATH_SIZE) || path[0] != '/')
		return;
	for (size_t i = 0; i < asking->n_paths; i++)
		if (strcmp(asking->paths[i].path, path) == 0) {
			asking->paths[i].hash |= hash;
			return;
		}
	if (asking->n_paths < LOCAL_PATHS_MAX)
		asking->paths[asking->n_paths++] = (struct local_path_asked){
		    .path = arena_text(a->arena, path), .hash = hash};
}

/* The folder that holds it: for what is made at the destination only. */
static void
ask_folder(struct asker *a, const char *path)
{
	const char *slash = path != NULL ? strrchr(path, '/') : NULL;
	char folder[LOCAL_PATH_SIZE];
	size_t len;

	if (slash == NULL || path[0] != '/')
		return;
	len = slash == path ? 1 : (size_t)(slash - path);
	if (len >= sizeof(folder))
		return;
	memcpy(folder, path, len);
	folder[len] = '\0';
	ask_path(a, folder, false);
}

/* Into `list`, once. */
static void
ask_word(struct asker *a, const char **list, size_t *n, size_t max,
         const char *word)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(list[i], word) == 0)
			return;
	if (*n < max)
		list[(*n)++] = arena_text(a->arena, word);
}

static void
ask_disks(struct asker *a, const struct plan *plan,
          const struct domain_facts *d)
{
	for (size_t i = 0; i < d->n_disks; i++) {
		const struct disk_facts *disk = &d->disks[i];

		ask_path(a, disk->path, false);
		for (size_t k = 0; k < disk->n_backing; k++)
			ask_path(a, disk->backing[k], false);
	}
	/* A copy is not there yet; its file system must have the room. */
	for (size_t i = 0; i < d->n_disks; i++)
		if (plan->copy_storage_all || plan->copy_storage_inc)
			ask_folder(a, d->disks[i].path);
}

static void
ask_firmware(struct asker *a, const struct domain_facts *d)
{
	ask_path(a, d->loader, true);
	ask_path(a, d->nvram_template, true);
	ask_path(a, d->nvram, false);
	if (same_text(d->tpm_backend, "emulator"))
		ask_path(a, TPM_STATES, false);
}

static void
ask_roms(struct asker *a, const struct domain_facts *d)
{
	char paths[ROM_PATHS][ROM_PATH_MAX];
	size_t n;

	for (size_t i = 0; i < d->n_nics; i++) {
		n = rom_of_nic(d->nics[i].model, paths);
		for (size_t k = 0; k < n; k++)
			ask_path(a, paths[k], false);
	}
	for (size_t i = 0; i < d->n_videos; i++) {
		n = rom_of_video(d->videos[i], paths);
		for (size_t k = 0; k < n; k++)
			ask_path(a, paths[k], false);
	}
}

/* QEMU makes a log file or a socket itself, but no folder.  A pseudo terminal
 * gets another name there. */
static void
ask_chardevs(struct asker *a, const struct domain_facts *d)
{
	for (size_t i = 0; i < d->n_chardevs; i++) {
		const struct chardev_facts *c = &d->chardevs[i];

		if (same_text(c->type, "unix") || same_text(c->type, "file"))
			ask_folder(a, c->path);
		else if (!same_text(c->type, "pty"))
			ask_path(a, c->path, false);
	}
}

static void
ask_filesystems(struct asker *a, const struct domain_facts *d)
{
	for (size_t i = 0; i < d->n_filesystems; i++) {
		const char *space = strchr(d->filesystems[i], ' ');

		if (space != NULL)
			ask_path(a, space + 1, false);
	}
}

static void
ask_link(struct asker *a, const char *name)
{
	struct local_asking *asking = a->asking;

	if (is_askable(name, LOCAL_LINK_SIZE) && strchr(name, '/') == NULL)
		ask_word(a, asking->links, &asking->n_links, LOCAL_LINKS_MAX,
		         name);
}

static void
ask_nics(struct asker *a, const struct domain_facts *d)
{
	for (size_t i = 0; i < d->n_nics; i++) {
		const struct nic_facts *nic = &d->nics[i];

		if (same_text(nic->type, "vhostuser") ||
		    same_text(nic->type, "vdpa"))
			ask_path(a, nic->source, false);
		if (same_text(nic->type, "bridge") ||
		    same_text(nic->type, "direct"))
			ask_link(a, nic->source);
	}
}

static void
ask_addresses(struct asker *a, const struct domain_facts *d)
{
	struct local_asking *asking = a->asking;

	for (size_t i = 0; i < d->n_chardevs; i++) {
		const char *listen = d->chardevs[i].listen;

		if (is_askable(listen, LOCAL_ADDRESS_SIZE) &&
		    !is_every_hosts(listen))
			ask_word(a, asking->addresses, &asking->n_addresses,
			         LOCAL_ADDRESSES_MAX, listen);
	}
}

static void
ask_names(struct asker *a, const struct plan *plan)
{
	const char *const hosts[] = {plan->destination_host, plan->data_host};
	struct local_asking *asking = a->asking;

	for (size_t i = 0; i < LENGTH_OF(hosts); i++)
		if (is_askable(hosts[i], LOCAL_TEXT_MAX))
			ask_word(a, asking->names, &asking->n_names,
			         LOCAL_NAMES_MAX, hosts[i]);
}

void
local_asking_of(const struct plan *plan, const struct domain_facts *d,
                struct arena *arena, struct local_asking *asking)
{
	struct asker a = {.arena = arena, .asking = asking};

	*asking = (struct local_asking){
	    .paths = arena_new(arena, LOCAL_PATHS_MAX, sizeof(*asking->paths)),
	    .links = arena_new(arena, LOCAL_LINKS_MAX, sizeof(*asking->links)),
	    .addresses = arena_new(arena, LOCAL_ADDRESSES_MAX,
	                           sizeof(*asking->addresses)),
	    .names = arena_new(arena, LOCAL_NAMES_MAX, sizeof(*asking->names)),
	};
	ask_names(&a, plan);
	if (d->missing != NULL)
		return;
	/* The few that decide alone first: many disks must not crowd them
	 * out. */
	ask_firmware(&a, d);
	ask_filesystems(&a, d);
	ask_chardevs(&a, d);
	ask_nics(&a, d);
	ask_disks(&a, plan, d);
	ask_roms(&a, d);
	ask_addresses(&a, d);
	asking->swtpm = same_text(d->tpm_backend, "emulator");
}

void
local_asking_add(const struct host_facts *destination, struct arena *arena,
                 struct local_asking *asking)
{
	struct asker a = {.arena = arena, .asking = asking};

	for (size_t i = 0; i < destination->n_networks; i++)
		ask_link(&a, destination->networks[i].bridge);
	if (is_askable(destination->hostname, LOCAL_TEXT_MAX))
		ask_word(&a, asking->names, &asking->n_names, LOCAL_NAMES_MAX,
		         destination->hostname);
}
