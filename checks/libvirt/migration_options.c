/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virsh migrate's options, as libvirt's API has them. */
#include <libvirt/libvirt.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "virt/migration_private.h"

#define FLAG(name, flag)                                                       \
	{                                                                      \
		{name, MIGRATION_FLAG}, flag, NULL, 0                          \
	}
#define PARAM(name, kind, param, type)                                         \
	{                                                                      \
		{name, MIGRATION_##kind}, 0, VIR_MIGRATE_PARAM_##param,        \
		    VIR_TYPED_PARAM_##type                                     \
	}

/* VIR_MIGRATE_POSTCOPY_RESUME is not offered: a guest that is there already
 * in part is no question any more. */
static const struct option_row rows[] = {
    FLAG("live", VIR_MIGRATE_LIVE),
    FLAG("offline", VIR_MIGRATE_OFFLINE),
    FLAG("p2p", VIR_MIGRATE_PEER2PEER),
    FLAG("direct", 0), /* virsh's word for what QEMU's driver has not */
    FLAG("tunnelled", VIR_MIGRATE_TUNNELLED),
    FLAG("persistent", VIR_MIGRATE_PERSIST_DEST),
    FLAG("undefinesource", VIR_MIGRATE_UNDEFINE_SOURCE),
    FLAG("suspend", VIR_MIGRATE_PAUSED),
    FLAG("copy-storage-all", VIR_MIGRATE_NON_SHARED_DISK),
    FLAG("copy-storage-inc", VIR_MIGRATE_NON_SHARED_INC),
    FLAG("copy-storage-synchronous-writes",
         VIR_MIGRATE_NON_SHARED_SYNCHRONOUS_WRITES),
    FLAG("change-protection", VIR_MIGRATE_CHANGE_PROTECTION),
    FLAG("unsafe", VIR_MIGRATE_UNSAFE),
    FLAG("compressed", VIR_MIGRATE_COMPRESSED),
    FLAG("auto-converge", VIR_MIGRATE_AUTO_CONVERGE),
    FLAG("rdma-pin-all", VIR_MIGRATE_RDMA_PIN_ALL),
    FLAG("abort-on-error", VIR_MIGRATE_ABORT_ON_ERROR),
    FLAG("postcopy", VIR_MIGRATE_POSTCOPY),
    FLAG("tls", VIR_MIGRATE_TLS),
    FLAG("parallel", VIR_MIGRATE_PARALLEL),
    FLAG("zerocopy", VIR_MIGRATE_ZEROCOPY),
    PARAM("migrateuri", TEXT, URI, STRING),
    PARAM("graphicsuri", TEXT, GRAPHICS_URI, STRING),
    PARAM("listen-address", TEXT, LISTEN_ADDRESS, STRING),
    PARAM("dname", TEXT, DEST_NAME, STRING),
    PARAM("xml", FILE, DEST_XML, STRING),
    PARAM("persistent-xml", FILE, PERSIST_XML, STRING),
    PARAM("migrate-disks", LIST, MIGRATE_DISKS, STRING),
    PARAM("disks-port", NUMBER, DISKS_PORT, INT),
    PARAM("disks-uri", TEXT, DISKS_URI, STRING),
    PARAM("comp-methods", LIST, COMPRESSION, STRING),
    PARAM("comp-mt-level", NUMBER, COMPRESSION_MT_LEVEL, INT),
    PARAM("comp-mt-threads", NUMBER, COMPRESSION_MT_THREADS, INT),
    PARAM("comp-mt-dthreads", NUMBER, COMPRESSION_MT_DTHREADS, INT),
    PARAM("comp-xbzrle-cache", NUMBER, COMPRESSION_XBZRLE_CACHE, ULLONG),
    PARAM("auto-converge-initial", NUMBER, AUTO_CONVERGE_INITIAL, INT),
    PARAM("auto-converge-increment", NUMBER, AUTO_CONVERGE_INCREMENT, INT),
    PARAM("bandwidth", NUMBER, BANDWIDTH, ULLONG),
    PARAM("postcopy-bandwidth", NUMBER, BANDWIDTH_POSTCOPY, ULLONG),
    PARAM("parallel-connections", NUMBER, PARALLEL_CONNECTIONS, INT),
    PARAM("tls-destination", TEXT, TLS_DESTINATION, STRING),
};
_Static_assert(LENGTH_OF(rows) <= MIGRATION_OPTIONS_MAX,
               "there is a place for each option's value");

const struct migration_option *
migration_option_at(size_t i)
{
	return i < LENGTH_OF(rows) ? &rows[i].option : NULL;
}

bool
migration_set(struct migration_how *how, size_t i, const char *value,
              struct err *err)
{
	const struct option_row *row = &rows[i];
	uint64_t max = row->type == VIR_TYPED_PARAM_INT ? INT32_MAX : INT64_MAX;
	uint64_t number;

	if (row->option.kind == MIGRATION_NUMBER &&
	    !text_u64(value, max, &number))
		return err_set(err, ERR_CONFIG, "--%s takes a number",
		               row->option.name);
	if (row->option.kind != MIGRATION_FLAG && value[0] == '\0')
		return err_set(err, ERR_CONFIG, "--%s is empty",
		               row->option.name);
	how->values[i] = value;
	how->flags |= row->flag;
	return true;
}

const char *
migration_value(const struct migration_how *how, const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(rows); i++)
		if (strcmp(rows[i].option.name, name) == 0)
			return how->values[i];
	return NULL;
}

void
migration_plan(const struct migration_how *how, struct plan *plan)
{
	const char *bandwidth = migration_value(how, "bandwidth");
	const unsigned long flags = how->flags;

	plan->migrate_uri = migration_value(how, "migrateuri");
	plan->migrate_disks = migration_value(how, "migrate-disks");
	plan->tls_destination = migration_value(how, "tls-destination");
	plan->new_name = migration_value(how, "dname");
	plan->live = (flags & VIR_MIGRATE_LIVE) != 0;
	plan->tunnelled = (flags & VIR_MIGRATE_TUNNELLED) != 0;
	plan->p2p = (flags & VIR_MIGRATE_PEER2PEER) != 0;
	plan->offline = (flags & VIR_MIGRATE_OFFLINE) != 0;
	plan->postcopy = (flags & VIR_MIGRATE_POSTCOPY) != 0;
	plan->parallel = (flags & VIR_MIGRATE_PARALLEL) != 0;
	plan->persistent = (flags & VIR_MIGRATE_PERSIST_DEST) != 0;
	plan->undefine_source = (flags & VIR_MIGRATE_UNDEFINE_SOURCE) != 0;
	plan->tls = (flags & VIR_MIGRATE_TLS) != 0;
	plan->copy_storage_all = (flags & VIR_MIGRATE_NON_SHARED_DISK) != 0;
	plan->copy_storage_inc = (flags & VIR_MIGRATE_NON_SHARED_INC) != 0;
	plan->unsafe = (flags & VIR_MIGRATE_UNSAFE) != 0;
	plan->destination_xml = migration_value(how, "xml") != NULL;
	if (bandwidth != NULL &&
	    !text_u64(bandwidth, INT64_MAX, &plan->bandwidth_mib))
		plan->bandwidth_mib = 0;
}

/* The parameters as libvirt wants them. */
struct params {
	virTypedParameterPtr list;
	int n, max;
};

static bool
add_list(struct params *p, const char *param, const char *words)
{
	AUTO(mem_auto) char *copy = mem_text(words);
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",")) != NULL)
		if (*word != '\0' &&
		    virTypedParamsAddString(&p->list, &p->n, &p->max, param,
		                            word) != 0)
			return false;
	return true;
}

static bool
add_number(struct params *p, const struct option_row *row, const char *text)
{
	uint64_t number;

	if (!text_u64(text, INT64_MAX, &number))
		return false;
	if (row->type == VIR_TYPED_PARAM_INT)
		return virTypedParamsAddInt(&p->list, &p->n, &p->max,
		                            row->param, (int)number) == 0;
	return virTypedParamsAddULLong(&p->list, &p->n, &p->max, row->param,
	                               number) == 0;
}

static bool
add_param(struct params *p, const struct option_row *row, const char *value)
{
	if (row->option.kind == MIGRATION_LIST)
		return add_list(p, row->param, value);
	if (row->option.kind == MIGRATION_NUMBER)
		return add_number(p, row, value);
	return virTypedParamsAddString(&p->list, &p->n, &p->max, row->param,
	                               value) == 0;
}

/* Where the memory goes is the plan's, also when the operator left it open. */
static const char *
value_of(const struct option_row *row, const char *given,
         const struct plan *plan)
{
	return strcmp(row->param, VIR_MIGRATE_PARAM_URI) == 0
	           ? plan->migrate_uri
	           : given;
}

bool
migration_params(const struct migration_how *how, const struct plan *plan,
                 virTypedParameterPtr *params, int *n, struct err *err)
{
	struct params p = {.list = NULL};
	bool ok = true;

	for (size_t i = 0; i < LENGTH_OF(rows) && ok; i++) {
		const struct option_row *row = &rows[i];
		const char *value;

		if (row->option.kind == MIGRATION_FLAG)
			continue;
		value = value_of(row, how->values[i], plan);
		/* One that is left out would be another migration. */
		if (value != NULL && !add_param(&p, row, value))
			ok = err_set(err, ERR_CONFIG,
			             "libvirt does not take --%s as it is",
			             row->option.name);
	}
	*params = p.list;
	*n = p.n;
	return ok;
}
