/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lock_help.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "abi.h"

_Thread_local char raised[4096];
unsigned long libvirt_version = 9000000;
char next_calls[4096], folder[64], config[96], socket_path[96];

/* libvirt's own, which the plugin looks up in whoever loaded it. */
int virGetVersion(unsigned long *version, const char *type,
                  unsigned long *type_version);
void virRaiseErrorFull(const char *file, const char *function, size_t line,
                       int domain, int code, int level, const char *text1,
                       const char *text2, const char *text3, int number1,
                       int number2, const char *format, ...)
    __attribute__((format(printf, 12, 13)));
void next_called(const char *call, const char *what);

int
virGetVersion(unsigned long *version, const char *type,
              unsigned long *type_version)
{
	(void)type;
	(void)type_version;
	*version = libvirt_version;
	return 0;
}

void
virRaiseErrorFull(const char *file, const char *function, size_t line,
                  int domain, int code, int level, const char *text1,
                  const char *text2, const char *text3, int number1,
                  int number2, const char *format, ...)
{
	va_list args;

	(void)file;
	(void)function;
	(void)line;
	if (domain != 42 || code != 29 || level != 2 || text1 == NULL ||
	    text2 != NULL || text3 != NULL || number1 != -1 || number2 != -1)
		abort();
	va_start(args, format);
	vsnprintf(raised, sizeof(raised), format, args);
	va_end(args);
}

/* From the next lock manager of the tests. */
void
next_called(const char *call, const char *what)
{
	size_t len = strlen(next_calls);

	snprintf(next_calls + len, sizeof(next_calls) - len, "%s %s\n", call,
	         what);
}

int
set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/virt-attest.XXXXXX");
	if (mkdtemp(folder) == NULL || chmod(folder, 0711) != 0)
		return 1;
	snprintf(socket_path, sizeof(socket_path), "%s/v.sock", folder);
	snprintf(config, sizeof(config), "%s/qemu-virt-attest.conf", folder);
	raised[0] = next_calls[0] = '\0';
	libvirt_version = 9000000;
	return 0;
}

int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) /* what a failed test left */
		plugin()->deinit();
	unlink(config);
	unlink(socket_path);
	return rmdir(folder);
}

void *
plugin_handle(void)
{
	static void *handle;

	if (handle == NULL)
		handle =
		    dlopen(PLUGINS "/virt-attest.so", RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		fail_msg("%s", dlerror());
	return handle;
}

struct lock_driver *
plugin(void)
{
	struct lock_driver *d = dlsym(plugin_handle(), "virLockDriverImpl");

	assert_non_null(d);
	return d;
}

void
configure(const char *format, ...)
{
	va_list args;
	FILE *file = fopen(config, "we");

	assert_non_null(file);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	assert_int_equal(fclose(file), 0);
}

void
ready(const char *more)
{
	configure("socket = \"%s\"\ndeadline_ms = %d\n%s", socket_path,
	          DEADLINE_MS, more);
	if (plugin()->init(1000000, config, 0) != 0)
		fail_msg("%s", raised);
}

/* ---------------------------------------------------------- the verifier */

static struct {
	int listener, ends[2];
	enum manner manner;
	const char *answer;
	pthread_t thread;
	pthread_mutex_t lock;
	unsigned int n;
	char last[4096];
} verifier = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* One whole question, or who asked is gone. */
static bool
read_question(int fd)
{
	char text[4096];
	size_t n = 0;
	ssize_t part;

	do {
		part = recv(fd, text + n, sizeof(text) - 1 - n, 0);
		n += part > 0 ? (size_t)part : 0;
	} while (part > 0 && text[n - 1] != '\n');
	if (n == 0)
		return false; /* who asked has gone, and asked nothing */
	text[n] = '\0';
	pthread_mutex_lock(&verifier.lock);
	verifier.n++;
	memcpy(verifier.last, text, n + 1);
	pthread_mutex_unlock(&verifier.lock);
	return part > 0;
}

/* True when who asked hung up, or all ends, within `ms` (-1: then). */
static bool
is_over(int fd, int ms)
{
	struct pollfd both[] = {{.fd = fd, .events = POLLRDHUP},
	                        {.fd = verifier.ends[0], .events = POLLIN}};

	return poll(both, 2, ms) != 0;
}

static void
say(int fd, const char *text, size_t len)
{
	while (len != 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void
answer_one(int fd)
{
	const char *answer = verifier.answer;

	if (!read_question(fd))
		return;
	switch (verifier.manner) {
	case ANSWERS:
		say(fd, answer, strlen(answer));
		(void)is_over(fd, -1);
		return;
	case HANGS:
		(void)is_over(fd, -1);
		return;
	case DRIPS:
		while (!is_over(fd, DEADLINE_MS / 10))
			say(fd, " ", 1);
		return;
	case HANGS_UP:
		say(fd, answer, strlen(answer));
	}
}

static void *
serve_all(void *unused)
{
	struct pollfd both[] = {{.fd = verifier.listener, .events = POLLIN},
	                        {.fd = verifier.ends[0], .events = POLLIN}};

	(void)unused;
	while (poll(both, 2, -1) > 0 && both[1].revents == 0) {
		int fd = accept4(verifier.listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		answer_one(fd);
		close(fd);
	}
	return NULL;
}

void
serve_as(uid_t uid, enum manner manner, const char *answer)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	uid_t own = geteuid();

	memcpy(at.sun_path, socket_path, strlen(socket_path));
	unlink(socket_path);
	verifier.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(verifier.listener >= 0);
	assert_int_equal(
	    bind(verifier.listener, (const struct sockaddr *)&at, sizeof(at)),
	    0);
	assert_int_equal(seteuid(uid), 0);
	assert_int_equal(listen(verifier.listener, 64), 0);
	assert_int_equal(seteuid(own), 0);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, verifier.ends),
	    0);
	verifier.manner = manner;
	verifier.answer = answer;
	verifier.n = 0;
	verifier.last[0] = '\0';
	assert_int_equal(
	    pthread_create(&verifier.thread, NULL, serve_all, NULL), 0);
}

void
serve(enum manner manner, const char *answer)
{
	serve_as(geteuid(), manner, answer);
}

void
stop_serving(void)
{
	close(verifier.ends[1]);
	assert_int_equal(pthread_join(verifier.thread, NULL), 0);
	close(verifier.ends[0]);
	close(verifier.listener);
}

unsigned int
questions(void)
{
	unsigned int n;

	pthread_mutex_lock(&verifier.lock);
	n = verifier.n;
	pthread_mutex_unlock(&verifier.lock);
	return n;
}

const char *
question(void)
{
	return verifier.last;
}

/* ---------------------------------------------------------------- libvirtd */

/* lock_manager.c and domain_lock.c: what it makes of a domain. */
static bool
managed(struct lock_manager *man, const char *name, unsigned int flags)
{
	struct lock_param params[] = {
	    {.type = LOCK_PARAM_UUID, .key = "uuid"},
	    {.type = LOCK_PARAM_STRING, .key = "name", .value = {.text = name}},
	    {.type = LOCK_PARAM_UINT, .key = "id", .value = {.i = 7}},
	    {.type = LOCK_PARAM_UINT, .key = "pid", .value = {.i = 4711}},
	    {.type = LOCK_PARAM_CSTRING, .key = "uri", .value = {.text = NULL}},
	};

	for (unsigned int i = 0; i < 16; i++)
		params[0].value.uuid[i] = (unsigned char)(0xa0 + i);
	*man = (struct lock_manager){.driver = plugin()};
	if (man->driver->new (man, LOCK_OBJECT_DOMAIN, 5, params, flags) != 0)
		return false;
	assert_int_equal(man->driver->add_resource(man, LOCK_RESOURCE_DISK,
	                                           "/disk", 0, NULL, 0),
	                 0);
	return true;
}

int
begin(const char *name, char **state)
{
	struct lock_manager man;
	int said;

	raised[0] = '\0';
	if (!managed(&man, name, 0))
		return -1;
	said = man.driver->inquire(&man, state, 0);
	man.driver->free(&man);
	return said;
}

void
live(const char *name)
{
	struct lock_manager man;
	char *state = NULL;
	int fd = -1;

	assert_true(managed(&man, name, LOCK_NEW_STARTED));
	assert_int_equal(man.driver->acquire(&man, NULL,
	                                     LOCK_ACQUIRE_RESTRICT |
	                                         LOCK_ACQUIRE_REGISTER_ONLY,
	                                     0, &fd),
	                 0);
	assert_int_equal(fd, -1);
	man.driver->free(&man);
	assert_true(managed(&man, name, 0)); /* its CPUs start */
	assert_int_equal(man.driver->acquire(&man, NULL, 0, 0, NULL), 0);
	man.driver->free(&man);
	assert_true(managed(&man, name, 0)); /* and stop: pause, save, dump */
	assert_int_equal(man.driver->release(&man, &state, 0), 0);
	man.driver->free(&man);
	assert_true(managed(&man, name, 0)); /* and go on */
	assert_int_equal(man.driver->acquire(&man, state, 0, 0, NULL), 0);
	man.driver->free(&man);
	free(state);
}

uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void
expect_refusal(const char *words)
{
	uint64_t before = now_ms();
	char none, *state = &none;

	assert_int_equal(begin("db1", &state), -1);
	assert_null(state);
	assert_true(now_ms() - before < DEADLINE_MS + SLACK_MS);
	if (strstr(raised, "virt-attest: migration of 'db1' refused: ") !=
	        raised ||
	    strstr(raised, words) == NULL ||
	    strstr(raised, "'virt-attest permit db1 "
	                   "qemu+tls://HOST/system'") == NULL)
		fail_msg("'%s' without '%s'", raised, words);
}

void
expect_pass(void)
{
	char none, *state = &none;

	if (begin("db1", &state) != 0)
		fail_msg("refused: %s", raised);
	assert_null(state);
	assert_string_equal(raised, "");
}
