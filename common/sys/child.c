/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/sys.h"

enum {
	READ_SIZE = 16 * 1024,
	KILLED_MS = 1000, /* the moment that a killed one is waited for */
	PARTS_MAX = 64,   /* of an output, before the clock is looked at */
	POLL_MS = 60000,  /* the longest that poll() is asked for at once */
};

/* The parent's side of a child. */
struct run {
	pid_t pid; /* and its group's; 0: not started */
	int in, out, err, end;
	int child_out, child_err; /* the child's ends, until it has them */
	char line[sizeof(((struct child_told *)NULL)->said)];
	size_t line_len;
	bool line_over; /* the next byte begins another line */
};

static void
fd_done(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
run_done(struct run *run)
{
	fd_done(&run->in);
	fd_done(&run->out);
	fd_done(&run->err);
	fd_done(&run->end);
	fd_done(&run->child_out);
	fd_done(&run->child_err);
}

/* Above the three that a child has, even where the caller has closed its own:
 * what is moved to 0, 1 and 2 cannot lie in the way then. */
static bool
raise_fd(int *fd)
{
	int raised;

	if (*fd > STDERR_FILENO)
		return true;
	raised = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	fd_done(fd);
	*fd = raised;
	return raised >= 0;
}

static bool
make_pipe(int *ours, int *child)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	*ours = ends[0];
	*child = ends[1];
	return raise_fd(ours) && raise_fd(child) &&
	       fcntl(*ours, F_SETFL, O_NONBLOCK) == 0;
}

/* A file in memory: a child that does not read its input keeps nobody waiting,
 * and one that ended early raises no SIGPIPE here. */
static bool
make_input(int *fd, struct span in)
{
	*fd = memfd_create("input", MFD_CLOEXEC);
	if (*fd < 0 || !raise_fd(fd))
		return false;
	while (in.len != 0) {
		ssize_t n = write(*fd, in.at, in.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		in = span_of(in.at + n, in.len - (size_t)n);
	}
	return lseek(*fd, 0, SEEK_SET) == 0;
}

static int
fill_actions(posix_spawn_file_actions_t *actions, const struct run *run)
{
	int bad = posix_spawn_file_actions_adddup2(actions, run->in, 0);

	if (bad == 0)
		bad = posix_spawn_file_actions_adddup2(actions, run->child_out,
		                                       1);
	if (bad == 0)
		bad = posix_spawn_file_actions_adddup2(actions, run->child_err,
		                                       2);
	if (bad == 0)
		bad = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	if (bad == 0)
		bad = posix_spawn_file_actions_addchdir_np(actions, "/");
	return bad;
}

/* No signal of the caller's is ignored or blocked there. */
static int
fill_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int bad;

	sigemptyset(&none);
	sigfillset(&all);
	bad = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID |
	                                               POSIX_SPAWN_SETSIGMASK |
	                                               POSIX_SPAWN_SETSIGDEF);
	if (bad == 0)
		bad = posix_spawnattr_setsigmask(attributes, &none);
	if (bad == 0)
		bad = posix_spawnattr_setsigdefault(attributes, &all);
	return bad;
}

static int
spawn(struct run *run, const struct child_asked *asked)
{
	char path[] =
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char locale[] = "LC_ALL=C";
	char *const environment[] = {path, locale, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int bad = posix_spawn_file_actions_init(&actions);

	if (bad != 0)
		return bad;
	bad = posix_spawnattr_init(&attributes);
	if (bad == 0) {
		bad = fill_actions(&actions, run);
		if (bad == 0)
			bad = fill_attributes(&attributes);
		/* posix_spawn() does not write to argv, whatever its type. */
		if (bad == 0)
			bad = posix_spawn(
			    &run->pid, asked->path, &actions, &attributes,
			    (char *const *)(uintptr_t)asked->argv, environment);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return bad;
}

/* Where SIGCHLD is ignored a child is gone before it is waited for: its status
 * with it, and its number may be another's. */
static bool
ends_are_told(struct err *err)
{
	struct sigaction now;

	if (sigaction(SIGCHLD, NULL, &now) == 0 &&
	    (now.sa_flags & SA_NOCLDWAIT) == 0 &&
	    ((now.sa_flags & SA_SIGINFO) != 0 || now.sa_handler != SIG_IGN))
		return true;
	return err_set(err, ERR_INTERNAL,
	               "SIGCHLD is ignored: how a program ends is not told");
}

static bool
start(struct run *run, const struct child_asked *asked, struct err *err)
{
	int bad = 0;

	if (!make_input(&run->in, asked->in) ||
	    !make_pipe(&run->out, &run->child_out) ||
	    !make_pipe(&run->err, &run->child_err))
		bad = errno;
	if (bad == 0)
		bad = spawn(run, asked);
	fd_done(&run->in);
	fd_done(&run->child_out);
	fd_done(&run->child_err);
	if (bad != 0) {
		run->pid = 0;
		return err_set(err, ERR_IO, "%.150s could not be started: %s",
		               asked->path, strerror(bad));
	}
	/* Nobody else waits for this child: the number is still its own. */
	run->end = pidfd_open(run->pid, 0);
	if (run->end < 0)
		return err_set(err, ERR_IO, "%.150s: pidfd_open: %s",
		               asked->path, strerror(errno));
	return true;
}

/* Its standard error, of which the last line that holds anything is kept. */
static void
hear(struct run *run, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (at[i] == '\n') {
			run->line_over = true;
			continue;
		}
		if (run->line_over)
			run->line_len = 0;
		run->line_over = false;
		if (run->line_len < sizeof(run->line) - 1)
			run->line[run->line_len++] = (char)at[i];
	}
}

/* What is there now of one of its outputs; closed at its end.  `out` NULL is
 * standard error. */
static bool
drain(struct run *run, int *fd, struct buf *out,
      const struct child_asked *asked, struct err *err)
{
	uint8_t part[READ_SIZE];

	for (int i = 0; i < PARTS_MAX && *fd >= 0; i++) {
		ssize_t n = read(*fd, part, sizeof(part));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0) {
			fd_done(fd);
			return true;
		}
		if (out == NULL) {
			hear(run, part, (size_t)n);
			continue;
		}
		if ((size_t)n > asked->max - out->len)
			return err_set(err, ERR_LIMIT,
			               "%.150s said more than %zu bytes",
			               asked->path, asked->max);
		buf_add(out, span_of(part, (size_t)n));
	}
	return true;
}

/* Until it ended by itself: what it left behind does not count. */
static bool
listen_to(struct run *run, const struct child_asked *asked, struct buf *out,
          struct err *err)
{
	uint64_t deadline = sys_boot_ms() + asked->timeout_ms;
	bool ended = false;

	while (!ended) {
		struct pollfd at[] = {{.fd = run->end, .events = POLLIN},
		                      {.fd = run->out, .events = POLLIN},
		                      {.fd = run->err, .events = POLLIN},
		                      {.fd = asked->stop > 0 ? asked->stop : -1,
		                       .events = POLLIN}};
		uint64_t now = sys_boot_ms();
		uint64_t left = now < deadline ? deadline - now : 0;

		if (left == 0)
			return err_set(err, ERR_TIMEOUT,
			               "%.150s did not end within %llu ms",
			               asked->path,
			               (unsigned long long)asked->timeout_ms);
		if (poll(at, LENGTH_OF(at),
		         left > POLL_MS ? POLL_MS : (int)left) < 0 &&
		    errno != EINTR)
			return err_set(err, ERR_IO, "%.150s: poll: %s",
			               asked->path, strerror(errno));
		if (at[3].revents != 0)
			return err_set(
			    err, ERR_BUSY,
			    "%.150s was ended: there is no more time",
			    asked->path);
		/* Before its last words are read, so that they are all there.
		 */
		ended = (at[0].revents & POLLIN) != 0;
		if (!drain(run, &run->out, out, asked, err) ||
		    !drain(run, &run->err, NULL, asked, err))
			return false;
	}
	return true;
}

/* Kills what is left of its group, while the number cannot be another's: the
 * child is not waited for yet.  False: its end was not to be had. */
static bool
reap(const struct run *run, struct child_told *told)
{
	struct pollfd end = {.fd = run->end, .events = POLLIN};
	uint64_t deadline = sys_boot_ms() + KILLED_MS;
	pid_t got;
	int status = 0;

	(void)kill(-run->pid, SIGKILL);
	(void)kill(run->pid, SIGKILL);
	while (sys_boot_ms() < deadline && poll(&end, 1, KILLED_MS) < 0 &&
	       errno == EINTR)
		;
	do
		got = waitpid(run->pid, &status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got != run->pid)
		return false;
	told->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	told->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return true;
}

bool
child_run(const struct child_asked *asked, struct child_told *told,
          struct err *err)
{
	AUTO(run_done)
	struct run run = {.in = -1,
	                  .out = -1,
	                  .err = -1,
	                  .end = -1,
	                  .child_out = -1,
	                  .child_err = -1};
	bool ok;

	*told = (struct child_told){.status = -1, .out = {.max = asked->max}};
	ok = ends_are_told(err) && start(&run, asked, err) &&
	     listen_to(&run, asked, &told->out, err);
	if (run.pid == 0)
		return false;
	/* One that hangs in the kernel is left to it, and to init. */
	if (!reap(&run, told) && ok)
		ok = err_set(err, ERR_IO, "%.150s: its end was not told",
		             asked->path);
	text_ascii(span_of(run.line, run.line_len), told->said,
	           sizeof(told->said));
	return ok;
}
