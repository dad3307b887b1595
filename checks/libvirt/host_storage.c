/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The volumes and pools of a domain's disks, on a host. */
#include <stdio.h>
#include <string.h>

#include "lookup_private.h"
#include "xml_private.h"

static void
look_pool_info(struct host_question *h, struct lookup_facts *l,
               virStoragePoolPtr pool)
{
	virStoragePoolInfo info;

	l->found = true;
	l->active = CALL(h->endpoint, virStoragePoolIsActive, pool) == 1;
	if (CALL(h->endpoint, virStoragePoolGetInfo, pool, &info) == 0)
		l->available = info.available;
}

static void
look_volume_of(struct host_question *h, struct lookup_facts *l,
               virStoragePoolPtr pool, const char *name)
{
	virStorageVolPtr volume =
	    CALL(h->endpoint, virStorageVolLookupByName, pool, name);

	l->found = l->active = volume != NULL;
	if (volume == NULL)
		lookup_failed(h, l, VIR_ERR_NO_STORAGE_VOL);
	else
		virStorageVolFree(volume);
}

/* A disk of a pool's volume. */
static void
look_named(struct host_question *h, const struct disk_facts *d,
           struct lookup_list *volumes, struct lookup_list *pools)
{
	struct lookup_facts *in_pools = lookup_add(h, pools, d->pool);
	struct lookup_facts *in_volumes;
	virStoragePoolPtr pool = CALL(h->endpoint, virStoragePoolLookupByName,
	                              h->connection, d->pool);
	const char *why = NULL;
	char name[LOOKUP_NAME_SIZE];

	if (pool == NULL && !libvirt_said(VIR_ERR_NO_STORAGE_POOL))
		why = endpoint_said(h->endpoint, h->arena);
	snprintf(name, sizeof(name), "%s/%s", d->pool, d->volume);
	in_volumes = lookup_add(h, volumes, name);
	if (in_pools != NULL) {
		in_pools->why = why;
		if (pool != NULL)
			look_pool_info(h, in_pools, pool);
	}
	if (in_volumes != NULL) {
		in_volumes->why = why;
		if (pool != NULL)
			look_volume_of(h, in_volumes, pool, d->volume);
	}
	if (pool != NULL)
		virStoragePoolFree(pool);
}

static void
look_path(struct host_question *h, struct lookup_list *volumes,
          const char *path)
{
	struct lookup_facts *l = lookup_add(h, volumes, path);
	virStorageVolPtr volume;

	if (l == NULL)
		return;
	volume =
	    CALL(h->endpoint, virStorageVolLookupByPath, h->connection, path);
	l->found = l->active = volume != NULL;
	if (volume == NULL)
		lookup_failed(h, l, VIR_ERR_NO_STORAGE_VOL);
	else
		virStorageVolFree(volume);
}

/* The pool of the path's folder, under that folder's name: where a copy of the
 * disk would be made. */
static void
look_folder(struct host_question *h, struct lookup_list *pools,
            const char *path)
{
	const char *slash = strrchr(path, '/');
	virStoragePoolPtr pool;
	struct lookup_facts *l;
	char folder[XML_TEXT_MAX];

	if (slash == NULL || slash == path)
		return;
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	l = lookup_add(h, pools, folder);
	if (l == NULL)
		return;
	pool = CALL(h->endpoint, virStoragePoolLookupByTargetPath,
	            h->connection, folder);
	if (pool == NULL) {
		lookup_failed(h, l, VIR_ERR_NO_STORAGE_POOL);
		return;
	}
	look_pool_info(h, l, pool);
	virStoragePoolFree(pool);
}

void
host_storage(struct host_question *h)
{
	struct lookup_list volumes = {0}, pools = {0};

	for (size_t i = 0; i < h->domain->n_disks; i++) {
		const struct disk_facts *d = &h->domain->disks[i];

		if (d->pool != NULL && d->volume != NULL)
			look_named(h, d, &volumes, &pools);
		if (d->path != NULL) {
			look_path(h, &volumes, d->path);
			look_folder(h, &pools, d->path);
		}
		for (size_t k = 0; k < d->n_backing; k++)
			if (d->backing[k] != NULL)
				look_path(h, &volumes, d->backing[k]);
	}
	h->host->n_volumes = volumes.n;
	h->host->volumes = volumes.at;
	h->host->n_pools = pools.n;
	h->host->pools = pools.at;
}
