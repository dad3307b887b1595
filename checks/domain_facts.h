/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain, as its live, migratable XML and libvirt's calls describe it
 * (libvirt, docs/formatdomain.rst).  Words are libvirt's own. */
#ifndef CHECKS_DOMAIN_FACTS_H
#define CHECKS_DOMAIN_FACTS_H

#include "checks/device_facts.h"

struct hugepages_facts {
	uint64_t size_kib;   /* 0: the default size */
	const char *nodes;   /* guest nodes; NULL: all */
	uint64_t memory_kib; /* that they back */
};

struct feature_facts {
	const char *name, *policy; /* "invtsc", "require" */
};

struct cpu_facts {
	const char *mode; /* "custom", "host-model", "host-passthrough",
	                   * "maximum"; NULL: no <cpu> */
	const char *model, *vendor;
	const char *migratable; /* "on", "off"; NULL */
	const char *xml;        /* the element, for the destination to judge */
	size_t n_features;
	struct feature_facts *features;
};

struct domain_facts {
	const char *missing;
	const char *name, *uuid;
	const char *xml; /* whole, without secrets */
	bool active, persistent, updated;
	const char *state;        /* "running", "paused", "shutoff" ... */
	const char *state_reason; /* "ioerror"; NULL */
	bool from_file;           /* --xml: nothing live is known */
	/* <os>, <domain type>, <emulator> */
	const char *virt_type, *os_type, *arch, *machine, *emulator;
	const char *loader, *loader_type, *nvram, *nvram_template, *firmware;
	struct cpu_facts cpu;
	bool has_tsc_timer;
	uint64_t tsc_frequency;  /* of <timer name='tsc'>, Hz; 0: none */
	const char *hyperv_mode; /* "passthrough"; NULL */
	uint64_t memory_kib, max_memory_kib;
	unsigned vcpus, max_vcpus;
	size_t n_hugepages;
	struct hugepages_facts *hugepages;
	bool locked;             /* memory */
	uint64_t hard_limit_kib; /* 0: none */
	size_t n_pins;           /* cpu sets of vcpupin, emulatorpin, ... */
	const char **pins;
	const char *cpuset; /* of <vcpu> */
	size_t n_nodesets;  /* of numatune */
	const char **nodesets;
	const char *numa_mode; /* "strict" */
	size_t n_disks;
	struct disk_facts *disks;
	size_t n_nics;
	struct nic_facts *nics;
	size_t n_hostdevs;
	struct hostdev_facts *hostdevs;
	size_t n_chardevs;
	struct chardev_facts *chardevs;
	size_t n_filesystems; /* "virtiofs /srv", "9p /srv" */
	const char **filesystems;
	size_t n_shmems; /* "NAME MODEL ROLE" */
	const char **shmems;
	size_t n_videos;
	const char **videos; /* models */
	/* <tpm>: "emulator", "passthrough", "external"; NULL: none */
	const char *tpm_backend, *tpm_version, *tpm_secret_uuid;
	const char *launch_security; /* "sev", "sev-snp", "tdx", "s390-pv" */
	bool dimm_without_slot;      /* a memory device whose place is open */
	bool dirty_rate_known;       /* somebody had it measured */
	size_t n_seclabels; /* "static dac 64055:64055", TYPE MODEL LABEL */
	const char **seclabels;
	/* By libvirt's calls; UINT_MAX: not known. */
	unsigned snapshots, checkpoints;
	const char *job;         /* a domain's job at work, "migration"; NULL */
	const char *block_job;   /* the disk of one; NULL */
	uint64_t dirty_rate_mib; /* MiB/s */
};

#endif
