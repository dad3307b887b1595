/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <unistd.h>

#include "look_private.h"
#include "sys/sys.h"

void
gates_look(struct arena *arena, struct gate_facts *f)
{
	*f = (struct gate_facts){.as_root = geteuid() == 0};
	f->now_ms = sys_unix_us() / 1000;
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
