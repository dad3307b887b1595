/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* By name: one that this machine or libseccomp does not have is passed over. */
static const char *const refused[] = {
    /* Another view of the system. */
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "unshare",
    "setns",
    "open_by_handle_at",
    "fanotify_init",
    "quotactl",
    "quotactl_fd",
/* Others' memory and descriptors. */
#ifndef SANDBOX_TRACED
    "ptrace",
#endif
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_getfd",
    "perf_event_open",
    /* Wide doors of the kernel. */
    "bpf",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "add_key",
    "request_key",
    "keyctl",
    "vmsplice",
    "modify_ldt",
    "vm86",
    "vm86old",
    "move_pages",
    "migrate_pages",
    "lookup_dcookie",
    "nfsservctl",
    "uselib",
    "_sysctl",
    /* The machine. */
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "iopl",
    "ioperm",
    "syslog",
    "vhangup",
    "sethostname",
    "setdomainname",
    /* A verdict's age is the clock's. */
    "settimeofday",
    "clock_settime",
    "clock_settime64",
    "clock_adjtime",
    "clock_adjtime64",
    "adjtimex",
    "stime",
};

static const char *const running[] = {"execve", "execveat"};

/* Of clone(); clone3() hides its flags from a filter, and is not there. */
static const scmp_datum_t namespaces[] = {
    CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
    CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET,
};

/* Keys that somebody pressed at the terminal we were started from, perhaps. */
static const scmp_datum_t typing[] = {TIOCSTI, TIOCLINUX};

#ifdef __s390__ /* CONFIG_CLONE_BACKWARDS2: the stack comes first */
enum { CLONE_FLAGS = 1 };
#else
enum { CLONE_FLAGS = 0 };
#endif
enum { SOCKET_LAST = AF_NETLINK, API_PRCTL = 1 };

static bool
refuse_names(scmp_filter_ctx filter, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int call = seccomp_syscall_resolve_name(names[i]);

		if (call != __NR_SCMP_ERROR &&
		    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) !=
		        0)
			return false;
	}
	return true;
}

static bool
refuse_bits(scmp_filter_ctx filter, int call, unsigned argument,
            scmp_datum_t mask, scmp_datum_t is)
{
	const struct scmp_arg_cmp has = {argument, SCMP_CMP_MASKED_EQ, mask,
	                                 is};

	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), call, 1,
	                              &has) == 0;
}

static bool
refuse_flags(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < LENGTH_OF(namespaces); i++)
		if (!refuse_bits(filter, SCMP_SYS(clone), CLONE_FLAGS,
		                 namespaces[i], namespaces[i]))
			return false;
	for (size_t i = 0; i < LENGTH_OF(typing); i++)
		if (!refuse_bits(filter, SCMP_SYS(ioctl), 1, UINT32_MAX,
		                 typing[i]))
			return false;
	/* As a kernel before it: the C library takes clone() then. */
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
	                        SCMP_SYS(clone3), 0) == 0;
}

static bool
family_allowed(const struct sandbox *s, int family)
{
	return family == AF_UNIX || family == AF_NETLINK ||
	       (s->internet && (family == AF_INET || family == AF_INET6));
}

static bool
refuse_family(scmp_filter_ctx filter, enum scmp_compare how, int family)
{
	const struct scmp_arg_cmp is = {0, how, (scmp_datum_t)family, 0};

	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT),
	                              SCMP_SYS(socket), 1, &is) == 0;
}

static bool
refuse_sockets(scmp_filter_ctx filter, const struct sandbox *s)
{
	/* Those after netlink are packets, virtual machines, hashes... */
	if (!refuse_family(filter, SCMP_CMP_GT, SOCKET_LAST))
		return false;
	for (int family = 0; family < SOCKET_LAST; family++)
		if (!family_allowed(s, family) &&
		    !refuse_family(filter, SCMP_CMP_EQ, family))
			return false;
	return true;
}

/* A program of another machine word is no program of ours, nor is one an attack
 * on the daemon: its calls are not there. */
static bool
filter_load(scmp_filter_ctx filter, const struct sandbox *s, struct err *err)
{
	int failed;

	if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	                     SCMP_ACT_ERRNO(ENOSYS)) != 0 ||
	    !refuse_names(filter, refused, LENGTH_OF(refused)) ||
	    (!s->programs &&
	     !refuse_names(filter, running, LENGTH_OF(running))) ||
	    !refuse_flags(filter) || !refuse_sockets(filter, s))
		return err_set(err, ERR_INTERNAL,
		               "the filter of system calls cannot be made");
	failed = seccomp_load(filter);
	return failed == 0 ||
	       err_set(err, ERR_IO,
	               "the kernel takes no filter of system calls: %s",
	               strerror(-failed));
}

bool
sandbox_enter(const struct sandbox *s, struct err *err)
{
	scmp_filter_ctx filter;
	bool ok;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL) != 0)
		return err_set(err, ERR_IO, "prctl: %s", strerror(errno));
	/* By prctl(): seccomp(2) itself is what filters around us, and
	 * valgrind, may not know. */
	filter = seccomp_api_set(API_PRCTL) == 0 ? seccomp_init(SCMP_ACT_ALLOW)
	                                         : NULL;
	if (filter == NULL)
		return err_set(err, ERR_INTERNAL,
		               "the filter of system calls cannot be made");
	ok = filter_load(filter, s, err);
	seccomp_release(filter);
	return ok;
}
