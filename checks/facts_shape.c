/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/facts_shape.h"

/* T is the structure whose members a table lists.
 * The formatter knows neither _Generic nor a macro that is a list. */
/* clang-format off */
#define KIND(f)                                                                \
	_Generic(((T *)0)->f, const char *: SHAPE_TEXT, bool: SHAPE_BOOL,      \
	         uint64_t: SHAPE_U64, unsigned: SHAPE_UNSIGNED, int: SHAPE_INT)
/* Of a number that is 0 where it is not known. */
#define KNOWN_KIND(f)                                                          \
	_Generic(((T *)0)->f, uint64_t: SHAPE_KNOWN_U64,                       \
	         unsigned: SHAPE_KNOWN_UNSIGNED)
#define LIST_KIND(f) _Generic(((T *)0)->f, const char **: SHAPE_TEXTS)

#define ONE(f)   {#f, KIND(f), offsetof(T, f), 0, NULL}
#define KNOWN(f) {#f, KNOWN_KIND(f), offsetof(T, f), 0, NULL}
#define LIST(f)  {#f, LIST_KIND(f), offsetof(T, f), offsetof(T, n_##f), NULL}
#define LIST_OF(f, shape)                                                      \
	{#f, SHAPE_OBJECTS, offsetof(T, f), offsetof(T, n_##f), &(shape)}
#define END {NULL, SHAPE_TEXT, 0, 0, NULL}

#define SHAPE(id, type, ...)                                                   \
	const struct shape id = {                                              \
	    #type, sizeof(struct type),                                        \
	    (const struct shape_member[]){__VA_ARGS__, END}}
/* clang-format on */

#define T struct plan
SHAPE(shape_plan, plan, ONE(destination_uri), ONE(destination_host),
      ONE(migrate_uri), ONE(data_host), ONE(tls_destination), ONE(new_name),
      ONE(live), ONE(p2p), ONE(tunnelled), ONE(offline), ONE(postcopy),
      ONE(parallel), ONE(persistent), ONE(undefine_source), ONE(tls),
      ONE(copy_storage_all), ONE(copy_storage_inc), ONE(migrate_disks),
      ONE(unsafe), ONE(destination_xml), KNOWN(bandwidth_mib));
#undef T

#define T struct reach
SHAPE(shape_reach, reach, ONE(control), ONE(data), ONE(data_refused),
      ONE(control_why), ONE(data_why));
#undef T

#define T struct trust
SHAPE(shape_trust, trust, ONE(same_host), ONE(other_host),
      ONE(endpoint_checked), ONE(judges_boot_log), ONE(judges_files));
#undef T

#define T struct disk_facts
static SHAPE(shape_disk, disk_facts, ONE(target), ONE(type), ONE(device),
             ONE(path), ONE(pool), ONE(volume), ONE(protocol), ONE(name),
             ONE(host), ONE(secret_type), ONE(secret_uuid), ONE(secret_usage),
             ONE(format), ONE(cache), ONE(startup_policy), ONE(readonly),
             ONE(shareable), ONE(transient), KNOWN(capacity), KNOWN(allocation),
             LIST(backing));
#undef T

#define T struct nic_facts
static SHAPE(shape_nic, nic_facts, ONE(type), ONE(source), ONE(portgroup),
             ONE(mac), ONE(model), ONE(filter), ONE(virtualport), ONE(backend),
             ONE(vlan), KNOWN(mtu), ONE(teaming_transient));
#undef T

#define T struct hostdev_facts
static SHAPE(shape_hostdev, hostdev_facts, ONE(type), ONE(address), ONE(model),
             ONE(teaming_transient));
#undef T

#define T struct chardev_facts
static SHAPE(shape_chardev, chardev_facts, ONE(device), ONE(type), ONE(path),
             ONE(listen));
#undef T

#define T struct hugepages_facts
static SHAPE(shape_hugepages, hugepages_facts, KNOWN(size_kib), ONE(nodes),
             ONE(memory_kib));
#undef T

#define T struct feature_facts
static SHAPE(shape_feature, feature_facts, ONE(name), ONE(policy));
#undef T

#define T struct cpu_facts
static SHAPE(shape_cpu, cpu_facts, ONE(mode), ONE(model), ONE(vendor),
             ONE(migratable), ONE(xml), LIST_OF(features, shape_feature));
#undef T

#define T struct domain_facts
SHAPE(shape_domain, domain_facts, ONE(name), ONE(uuid), ONE(xml), ONE(active),
      ONE(persistent), ONE(updated), ONE(state), ONE(state_reason),
      ONE(from_file), ONE(virt_type), ONE(os_type), ONE(arch), ONE(machine),
      ONE(emulator), ONE(loader), ONE(loader_type), ONE(nvram),
      ONE(nvram_template), ONE(firmware),
      {"cpu", SHAPE_OBJECT, offsetof(T, cpu), 0, &shape_cpu},
      ONE(has_tsc_timer), KNOWN(tsc_frequency), ONE(hyperv_mode),
      KNOWN(memory_kib), KNOWN(max_memory_kib), KNOWN(vcpus), KNOWN(max_vcpus),
      LIST_OF(hugepages, shape_hugepages), ONE(locked), KNOWN(hard_limit_kib),
      LIST(pins), ONE(cpuset), LIST(nodesets), ONE(numa_mode),
      LIST_OF(disks, shape_disk), LIST_OF(nics, shape_nic),
      LIST_OF(hostdevs, shape_hostdev), LIST_OF(chardevs, shape_chardev),
      LIST(filesystems), LIST(shmems), LIST(videos), ONE(tpm_backend),
      ONE(tpm_version), ONE(tpm_secret_uuid), ONE(launch_security),
      ONE(dimm_without_slot), LIST(seclabels), ONE(snapshots), ONE(checkpoints),
      ONE(job), ONE(block_job), ONE(dirty_rate_known), ONE(dirty_rate_mib));
#undef T

#define T struct cell_facts
static SHAPE(shape_cell, cell_facts, ONE(id), ONE(memory_kib), ONE(cpus));
#undef T

#define T struct pages_facts
static SHAPE(shape_pages, pages_facts, ONE(size_kib), ONE(cell), ONE(free));
#undef T

#define T struct secmodel_facts
static SHAPE(shape_secmodel, secmodel_facts, ONE(model), ONE(label));
#undef T

#define T struct lookup_facts
static SHAPE(shape_lookup, lookup_facts, ONE(name), ONE(why), ONE(found),
             ONE(active), ONE(digest), ONE(bridge), ONE(available));
#undef T

#define T struct neighbour_facts
static SHAPE(shape_neighbour, neighbour_facts, ONE(name), ONE(uuid),
             ONE(active), LIST(macs));
#undef T

#define T struct machine_facts
static SHAPE(shape_machine, machine_facts, ONE(name), ONE(canonical),
             KNOWN(max_vcpus));
#undef T

#define T struct model_facts
static SHAPE(shape_model, model_facts, ONE(name), ONE(usable), ONE(known));
#undef T

#define T struct host_facts
SHAPE(shape_host, host_facts, ONE(uri), ONE(hostname), ONE(uuid), ONE(type),
      KNOWN(version), KNOWN(lib_version), ONE(arch), ONE(cpu_model),
      ONE(cpu_vendor), ONE(microcode), LIST(features), KNOWN(tsc_frequency),
      ONE(tsc_scaling), KNOWN(cpus_max), ONE(online),
      LIST_OF(cells, shape_cell), LIST_OF(secmodels, shape_secmodel),
      LIST(guests), LIST_OF(machines, shape_machine), ONE(domcaps_why),
      ONE(domcaps_emulator), KNOWN(domcaps_max_vcpus),
      ONE(passthrough_migratable), ONE(passthrough_supported),
      LIST_OF(models, shape_model), LIST(loaders), LIST(firmwares),
      ONE(tpm_supported), LIST(tpm_backends), ONE(sev_supported), ONE(cpu_why),
      {"cpu_match", SHAPE_CPU_MATCH, offsetof(T, cpu_match), 0, NULL},
      ONE(cpu_told), ONE(dry_run_why), ONE(dry_run_ok), ONE(dry_run_told),
      ONE(memory_why), KNOWN(memory_total_kib), KNOWN(memory_free_kib),
      KNOWN(memory_available_kib), ONE(pages_why), LIST_OF(pages, shape_pages),
      LIST_OF(networks, shape_lookup), LIST_OF(filters, shape_lookup),
      LIST_OF(secrets, shape_lookup), LIST_OF(nodedevs, shape_lookup),
      LIST_OF(volumes, shape_lookup), LIST_OF(pools, shape_lookup),
      ONE(neighbours_why), LIST_OF(neighbours, shape_neighbour), ONE(jobs));
#undef T

const char *
cpu_match_name(enum cpu_match match)
{
	static const char *const names[] = {
	    [CPU_MATCH_UNKNOWN] = NULL,
	    [CPU_INCOMPATIBLE] = "incompatible",
	    [CPU_IDENTICAL] = "identical",
	    [CPU_SUPERSET] = "superset",
	};

	return names[match];
}
