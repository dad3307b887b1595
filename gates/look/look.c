/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <time.h>

#include <unistd.h>

#include "look_private.h"
#include "sys/sys.h"

void
gates_look(struct arena *arena, struct gate_facts *f)
{
	struct timespec now;

	*f = (struct gate_facts){.as_root = geteuid() == 0};
	(void)clock_gettime(CLOCK_REALTIME, &now);
	f->now_ms = look_ms(&now);
	f->booted_ms = f->now_ms - sys_boot_ms();
	look_daemon(arena, f);
	look_conf(arena, f);
	look_verifier(arena, f);
	look_trust(arena, f);
	look_lock(arena, f);
	look_net(arena, f);
	look_hooks(arena, f);
	look_polkit(arena, f);
}
