/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is shut in cannot; what daemons do, it can.  Each in a process of its
 * own, for there is no way back. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/sandbox.h"

enum { NO_FILTER = 77, FINE = 0, WRONG = 1 };

static const struct sandbox daemon_like = {.programs = true, .internet = true};
static const struct sandbox gate_like;

/* In a child that is shut in: its exit status. */
static int
shut_in(const struct sandbox *how, int (*act)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct err err;

		_exit(sandbox_enter(how, &err) ? act() : NO_FILTER);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define CALL(name)                                                             \
	{                                                                      \
#name, SYS_##name                                              \
	}

/* With arguments that none of them takes: without the filter it is EFAULT,
 * EINVAL, EBADF. */
static const struct {
	const char *name;
	long call;
} refused[] = {
    CALL(mount),
    CALL(umount2),
    CALL(pivot_root),
    CALL(chroot),
    CALL(fsopen),
    CALL(fsmount),
    CALL(fspick),
    CALL(fsconfig),
    CALL(move_mount),
    CALL(open_tree),
    CALL(unshare),
    CALL(setns),
    CALL(open_by_handle_at),
    CALL(fanotify_init),
    CALL(quotactl),
#ifndef SANDBOX_TRACED
    CALL(ptrace),
#endif
    CALL(process_vm_readv),
    CALL(process_vm_writev),
    CALL(kcmp),
    CALL(pidfd_getfd),
    CALL(perf_event_open),
    CALL(bpf),
    CALL(userfaultfd),
    CALL(io_uring_setup),
    CALL(io_uring_enter),
    CALL(io_uring_register),
    CALL(add_key),
    CALL(request_key),
    CALL(keyctl),
    CALL(vmsplice),
    CALL(move_pages),
    CALL(migrate_pages),
    CALL(init_module),
    CALL(finit_module),
    CALL(delete_module),
    CALL(kexec_load),
    CALL(reboot),
    CALL(swapon),
    CALL(swapoff),
    CALL(acct),
    CALL(syslog),
    CALL(sethostname),
    CALL(setdomainname),
    CALL(settimeofday),
    CALL(clock_settime),
    CALL(clock_adjtime),
    CALL(adjtimex),
#ifdef SYS_iopl
    CALL(iopl),
    CALL(ioperm),
    CALL(modify_ldt),
#endif
};

static size_t row;

static int
is_refused(void)
{
	errno = 0;
	return syscall(refused[row].call, -1L, -1L, -1L, -1L, -1L, -1L) == -1 &&
	               errno == EPERM
	           ? FINE
	           : WRONG;
}

static void
calls_are_refused(void **state)
{
	(void)state;
	for (row = 0; row < LENGTH_OF(refused); row++)
		if (shut_in(&daemon_like, is_refused) != FINE)
			fail_msg("%s is not refused", refused[row].name);
}

static const struct {
	int family;
	bool daemon, gate;
} families[] = {
    {AF_UNIX, true, true},     {AF_NETLINK, true, true},
    {AF_INET, true, false},    {AF_INET6, true, false},
    {AF_PACKET, false, false}, {AF_ALG, false, false},
    {AF_VSOCK, false, false},  {AF_KEY, false, false},
    {AF_X25, false, false},    {AF_BLUETOOTH, false, false},
};

static int
makes_a_socket(void)
{
	/* The kernel looks at the type first, and at the family only then:
	 * what it does not have is not what is refused. */
	return socket(families[row].family, -1, 0) == -1 && errno == EINVAL
	           ? FINE
	           : WRONG;
}

static void
sockets_are_of_few_families(void **state)
{
	(void)state;
	for (row = 0; row < LENGTH_OF(families); row++) {
		assert_int_equal(shut_in(&daemon_like, makes_a_socket),
		                 families[row].daemon ? FINE : WRONG);
		assert_int_equal(shut_in(&gate_like, makes_a_socket),
		                 families[row].gate ? FINE : WRONG);
	}
}

static int
makes_no_namespace(void)
{
	static const unsigned long flags[] = {
	    CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
	    CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET,
	};

	for (size_t i = 0; i < LENGTH_OF(flags); i++) {
		long child =
		    syscall(SYS_clone, flags[i] | SIGCHLD, 0L, 0L, 0L, 0L);

		if (child == 0)
			_exit(FINE);
		if (child != -1 || errno != EPERM)
			return WRONG;
	}
	return FINE;
}

static int
presses_no_keys(void)
{
	static const unsigned long requests[] = {TIOCSTI, TIOCLINUX,
	                                         TIOCSTI | 1UL << 32};
	char key = 'x';

	/* Another one is none of the filter's business. */
	if (ioctl(-1, TIOCGWINSZ, &key) != -1 || errno != EBADF)
		return WRONG;
	for (size_t i = 0; i < LENGTH_OF(requests); i++)
		if (syscall(SYS_ioctl, -1L, requests[i], &key) != -1 ||
		    errno != EPERM)
			return WRONG;
	return FINE;
}

static void
flags_are_looked_at(void **state)
{
	(void)state;
	assert_int_equal(shut_in(&daemon_like, makes_no_namespace), FINE);
	assert_int_equal(shut_in(&daemon_like, presses_no_keys), FINE);
}

static void *
in_a_thread(void *arg)
{
	return syscall(SYS_setns, -1L, 0L) == -1 && errno == EPERM ? arg : NULL;
}

/* What daemons do: threads, which are shut in too, and files. */
static int
lives(void)
{
	pthread_t thread;
	void *told = NULL;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || close(fd) != 0 ||
	    pthread_create(&thread, NULL, in_a_thread, &row) != 0 ||
	    pthread_join(thread, &told) != 0)
		return WRONG;
	return told == &row && prctl(PR_GET_DUMPABLE) == 0 &&
	               prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
	           ? FINE
	           : WRONG;
}

static int
runs_a_program(void)
{
	execl("/bin/sh", "sh", "-c",
	      "grep -q '^Seccomp:[^0-9]*2' /proc/self/status && "
	      "grep -q '^NoNewPrivs:[^0-9]*1' /proc/self/status && "
	      "! unshare -u true 2>/dev/null",
	      (char *)NULL);
	return errno == EPERM ? NO_FILTER + 1 : WRONG;
}

static void
who_is_shut_in_lives(void **state)
{
	(void)state;
	assert_int_equal(shut_in(&daemon_like, lives), FINE);
	assert_int_equal(shut_in(&gate_like, lives), FINE);
}

static void
programs_inherit_it_where_any_are_run(void **state)
{
	(void)state;
	assert_int_equal(shut_in(&daemon_like, runs_a_program), FINE);
	assert_int_equal(shut_in(&gate_like, runs_a_program), NO_FILTER + 1);
}

static int
twice(void)
{
	struct err err;

	return sandbox_enter(&gate_like, &err) ? is_refused() : WRONG;
}

static void
a_filter_upon_a_filter(void **state)
{
	(void)state;
	row = 0;
	assert_int_equal(shut_in(&daemon_like, twice), FINE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calls_are_refused),
	    cmocka_unit_test(sockets_are_of_few_families),
	    cmocka_unit_test(flags_are_looked_at),
	    cmocka_unit_test(who_is_shut_in_lives),
	    cmocka_unit_test(programs_inherit_it_where_any_are_run),
	    cmocka_unit_test(a_filter_upon_a_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
