/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GATELOOK_LOOK_PRIVATE_H
#define GATELOOK_LOOK_PRIVATE_H

#include <sys/stat.h>

#include "base/auto.h"
#include "base/buf.h"
#include "look.h"

enum {
	LOOK_PATH_SIZE = 4096,
	LOOK_FILE_MAX = 1024 * 1024, /* a configuration, script or rule */
	LOOK_DRIVER_MAX = 64 * 1024 * 1024,
	LOOK_MS = 3000, /* for another program's answer */
	LOOK_PROCESSES_MAX = 65536,
};

/* file.c.  Who may change it is asked of it and each folder above; a link is
 * followed. */
struct gate_file look_at_file(struct arena *, const char *path);
/* `why` is set when it is there and cannot be read. */
bool look_read(struct arena *, struct gate_file *, size_t max, struct buf *);
/* Without lines whose first word begins with `comment`. */
void look_strip(struct buf *text, const char *comment);
bool look_has(const struct buf *text, const char *words);
/* The names in a folder, sorted, but for "." and "..": their count. */
size_t look_folder(struct arena *, const char *path, size_t max,
                   const char *names[], const char **why);
uint64_t look_ms(const struct timespec *);
/* What a program said; NULL, with `*why`, when it did not end well. */
bool look_ask(struct arena *, const char *const argv[], struct buf *out,
              const char **why);

/* daemon.c */
void look_daemon(struct arena *, struct gate_facts *);
enum seen look_process(const char *name);
/* Where systemd is: whether the unit is active. */
enum seen look_unit(struct arena *, const char *unit);

void look_conf(struct arena *, struct gate_facts *);     /* conf.c */
void look_verifier(struct arena *, struct gate_facts *); /* verifier.c */
void look_trust(struct arena *, struct gate_facts *);    /* verifier.c */
void look_lock(struct arena *, struct gate_facts *);     /* conf.c */
void look_net(struct arena *, struct gate_facts *);      /* net.c */
void look_hooks(struct arena *, struct gate_facts *);    /* hooks.c */
void look_polkit(struct arena *, struct gate_facts *);   /* rules.c */

#endif
