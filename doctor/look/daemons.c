/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "look_private.h"
#include "words.h"

/* Its file, and what is wrong with it. */
static void
look_conf(struct look *look, struct arena *arena, struct health_daemon *d,
          const char *named,
          bool (*load)(struct look *, const char *, struct err *))
{
	struct err err = {0};
	const char *path = NULL; /* one that was named has to be there */

	d->listen = d->silent = d->result = d->status = "";
	d->conf_there = access(d->conf, F_OK) == 0;
	if (d->conf_there && access(d->conf, R_OK) != 0)
		d->conf_hidden = words_errno(arena, errno);
	else if (d->conf_there || named != NULL)
		path = d->conf;
	if (!load(look, path, &err))
		d->conf_wrong = words_shown(arena, err.text);
}

/* The first of the files that was written after the daemon read it. */
static void
look_newer(struct health_daemon *d, const char *const *paths, size_t n)
{
	struct stat st;

	if (!d->active || d->read_ms == 0)
		return;
	for (size_t i = 0; i < n && d->newer == NULL; i++) {
		if (paths[i] == NULL || paths[i][0] != '/' ||
		    stat(paths[i], &st) != 0)
			continue;
		if ((uint64_t)st.st_mtim.tv_sec * 1000 > d->read_ms)
			d->newer = paths[i];
	}
}

void
look_agentd(struct look *look, struct arena *arena)
{
	struct health_daemon *d = &look->facts.agentd;
	const struct look_agentd *c = &look->agentd;

	*d = (struct health_daemon){
	    .name = "agentd",
	    .service = "virt-attest-agentd",
	    .conf = look->options.agentd != NULL
	                ? look->options.agentd
	                : "/etc/virt-attest/agentd.conf",
	};
	d->asked = look_is_asked_of_agentd(look);
	look_conf(look, arena, d, look->options.agentd, look_agentd_conf);
	look_unit_of(arena, "virt-attest-agentd.service", d);
	look_newer(d,
	           (const char *const[]){d->conf, c->tls_ca, c->tls_cert,
	                                 c->tls_key, c->tls_crl},
	           5);
	d->newer = arena_text(arena, d->newer);
	d->listen = arena_text(arena, c->listen);
	d->answers = look_port(arena, d->listen, &d->silent);
}

void
look_verifierd(struct look *look, struct arena *arena)
{
	struct health_daemon *d = &look->facts.verifierd;
	const struct look_verifierd *c = &look->verifierd;

	*d = (struct health_daemon){
	    .name = "verifierd",
	    .service = "virt-attest-verifierd",
	    .conf = look->options.verifierd != NULL
	                ? look->options.verifierd
	                : "/etc/virt-attest/verifierd.conf",
	};
	d->asked = look_is_asked_of_verifierd(look);
	look_conf(look, arena, d, look->options.verifierd, look_verifierd_conf);
	look_unit_of(arena, "virt-attest-verifierd.service", d);
	d->by_socket = d->unit && look_unit_is_active(
				      arena, "virt-attest-verifierd.socket");
	look_newer(d,
	           (const char *const[]){d->conf, c->tls_ca, c->tls_cert,
	                                 c->tls_key, c->tls_crl},
	           5);
	d->newer = arena_text(arena, d->newer);
	d->listen = arena_text(arena, look->options.socket != NULL
	                                  ? look->options.socket
	                                  : c->socket);
	/* To connect there would start it. */
	if (d->by_socket && !d->active)
		d->silent = "systemd would start it for who connects";
	else
		d->answers = look_socket(arena, d->listen, &d->silent);
}

static bool
nothing_to_load(struct look *look, const char *path, struct err *err)
{
	(void)look;
	(void)path;
	(void)err;
	return true;
}

void
look_gated(struct look *look, struct arena *arena)
{
	struct health_daemon *d = &look->facts.gated;

	*d = (struct health_daemon){.name = "gated",
	                            .service = "virt-attest-gated",
	                            .conf = "/etc/virt-attest/gated.conf"};
	look_conf(look, arena, d, NULL, nothing_to_load);
	look_unit_of(arena, "virt-attest-gated.service", d);
	look_newer(d, &d->conf, 1);
}

/* The daemon that migrates: virtqemud where that is in use, else libvirtd. */
void
look_libvirt(struct look *look, struct arena *arena)
{
	static const char *const names[] = {"virtqemud", "libvirtd"};
	struct health_daemon *d = &look->facts.libvirt;
	const char *tls;
	char unit[64];

	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		*d = (struct health_daemon){
		    .name = names[i],
		    .service = names[i],
		    .conf = i == 0 ? "/etc/libvirt/virtqemud.conf"
		                   : "/etc/libvirt/libvirtd.conf",
		};
		look_conf(look, arena, d, NULL, nothing_to_load);
		snprintf(unit, sizeof(unit), "%s.service", names[i]);
		look_unit_of(arena, unit, d);
		snprintf(unit, sizeof(unit), "%s.socket", names[i]);
		d->by_socket = d->unit && look_unit_is_active(arena, unit);
		if (d->active || d->by_socket || d->enabled || d->failed)
			break;
	}
	look_newer(d,
	           (const char *const[]){d->conf, "/etc/libvirt/qemu.conf",
	                                 "/etc/libvirt/qemu-virt-attest.conf"},
	           3);
	/* Who listens for TLS has the certificates: virtproxyd beside
	 * virtqemud. */
	tls = d->name == names[0] ? "/etc/libvirt/virtproxyd.conf" : d->conf;
	(void)look_libvirt_conf(look, access(tls, R_OK) == 0 ? tls : NULL,
	                        NULL);
}
