/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was seen of this host and of what virt-attest has on it.  Times are Unix
 * time, 0: not known.  Texts are never NULL unless it is said. */
#ifndef HEALTHJUDGE_FACTS_H
#define HEALTHJUDGE_FACTS_H

#include "gatejudge/judge.h"
#include "healthjudge/facts_tls.h"

/* The parts that are looked at by themselves, each within HEALTH_LOOK_MS: with
 * its name.  One that took longer is told to be so. */
#define HEALTH_PARTS(X)                                                        \
	X(CLOCK, clock, "clock")                                               \
	X(TPM, tpm, "TPM")                                                     \
	X(LOGS, logs, "measurement logs")                                      \
	X(AGENTD, agentd, "agentd")                                            \
	X(AGENTD_TLS, agentd_tls, "agentd's certificates")                     \
	X(VERIFIERD, verifierd, "verifierd")                                   \
	X(VERIFIERD_TLS, verifierd_tls, "verifierd's certificates")            \
	X(STORE, store, "store")                                               \
	X(GATED, gated, "gated")                                               \
	X(LIBVIRT, libvirt, "libvirt")                                         \
	X(LIBVIRT_TLS, libvirt_tls, "libvirt's certificates")                  \
	X(MIGRATION_TLS, migration_tls, "QEMU's certificates")                 \
	X(CONFINED, confined, "SELinux and AppArmor")                          \
	X(GATES, gates, "gates")

enum health_part {
#define X(id, field, name) HEALTH_PART_##id,
	HEALTH_PARTS(X)
#undef X
	    HEALTH_PART_COUNT
};

enum { HEALTH_LOOK_MS = 5000, HEALTH_LOGS = 2, HEALTH_CONFINED_MAX = 4 };

struct health_clock {
	enum seen kept; /* a time service keeps it, as the kernel knows */
};

struct health_tpm {
	const char *tcti;
	const char *device;  /* its file; "": it has none */
	const char *hidden;  /* this account may not open it: why; NULL */
	const char *taken;   /* who has it, so that it was not asked; NULL */
	const char *missing; /* no way to it: why; NULL */
	const char *failed;  /* it answered so; NULL */
	/* `tcti` would run a program or load a library: it was not asked. */
	bool odd;
	/* The agent's account may read and write the device. */
	enum seen usable;
	const char *owner; /* "root:root, mode 0600" */
	bool started, sha256, in_lockout, clock_safe;
	const char *maker, *model;
	uint32_t firmware[2], revision;
	uint32_t failures, failures_max, forgets_s;
	uint64_t clock_ms;
	uint32_t resets, restarts;
};

struct health_log {
	const char *key, *path; /* "boot_log"; its path "": switched off */
	bool there, default_path;
	bool empty;         /* it was read, and there was nothing */
	const char *hidden; /* could not be looked at: why; NULL */
	enum seen readable; /* by the agent's account */
	const char *owner;
};

struct health_logs {
	struct health_log all[HEALTH_LOGS];
};

/* One of our daemons, or libvirt's. */
struct health_daemon {
	const char *name;    /* "agentd" */
	const char *service; /* its unit: "virt-attest-agentd" */
	const char *conf;    /* its path */
	bool asked;          /* the caller named its file, or a setting of it */
	bool conf_there;
	const char *conf_hidden; /* NULL */
	const char *conf_wrong;  /* NULL */
	const char *why;         /* systemd was not asked: why; NULL */
	bool unit, active, starting, failed, enabled, by_socket;
	bool stale_unit; /* its file is newer than what systemd knows */
	const char *result, *status; /* systemd's word; what it says itself */
	const char *tls_key; /* what it hands over when its account may not read
	                      * the one that is configured; NULL */
	uint64_t restarts;
	/* When it last read what it has: its start, or a reload after it. */
	uint64_t read_ms;
	const char *newer; /* of its files one that is newer than that; NULL */
	/* Where it listens; "": nowhere that is known. */
	const char *listen;
	enum seen answers;
	const char *silent; /* why it does not */
};

struct health_store {
	const char *folder;           /* "": none is known */
	const char *hidden, *missing; /* NULL */
	const char *loose;            /* who else may read it; NULL */
	uint64_t free_bytes;
	bool no_inodes; /* less than a hundred of them */
};

/* What is confined by a security module, and what it refused. */
struct health_confined {
	const char *selinux; /* "enforcing", "permissive", "" */
	enum seen hooks_run; /* SELinux's virt_hooks_unconfined */
	bool apparmor;
	const char *libvirt; /* AppArmor's profile of libvirt's daemon; "" */
	const char *hook;    /* where our hook is */
	/* Denials that the kernel or auditd remembers of our programs. */
	uint64_t denials;
	const char *denied; /* the last of them */
	const char *hidden; /* those could not be read: why; NULL */
};

struct health_gates {
	bool asked; /* libvirt's daemon runs, or one of our files is here */
	struct gate_line lines[GATE_COUNT];
};

struct health_facts {
	bool as_root;
	uint64_t now_s;
	bool late[HEALTH_PART_COUNT];
	struct health_clock clock;
	struct health_tpm tpm;
	struct health_logs logs;
	struct health_daemon agentd, verifierd, gated, libvirt;
	struct health_tls agentd_tls, verifierd_tls, libvirt_tls, migration_tls;
	struct health_store store;
	struct health_confined confined;
	struct health_gates gates;
};

#endif
