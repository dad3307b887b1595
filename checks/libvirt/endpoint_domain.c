/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* endpoint_domains() and endpoint_domain(). */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint_private.h"

/* --- names --- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
ask_domains(struct endpoint *e, struct question *q)
{
	struct endpoint_domains *out = arena_new(&q->arena, 1, sizeof(*out));
	unsigned flags = q->running ? VIR_CONNECT_LIST_DOMAINS_ACTIVE : 0;
	virDomainPtr *domains = NULL;
	int n;

	n = CALL(e, virConnectListAllDomains, e->connection, &domains, flags);
	if (n < 0) {
		const char *said = endpoint_said(e, &q->arena);

		return endpoint_is_there(e, &q->err) &&
		       err_set(&q->err, ERR_UNAVAILABLE,
		               "libvirt at %s does not tell its domains: %s",
		               e->label, said);
	}
	if (n <= ENDPOINT_DOMAINS_MAX)
		out->names =
		    arena_new(&q->arena, (size_t)n, sizeof(*out->names));
	for (int i = 0; i < n; i++) {
		if (n <= ENDPOINT_DOMAINS_MAX)
			out->names[out->n++] =
			    arena_text(&q->arena, virDomainGetName(domains[i]));
		virDomainFree(domains[i]);
	}
	free(domains);
	if (n > ENDPOINT_DOMAINS_MAX)
		return err_set(&q->err, ERR_LIMIT,
		               "libvirt at %s has %d domains, over %d",
		               e->label, n, ENDPOINT_DOMAINS_MAX);
	qsort(out->names, out->n, sizeof(*out->names), by_name);
	q->answer = out;
	return true;
}

bool
endpoint_domains(struct endpoint *e, bool running, struct arena *arena,
                 struct endpoint_domains *out, struct err *err)
{
	struct question *q = question_new(ask_domains);

	q->running = running;
	return endpoint_ask(e, q, arena, out, sizeof(*out), err);
}

/* --- one of them --- */

static const char *const states[] = {
    [VIR_DOMAIN_NOSTATE] = "nostate",
    [VIR_DOMAIN_RUNNING] = "running",
    [VIR_DOMAIN_BLOCKED] = "blocked",
    [VIR_DOMAIN_PAUSED] = "paused",
    [VIR_DOMAIN_SHUTDOWN] = "shutdown",
    [VIR_DOMAIN_SHUTOFF] = "shutoff",
    [VIR_DOMAIN_CRASHED] = "crashed",
    [VIR_DOMAIN_PMSUSPENDED] = "pmsuspended",
};

/* Those of a domain that does not run are nobody's question. */
static const char *const running_reasons[] = {
    [VIR_DOMAIN_RUNNING_POSTCOPY] = "post-copy",
    [VIR_DOMAIN_RUNNING_POSTCOPY_FAILED] = "post-copy failed",
};

static const char *const paused_reasons[] = {
    [VIR_DOMAIN_PAUSED_USER] = "user",
    [VIR_DOMAIN_PAUSED_MIGRATION] = "migration",
    [VIR_DOMAIN_PAUSED_SAVE] = "save",
    [VIR_DOMAIN_PAUSED_DUMP] = "dump",
    [VIR_DOMAIN_PAUSED_IOERROR] = "ioerror",
    [VIR_DOMAIN_PAUSED_WATCHDOG] = "watchdog",
    [VIR_DOMAIN_PAUSED_FROM_SNAPSHOT] = "from snapshot",
    [VIR_DOMAIN_PAUSED_SHUTTING_DOWN] = "shutdown",
    [VIR_DOMAIN_PAUSED_SNAPSHOT] = "snapshot",
    [VIR_DOMAIN_PAUSED_CRASHED] = "panicked",
    [VIR_DOMAIN_PAUSED_STARTING_UP] = "starting up",
    [VIR_DOMAIN_PAUSED_POSTCOPY] = "post-copy",
    [VIR_DOMAIN_PAUSED_POSTCOPY_FAILED] = "post-copy failed",
};

static const char *const operations[] = {
    [VIR_DOMAIN_JOB_OPERATION_START] = "start",
    [VIR_DOMAIN_JOB_OPERATION_SAVE] = "save",
    [VIR_DOMAIN_JOB_OPERATION_RESTORE] = "restore",
    [VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN] = "incoming migration",
    [VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT] = "migration",
    [VIR_DOMAIN_JOB_OPERATION_SNAPSHOT] = "snapshot",
    [VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_REVERT] = "snapshot revert",
    [VIR_DOMAIN_JOB_OPERATION_DUMP] = "dump",
    [VIR_DOMAIN_JOB_OPERATION_BACKUP] = "backup",
};

/* NULL for a number that a newer libvirt may say. */
static const char *
word(const char *const *words, size_t n, int number)
{
	return number >= 0 && (size_t)number < n ? words[number] : NULL;
}

static void
ask_state(struct endpoint *e, virDomainPtr domain, struct domain_facts *d)
{
	int state = 0, reason = 0;

	d->active = CALL(e, virDomainIsActive, domain) == 1;
	d->persistent = CALL(e, virDomainIsPersistent, domain) == 1;
	d->updated = CALL(e, virDomainIsUpdated, domain) == 1;
	if (CALL(e, virDomainGetState, domain, &state, &reason, 0) != 0)
		return;
	d->state = word(states, LENGTH_OF(states), state);
	if (state == VIR_DOMAIN_RUNNING)
		d->state_reason =
		    word(running_reasons, LENGTH_OF(running_reasons), reason);
	if (state == VIR_DOMAIN_PAUSED)
		d->state_reason =
		    word(paused_reasons, LENGTH_OF(paused_reasons), reason);
}

/* Of one that arrives libvirt tells no job, and refuses the question:
 * "available only on the source host". */
static bool
is_arriving(struct endpoint *e, virDomainPtr domain)
{
	int state = 0, reason = 0;

	return libvirt_said(VIR_ERR_OPERATION_UNSUPPORTED) ||
	       (libvirt_said(VIR_ERR_OPERATION_INVALID) &&
	        CALL(e, virDomainGetState, domain, &state, &reason, 0) == 0 &&
	        state == VIR_DOMAIN_PAUSED &&
	        reason == VIR_DOMAIN_PAUSED_MIGRATION);
}

bool
domain_job(struct endpoint *e, virDomainPtr domain, const char **job)
{
	int type = VIR_DOMAIN_JOB_NONE, n = 0, operation = -1;
	virTypedParameterPtr stats = NULL;

	*job = NULL;
	if (CALL(e, virDomainGetJobStats, domain, &type, &stats, &n, 0) != 0) {
		if (!is_arriving(e, domain))
			return false;
		*job = operations[VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN];
		return true;
	}
	(void)virTypedParamsGetInt(stats, n, VIR_DOMAIN_JOB_OPERATION,
	                           &operation);
	virTypedParamsFree(stats, n);
	if (type == VIR_DOMAIN_JOB_NONE)
		return true;
	*job = word(operations, LENGTH_OF(operations), operation);
	if (*job == NULL)
		*job = "a job of no name";
	return true;
}

static void
ask_counts(struct endpoint *e, virDomainPtr domain, struct domain_facts *d)
{
	int n = CALL(e, virDomainSnapshotNum, domain, 0);

	d->snapshots = n >= 0 ? (unsigned)n : UINT_MAX;
	n = CALL(e, virDomainListAllCheckpoints, domain, NULL, 0);
	d->checkpoints = n >= 0 ? (unsigned)n : UINT_MAX;
}

static bool
has_medium(const struct disk_facts *disk)
{
	return disk->target != NULL &&
	       (disk->path != NULL || disk->protocol != NULL ||
	        disk->volume != NULL);
}

/* A volume's path is its pool's to tell; of a network pool there is none. */
static void
ask_volume(struct endpoint *e, struct disk_facts *disk, struct arena *arena)
{
	virStoragePoolPtr pool =
	    CALL(e, virStoragePoolLookupByName, e->connection, disk->pool);
	virStorageVolPtr volume = NULL;
	char *path = NULL;

	if (pool != NULL)
		volume = CALL(e, virStorageVolLookupByName, pool, disk->volume);
	if (volume != NULL)
		path = CALL(e, virStorageVolGetPath, volume);
	if (path != NULL && path[0] == '/')
		disk->path = arena_text(arena, path);
	free(path);
	if (volume != NULL)
		virStorageVolFree(volume);
	if (pool != NULL)
		virStoragePoolFree(pool);
}

static void
ask_disks(struct endpoint *e, virDomainPtr domain, struct arena *arena,
          struct domain_facts *d)
{
	for (size_t i = 0; i < d->n_disks && !endpoint_is_given_up(e); i++) {
		struct disk_facts *disk = &d->disks[i];
		virDomainBlockInfo size = {0};
		virDomainBlockJobInfo job;

		if (!has_medium(disk))
			continue;
		if (disk->pool != NULL && disk->volume != NULL)
			ask_volume(e, disk, arena);
		/* Nothing runs that has it open: libvirt would open it, and
		 * wait for whoever serves it. */
		if (!d->active && disk->protocol != NULL)
			continue;
		if (CALL(e, virDomainGetBlockInfo, domain, disk->target, &size,
		         0) == 0) {
			disk->capacity = size.capacity;
			disk->allocation = size.allocation;
		}
		if (d->active && CALL(e, virDomainGetBlockJobInfo, domain,
		                      disk->target, &job, 0) == 1)
			d->block_job = disk->target;
	}
}

/* Of a measurement that somebody else made: none is begun here. */
static void
ask_dirty_rate(struct endpoint *e, virDomainPtr domain, struct domain_facts *d)
{
	virDomainPtr domains[] = {domain, NULL};
	virDomainStatsRecordPtr *records = NULL;
	int status = -1;
	long long rate = 0;

	if (CALL(e, virDomainListGetStats, domains, VIR_DOMAIN_STATS_DIRTYRATE,
	         &records, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT) != 1)
		return;
	(void)virTypedParamsGetInt(records[0]->params, records[0]->nparams,
	                           "dirtyrate.calc_status", &status);
	(void)virTypedParamsGetLLong(records[0]->params, records[0]->nparams,
	                             "dirtyrate.megabytes_per_second", &rate);
	d->dirty_rate_known =
	    status == VIR_DOMAIN_DIRTYRATE_MEASURED && rate >= 0;
	if (d->dirty_rate_known)
		d->dirty_rate_mib = (uint64_t)rate;
	virDomainStatsRecordListFree(records);
}

static bool
read_domain(struct endpoint *e, virDomainPtr domain, struct question *q,
            struct domain_facts *d)
{
	unsigned flags = VIR_DOMAIN_XML_MIGRATABLE;
	struct domain_facts live = {0};
	bool ok;
	char *xml;

	ask_state(e, domain, &live);
	if (!live.active)
		flags |= VIR_DOMAIN_XML_INACTIVE;
	xml = CALL(e, virDomainGetXMLDesc, domain, flags);
	if (xml == NULL) {
		const char *said = endpoint_said(e, &q->arena);

		return endpoint_is_there(e, &q->err) &&
		       err_set(&q->err, ERR_UNAVAILABLE,
		               "libvirt at %s does not tell the domain %s: %s",
		               e->label, q->text, said);
	}
	ok = domain_facts_parse(xml, &q->arena, d, &q->err);
	free(xml);
	if (!ok)
		return false;
	d->from_file = false;
	d->active = live.active;
	d->persistent = live.persistent;
	d->updated = live.updated;
	d->state = live.state;
	d->state_reason = live.state_reason;
	if (live.active)
		(void)domain_job(e, domain, &d->job);
	ask_counts(e, domain, d);
	ask_disks(e, domain, &q->arena, d);
	if (live.active)
		ask_dirty_rate(e, domain, d);
	return endpoint_is_there(e, &q->err);
}

/* By its name; and what is no name may be a UUID. */
static virDomainPtr
look_up(struct endpoint *e, const char *name)
{
	virDomainPtr domain;

	domain = CALL(e, virDomainLookupByName, e->connection, name);
	if (domain == NULL && libvirt_said(VIR_ERR_NO_DOMAIN) &&
	    strlen(name) == VIR_UUID_STRING_BUFLEN - 1)
		domain =
		    CALL(e, virDomainLookupByUUIDString, e->connection, name);
	return domain;
}

static bool
ask_domain(struct endpoint *e, struct question *q)
{
	virDomainPtr domain = look_up(e, q->text);
	bool ok;

	if (domain == NULL) {
		bool none = libvirt_said(VIR_ERR_NO_DOMAIN) ||
		            libvirt_said(VIR_ERR_INVALID_ARG);
		const char *said = endpoint_said(e, &q->arena);

		if (!endpoint_is_there(e, &q->err))
			return false;
		if (none)
			return err_set(&q->err, ERR_NOT_FOUND,
			               "libvirt at %s has no domain %s",
			               e->label, q->text);
		return err_set(&q->err, ERR_UNAVAILABLE,
		               "libvirt at %s does not tell the domain %s: %s",
		               e->label, q->text, said);
	}
	q->answer = arena_new(&q->arena, 1, sizeof(struct domain_facts));
	ok = read_domain(e, domain, q, q->answer);
	virDomainFree(domain);
	return ok;
}

bool
endpoint_domain(struct endpoint *e, const char *domain, struct arena *arena,
                struct domain_facts *out, struct err *err)
{
	struct question *q = question_new(ask_domain);

	q->text = arena_text(&q->arena, domain);
	return endpoint_ask(e, q, arena, out, sizeof(*out), err);
}
