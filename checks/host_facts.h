/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host, as its libvirt describes it: its capabilities, its domain
 * capabilities for the domain at hand, and look-ups of what that domain names.
 * `why` of a group that could not be had says so; NULL: it is known. */
#ifndef CHECKS_HOST_FACTS_H
#define CHECKS_HOST_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cell_facts {
	unsigned id;
	uint64_t memory_kib;
	const char *cpus; /* "0-3,8" */
};

struct pages_facts {
	uint64_t size_kib;
	int cell; /* -1: of the whole host */
	uint64_t free;
};

struct secmodel_facts {
	const char *model, *label; /* "dac", "+64055:+108" (of kvm or qemu) */
};

/* Something that the domain names, looked up on this host. */
struct lookup_facts {
	const char *name;
	const char *why; /* the question failed; NULL: answered */
	bool found, active;
	const char *digest; /* networks: forward mode, bridge, VLAN, MTU and
	                     * port groups in one line; NULL */
	const char *bridge; /* networks: the host's own that it is on; NULL */
	uint64_t available; /* pools: free bytes */
};

struct neighbour_facts { /* another domain of this host */
	const char *name, *uuid;
	bool active;
	size_t n_macs;
	const char **macs;
};

struct machine_facts {
	const char *name, *canonical; /* canonical: NULL when it is itself */
	unsigned max_vcpus;           /* 0: not said */
};

struct model_facts { /* a CPU model of <mode name='custom'> */
	const char *name;
	bool usable, known; /* `known`: libvirt said whether it is usable */
};

/* virConnectCompareHypervisorCPU() of the domain's CPU. */
enum cpu_match {
	CPU_MATCH_UNKNOWN,
	CPU_INCOMPATIBLE,
	CPU_IDENTICAL,
	CPU_SUPERSET
};

struct host_facts {
	const char *missing;
	const char *uri, *hostname, *uuid, *type; /* "QEMU" */
	uint64_t version, lib_version;            /* libvirt's encoding */
	const char *arch;
	/* <host><cpu> of the capabilities */
	const char *cpu_model, *cpu_vendor, *microcode;
	size_t n_features;
	const char **features;
	uint64_t tsc_frequency; /* Hz; 0: not known */
	bool tsc_scaling;
	unsigned cpus_max;  /* virNodeGetInfo: CPUs online */
	const char *online; /* CPUs, "0-7"; NULL: not known */
	size_t n_cells;
	struct cell_facts *cells;
	size_t n_secmodels;
	struct secmodel_facts *secmodels;
	/* <guest> of the capabilities, "ARCH VIRTTYPE": "x86_64 kvm" */
	size_t n_guests;
	const char **guests;
	size_t n_machines; /* of the domain's arch */
	struct machine_facts *machines;
	/* virConnectGetDomainCapabilities() for the domain's emulator, arch,
	 * machine and type. */
	const char *domcaps_why;
	const char *domcaps_emulator; /* that it answered for */
	unsigned domcaps_max_vcpus;
	const char *passthrough_migratable; /* its <mode> is there: "on" */
	bool passthrough_supported;
	size_t n_models;
	struct model_facts *models;
	size_t n_loaders;
	const char **loaders; /* <os><loader><value> */
	size_t n_firmwares;
	const char **firmwares; /* "efi" */
	bool tpm_supported;
	size_t n_tpm_backends;
	const char **tpm_backends;
	bool sev_supported;
	/* virConnectCompareHypervisorCPU() */
	const char *cpu_why;
	enum cpu_match cpu_match;
	const char *cpu_told; /* libvirt's reason, "incompatible" */
	/* virConnectDomainXMLToNative() of the migratable XML */
	const char *dry_run_why; /* could not be asked */
	bool dry_run_ok;
	const char *dry_run_told; /* QEMU driver's own words */
	/* Memory now. */
	const char *memory_why;
	uint64_t memory_total_kib, memory_free_kib, memory_available_kib;
	const char *pages_why;
	size_t n_pages;
	struct pages_facts *pages;
	/* Look-ups of what the domain names. */
	size_t n_networks, n_filters, n_secrets, n_nodedevs, n_volumes, n_pools;
	struct lookup_facts *networks, *filters; /* by name */
	struct lookup_facts *secrets;            /* by UUID, or "TYPE USAGE" */
	struct lookup_facts *nodedevs;           /* by hostdev_facts.address */
	struct lookup_facts *volumes; /* by disk path; found: in a pool */
	struct lookup_facts *pools;   /* by name, and `available` */
	const char *neighbours_why;
	size_t n_neighbours;
	struct neighbour_facts *neighbours;
	unsigned jobs; /* domains with a migration at work; UINT_MAX: unknown */
};

#endif
