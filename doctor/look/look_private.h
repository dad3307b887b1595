/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HEALTHLOOK_LOOK_PRIVATE_H
#define HEALTHLOOK_LOOK_PRIVATE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "healthjudge/judge.h"
#include "look.h"
#include "sys/config.h"

enum {
	LOOK_PATH_SIZE = 4096,
	LOOK_GROUPS_MAX = 64,
	LOOK_SETTINGS_MAX = 64,
	LOOK_ASK_MS = 3000, /* for systemctl's answer */
	LOOK_CONNECT_MS = 1000,
};

/* What our daemons' files say, as far as it is looked at here. */
struct look_agentd {
	char *listen, *tls_ca, *tls_cert, *tls_key, *tls_crl;
	char *tcti, *boot_log, *ima_log, *migration_ca;
};
struct look_verifierd {
	char *tls_ca, *tls_cert, *tls_key, *tls_crl;
	char *socket, *store, *trust_own;
};
struct look_libvirt {
	char *ca_file, *cert_file, *key_file, *crl_file;
};

/* One run.  A part writes its own member of `facts` alone; the files are read
 * by the daemons' parts, which are through before the others begin. */
struct look {
	struct health_options options;
	struct health_facts facts;
	struct look_agentd agentd;
	struct look_verifierd verifierd;
	struct look_libvirt libvirt;
};

/* conf.c: false, with the error, when the file is wrong; `path` may be NULL. */
bool look_agentd_conf(struct look *, const char *path, struct err *);
bool look_verifierd_conf(struct look *, const char *path, struct err *);
bool look_libvirt_conf(struct look *, const char *path, struct err *);
/* Whether the caller named its file, or a setting of it. */
bool look_is_asked_of_agentd(const struct look *);
bool look_is_asked_of_verifierd(const struct look *);
void look_conf_done(struct look *);

/* account.c: a daemon's account, and what it may do by a file's mode. */
struct look_account {
	bool there;
	uid_t uid;
	int n_groups;
	gid_t groups[LOOK_GROUPS_MAX];
};
void look_account(const char *name, struct look_account *);
/* S_IROTH | S_IWOTH in `bits`: all of them. */
enum seen look_may(const struct look_account *, const struct stat *,
                   mode_t bits);
/* "root:tss, mode 0660" */
const char *look_owner(struct arena *, const struct stat *);

/* units.c: fills what systemd knows of a unit; `why` without it. */
void look_unit_of(struct arena *, const char *unit, struct health_daemon *);
bool look_unit_is_active(struct arena *, const char *unit);

/* places.c */
enum seen look_port(struct arena *, const char *listen, const char **why);
enum seen look_socket(struct arena *, const char *path, const char **why);

/* The parts. */
void look_clock(struct look *, struct arena *);
void look_tpm(struct look *, struct arena *);
void look_logs(struct look *, struct arena *);
void look_agentd(struct look *, struct arena *);
void look_agentd_tls(struct look *, struct arena *);
void look_verifierd(struct look *, struct arena *);
void look_verifierd_tls(struct look *, struct arena *);
void look_store(struct look *, struct arena *);
void look_gated(struct look *, struct arena *);
void look_libvirt(struct look *, struct arena *);
void look_libvirt_tls(struct look *, struct arena *);
void look_migration_tls(struct look *, struct arena *);
void look_confined(struct look *, struct arena *);
void look_gates(struct look *, struct arena *);

#endif
