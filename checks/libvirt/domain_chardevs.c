/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What joins a domain to its host's files, sockets and addresses. */
#include "checks/words.h"
#include "domain_private.h"

/* The <source> of a character device: of udp there are two, and the one that
 * is bound is the host's. */
static void
read_source(struct xml_reading *r, const xmlNode *device,
            struct chardev_facts *c)
{
	const xmlNode *source = xml_first(device, "source");
	const xmlNode *bound = xml_of(device, "source", "mode", "bind");

	/* A pty is made anew on each host. */
	if (!same_text(c->type, "pty"))
		c->path = xml_text(r, source, "path");
	if (same_text(c->type, "tcp") || same_text(c->type, "udp"))
		c->listen = xml_text(r, bound, "host");
}

static void
read_plain(struct xml_reading *r, const xmlNode *device,
           struct chardev_facts *c)
{
	c->type = xml_text(r, device, "type");
	read_source(r, device, c);
}

static void
read_rng(struct xml_reading *r, const xmlNode *device, struct chardev_facts *c)
{
	const xmlNode *backend = xml_first(device, "backend");

	if (xml_is(backend, "model", "random")) {
		c->type = "dev";
		c->path = xml_text(r, backend, NULL);
		return;
	}
	c->type = xml_text(r, backend, "type"); /* of an egd */
	if (c->type == NULL)
		c->type = xml_text(r, backend, "model");
	read_source(r, backend, c);
}

static void
read_smartcard(struct xml_reading *r, const xmlNode *device,
               struct chardev_facts *c)
{
	read_plain(r, device, c);
	if (c->type == NULL)
		c->type = xml_text(r, device, "mode"); /* "host" */
	if (c->path == NULL)
		c->path = xml_text(r, xml_first(device, "database"), NULL);
}

/* Of a <listen> of a network the host finds its own address. */
static void
read_graphics(struct xml_reading *r, const xmlNode *device,
              struct chardev_facts *c)
{
	const xmlNode *by_socket = xml_of(device, "listen", "type", "socket");
	const xmlNode *first = xml_first(device, "listen");
	const xmlNode *by_address = xml_of(device, "listen", "type", "address");

	c->type = xml_text(r, device, "type");
	c->path = xml_text(r, by_socket, "socket");
	if (c->path == NULL)
		c->path = xml_text(r, xml_first(device, "gl"), "rendernode");
	if (by_address != NULL)
		c->listen = xml_text(r, by_address, "address");
	else if (first == NULL)
		c->listen = xml_text(r, device, "listen");
}

static const struct {
	const char *name;
	void (*read)(struct xml_reading *, const xmlNode *,
	             struct chardev_facts *);
} chardev_kinds[] = {
    {"serial", read_plain},   {"parallel", read_plain},
    {"console", read_plain},  {"channel", read_plain},
    {"rng", read_rng},        {"smartcard", read_smartcard},
    {"redirdev", read_plain}, {"graphics", read_graphics},
};

/* libvirt tells the first serial port again as a console. */
static bool
is_told(const struct domain_facts *d, const struct chardev_facts *c)
{
	return same_text(c->device, "console") && d->n_chardevs > 0 &&
	       same_text(d->chardevs[0].device, "serial") &&
	       same_text(c->type, d->chardevs[0].type) &&
	       (c->path == NULL || same_text(d->chardevs[0].path, c->path));
}

static void
add_chardev(struct xml_reading *r, struct domain_facts *d,
            const struct chardev_facts *c)
{
	if (is_told(d, c))
		return;
	if (d->n_chardevs == CHARDEVS_MAX)
		(void)xml_bad(r, ERR_LIMIT, "over %d character devices",
		              CHARDEVS_MAX);
	else
		d->chardevs[d->n_chardevs++] = *c;
}

void
domain_chardevs(struct xml_reading *r, const xmlNode *devices,
                struct domain_facts *d)
{
	d->chardevs = arena_new(r->arena, CHARDEVS_MAX, sizeof(*d->chardevs));
	for (size_t k = 0; k < LENGTH_OF(chardev_kinds); k++)
		for (const xmlNode *at =
		         xml_first(devices, chardev_kinds[k].name);
		     at != NULL; at = xml_next(at)) {
			struct chardev_facts c = {.device =
			                              chardev_kinds[k].name};

			chardev_kinds[k].read(r, at, &c);
			add_chardev(r, d, &c);
		}
}
