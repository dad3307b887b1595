/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lock-driver gate as libvirtd has it: loaded, asked in libvirtd's order,
 * and a verifier that says what a test lets it say. */
#ifndef LOCK_HELP_H
#define LOCK_HELP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct lock_driver;

enum { DEADLINE_MS = 400, SLACK_MS = 10000, NOBODY = 65534 };

/* What libvirt would show: this thread's, "" where there is none. */
extern _Thread_local char raised[4096];
/* What virGetVersion() says. */
extern unsigned long libvirt_version;
/* The calls that reached the next lock manager, a line each. */
extern char next_calls[4096];
extern char folder[64], config[96], socket_path[96];

#define PROOF                                                                  \
	"\"host\":\"host-b\",\"golden\":1,\"time\":1,\"differences\":[],"      \
	"\"boot_session\":{\"reset_count\":1,\"restart_count\":0,"             \
	"\"clock_ms\":1,\"safe\":true}"
#define TRUSTED                                                                \
	"{\"return\":{\"verdict\":\"trusted\",\"reasons\":[],\"age_ms\":"      \
	"0," PROOF "},\"id\":1}\n"
#define NO_PERMIT                                                              \
	"{\"return\":{\"verdict\":\"unknown\",\"host\":\"\",\"reasons\":"      \
	"[{\"code\":\"destination\",\"detail\":\"no permit for db1\"}],"       \
	"\"golden\":null,\"time\":1,\"age_ms\":0,\"boot_session\":null,"       \
	"\"differences\":[]},\"id\":1}\n"

enum manner {
	ANSWERS,
	HANGS,    /* takes the question, says nothing, stays */
	DRIPS,    /* a byte every tenth of the deadline, for ever */
	HANGS_UP, /* after what it said, or nothing */
};

int set_up(void **state);
int tear_down(void **state);

/* The plugin's table, from a folder that has a lockd.so, too. */
struct lock_driver *plugin(void);
void *plugin_handle(void);

/* Writes the configuration ("" removes it). */
void configure(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* With `socket_path` and DEADLINE_MS; the plugin is ready. */
void ready(const char *more);

/* A verifier at `socket_path`, of an account; one at a time. */
void serve_as(uid_t uid, enum manner, const char *answer);
void serve(enum manner, const char *answer);
void stop_serving(void);
/* How often it was asked since it serves, and the last question. */
unsigned int questions(void);
const char *question(void);

/* One migration's begin: new, add a disk, inquire, free.  Returns inquire's. */
int begin(const char *name, char **state);
/* A domain's life without a migration. */
void live(const char *name);

uint64_t now_ms(void);

/* It is refused in words, in time, and nobody's error is left. */
void expect_refusal(const char *words);
void expect_pass(void);

#endif
