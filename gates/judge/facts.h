/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was seen of the gates on this host.  Times are Unix time in
 * milliseconds, 0: not known.  Texts are never NULL unless it is said. */
#ifndef GATEJUDGE_FACTS_H
#define GATEJUDGE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GATE_HOOKS_MAX = 64,  /* of libvirt, or of a stack */
	GATE_RULES_MAX = 128, /* of polkit */
	GATE_CGROUPS_MAX = 64,
};

/* Whether something is so, or could not be looked at. */
enum seen { SEEN_NOT_KNOWN, SEEN_NO, SEEN_YES };

struct gate_file {
	const char *path;  /* "": none is meant */
	const char *why;   /* could not be looked at or read; NULL */
	const char *loose; /* who else than root may change it: the folder or
	                    * file, in words; NULL: nobody, or not there */
	bool exists, executable;
	uint64_t changed_ms; /* its content or its inode, whichever later */
	uint64_t written_ms; /* its content */
};

/* libvirt's daemon that migrates: virtqemud, else libvirtd. */
struct gate_daemon {
	const char *name; /* "libvirtd", also where none runs */
	bool runs;
	const char *why; /* what of it could not be looked at; NULL */
	uint64_t started_ms;
	uint64_t reloaded_ms;    /* by what systemd remembers; 0 */
	enum seen plugin;        /* ours is in its memory */
	const char *plugin_path; /* where it was loaded from; "" */
	bool plugin_replaced;    /* ... and another file is there by now */
	enum seen patched;       /* its QEMU driver knows `pmc` */
	const char *cgroup;      /* its path without the first "/"; "" */
	uint64_t cgroup_id;      /* 0: not known */
};

struct gate_conf { /* qemu.conf and libvirtd.conf (virtqemud.conf) */
	struct gate_file qemu, daemon;
	const char *lock_manager, *tls_force;
	const char *tls_folder; /* where QEMU's files for a migration are */
	bool asks_polkit;       /* access_drivers */
};

struct gate_verifier {
	struct gate_file conf;
	enum seen listens;
	const char *socket, *trust_file, *trust_own, *pass_keys, *read_group;
	uint64_t n_pass_keys; /* in that folder */
};

struct gate_trust {
	struct gate_file file;
	/* CAs that are not this host's own: those of hosts, of them those whose
	 * time is over, and those that no verdict stands for. */
	uint64_t entries, expired, foreign;
	enum seen own; /* its own CA is among them */
	enum seen timer;
};

struct gate_lock {
	struct gate_file plugin, conf, next_plugin;
	const char *wrong; /* what is no configuration; NULL: it is one */
	const char *socket, *next;
	uint64_t deadline_ms;
	bool keeps_paused; /* paused = "refuse" */
};

struct gate_net {
	struct gate_file conf;
	uint64_t named; /* networks in it; the sample names none */
	enum seen runs; /* virt-attest-gated */
	enum seen table;
	bool hooked, refuses; /* at output; a rule that rejects or drops */
	const char *why;      /* the table could not be read; NULL */
	uint64_t networks, attested, users;
	bool everybody; /* a rule means all accounts but those of a set */
	/* A rule holds all of root's for libvirt's while `awake` is empty. */
	bool root_too, awake;
	size_t n_cgroups;
	const char *cgroups[GATE_CGROUPS_MAX]; /* paths, or numbers */
};

enum pass_policy { PASS_NONE, PASS_OFF, PASS_WARN, PASS_REQUIRE };

struct gate_hook {
	struct gate_file file;
	bool attests; /* it runs virt-attest-hook */
	bool stray;   /* hidden, or an editor's or package manager's, and run */
	enum pass_policy policy;
};

struct gate_hooks {
	const char *why; /* the folders could not be read; NULL */
	size_t n;
	struct gate_hook all[GATE_HOOKS_MAX];
};

struct gate_rule {
	struct gate_file file;
	const char *name;    /* its last part: polkit's order */
	bool ours, migrates; /* it speaks of libvirt's `migrate` */
};

struct gate_polkit {
	enum seen runs;
	const char *why; /* a folder of rules could not be read; NULL */
	struct gate_file helper;
	size_t n; /* in polkit's order */
	struct gate_rule all[GATE_RULES_MAX];
};

struct gate_facts {
	bool as_root;
	uint64_t now_ms, booted_ms;
	struct gate_daemon daemon;
	struct gate_conf conf;
	struct gate_verifier verifier;
	struct gate_trust trust;
	struct gate_lock lock;
	struct gate_net net;
	struct gate_hooks hooks, callers;
	struct gate_polkit polkit;
};

#endif
