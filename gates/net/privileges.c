/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gated.h"

enum { CAPABILITIES_MAX = 64 };

/* Two system calls: not worth a library. */
static bool
keep_one(unsigned capability)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};
	const uint32_t bit = 1u << (capability % 32);

	/* Not inheritable: nothing is run. */
	sets[capability / 32].effective = bit;
	sets[capability / 32].permitted = bit;
	return syscall(SYS_capset, &head, sets) == 0;
}

bool
privileges_drop(struct err *err)
{
	/* Those of the bounding set first: afterwards we may not.  As nobody's
	 * service we may not in the first place, and it is empty. */
	for (unsigned long c = 0; c < CAPABILITIES_MAX; c++)
		if (c != CAP_NET_ADMIN)
			(void)prctl(PR_CAPBSET_DROP, c, 0UL, 0UL, 0UL);
	(void)prctl(PR_CAP_AMBIENT, (unsigned long)PR_CAP_AMBIENT_CLEAR_ALL,
	            0UL, 0UL, 0UL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0 ||
	    !keep_one(CAP_NET_ADMIN))
		return err_set(err, ERR_DENIED,
		               "CAP_NET_ADMIN is needed, and cannot be kept: "
		               "%s",
		               strerror(errno));
	return true;
}
