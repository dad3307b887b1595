/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "domain_private.h"

/* Where a <source> of that type keeps its path. */
static const struct {
	const char *type, *attribute;
} disk_paths[] = {
    {"file", "file"},      {"block", "dev"}, {"dir", "dir"},
    {"vhostuser", "path"}, {"vdpa", "dev"},
};

static const char *
path_of(struct xml_reading *r, const xmlNode *source, const char *type)
{
	for (size_t i = 0; type != NULL && i < LENGTH_OF(disk_paths); i++)
		if (strcmp(type, disk_paths[i].type) == 0)
			return xml_text(r, source, disk_paths[i].attribute);
	return NULL;
}

static void
read_secret(struct xml_reading *r, const xmlNode *disk, const xmlNode *source,
            struct disk_facts *d)
{
	const xmlNode *secret = xml_at(source, "auth/secret");

	if (secret == NULL)
		secret = xml_at(disk, "auth/secret");
	if (secret == NULL)
		secret = xml_at(source, "encryption/secret");
	if (secret == NULL)
		secret = xml_at(disk, "encryption/secret");
	d->secret_type = xml_text(r, secret, "type");
	d->secret_uuid = xml_text(r, secret, "uuid");
	d->secret_usage = xml_text(r, secret, "usage");
}

/* The layers stand in each other; the last one is empty, or not told. */
static void
read_backing(struct xml_reading *r, const xmlNode *disk, struct disk_facts *d)
{
	const xmlNode *layer;
	size_t n = 0;

	for (layer = xml_first(disk, "backingStore");
	     xml_first(layer, "source") != NULL;
	     layer = xml_first(layer, "backingStore"))
		n++;
	if (n > BACKING_MAX) {
		(void)xml_bad(r, ERR_LIMIT, "a disk with over %d layers",
		              BACKING_MAX);
		return;
	}
	d->n_backing = n;
	d->backing = arena_new(r->arena, n, sizeof(*d->backing));
	layer = xml_first(disk, "backingStore");
	for (size_t i = 0; i < n; i++) {
		d->backing[i] = path_of(r, xml_first(layer, "source"),
		                        xml_text(r, layer, "type"));
		layer = xml_first(layer, "backingStore");
	}
}

static void
read_source(struct xml_reading *r, const xmlNode *disk, struct disk_facts *d)
{
	const xmlNode *source = xml_first(disk, "source");
	const xmlNode *host = xml_first(source, "host");

	d->path = path_of(r, source, d->type);
	d->startup_policy = xml_text(r, source, "startupPolicy");
	read_secret(r, disk, source, d);
	if (d->type != NULL && strcmp(d->type, "volume") == 0) {
		d->pool = xml_text(r, source, "pool");
		d->volume = xml_text(r, source, "volume");
	}
	if (d->type == NULL || strcmp(d->type, "network") != 0)
		return;
	d->protocol = xml_text(r, source, "protocol");
	d->name = xml_text(r, source, "name");
	d->host = xml_text(r, host, "name");
	if (d->host == NULL)
		d->host = xml_text(r, host, "socket");
}

static void
read_disk(struct xml_reading *r, const xmlNode *disk, struct disk_facts *d)
{
	const xmlNode *driver = xml_first(disk, "driver");

	d->target = xml_text(r, xml_first(disk, "target"), "dev");
	d->type = xml_text(r, disk, "type");
	d->device = xml_text(r, disk, "device");
	if (d->device == NULL)
		d->device = "disk";
	d->format = xml_text(r, driver, "type");
	d->cache = xml_text(r, driver, "cache");
	d->readonly = xml_first(disk, "readonly") != NULL;
	d->shareable = xml_first(disk, "shareable") != NULL;
	d->transient = xml_first(disk, "transient") != NULL;
	read_source(r, disk, d);
	read_backing(r, disk, d);
}

void
domain_disks(struct xml_reading *r, const xmlNode *devices,
             struct domain_facts *d)
{
	size_t n = xml_count(r, devices, "disk", DISKS_MAX), i = 0;

	d->n_disks = n;
	d->disks = arena_new(r->arena, n, sizeof(*d->disks));
	for (const xmlNode *at = xml_first(devices, "disk");
	     at != NULL && i < n; at = xml_next(at))
		read_disk(r, at, &d->disks[i++]);
}
