/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices of a host that a domain uses, and devices that do not move. */
#include <string.h>

#include "checks/look.h"
#include "checks/words.h"

enum {
	/* libvirt 11.3.0 lets virtiofsd hand over its state. */
	LIBVIRT_VIRTIOFS = 11003000,
};

/* The device there, or NULL: then it is told. */
static const struct lookup_facts *
device_there(const struct facts *f, const struct hostdev_facts *h,
             struct result *r)
{
	const struct looked devices = {DESTINATION, "device",
	                               f->destination.nodedevs,
	                               f->destination.n_nodedevs};
	const struct lookup_facts *there;

	if (f->destination.missing != NULL) {
		result_not_run(r, "%s", f->destination.missing);
		return NULL;
	}
	there = look_up(&devices, h->address, r);
	if (there == NULL || there->found)
		return there;
	if (result_block(r, "the destination has no %s device '%s'", h->type,
	                 there->name)) {
		result_values(r, there->name, "none");
		result_remedy(r, "detach it first, or give --xml with a "
		                 "device of the destination");
	}
	return NULL;
}

static void
check_hostdev_of(const struct facts *f, const struct hostdev_facts *h,
                 struct result *r)
{
	const bool mdev =
	    same_text(h->type, "mdev") && same_text(h->model, "vfio-pci");

	if (!mdev && !h->teaming_transient) {
		if (!result_block(
			r,
			"the guest holds %s device '%s' of the source: "
			"QEMU refuses, unless it can migrate this one",
			or_unknown(h->type), or_unknown(h->address)))
			return;
		result_values(r, h->address, NULL);
		result_remedy(r, "detach it first, or let a "
		                 "<teaming type='transient'> NIC do so");
		return;
	}
	if (device_there(f, h, r) == NULL)
		return;
	if (h->teaming_transient) {
		result_pass(r,
		            "device '%s' is unplugged for the migration, and "
		            "the destination has one at that address",
		            h->address);
	} else if (result_warn(r,
	                       "the guest holds mediated device '%s', which "
	                       "the destination has: QEMU decides whether a "
	                       "VFIO device migrates",
	                       h->address)) {
		result_values(r, h->address, h->address);
		result_remedy(r, "try 'virsh migrate': QEMU refuses before "
		                 "anything moves");
	}
}

static void
check_hostdev(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	if (moves_no_state(f, r))
		return;
	for (size_t i = 0; i < d->n_hostdevs; i++)
		if (!same_text(d->hostdevs[i].type, "usb"))
			check_hostdev_of(f, &d->hostdevs[i], r);
	/* <interface type='hostdev'>; its pool, if any, is a network. */
	for (size_t i = 0; i < d->n_nics; i++) {
		const struct nic_facts *nic = &d->nics[i];
		const struct hostdev_facts h = {
		    .type = "pci",
		    .address = nic->source,
		    .teaming_transient = nic->teaming_transient,
		};

		if (same_text(nic->type, "hostdev"))
			check_hostdev_of(f, &h, r);
	}
	if (r->text[0] == '\0')
		result_pass(r, "the guest holds no PCI, mediated or SCSI "
		               "device of the source");
}

static void
check_usb_of(const struct facts *f, const struct hostdev_facts *h,
             struct result *r)
{
	const struct looked devices = {DESTINATION, "device",
	                               f->destination.nodedevs,
	                               f->destination.n_nodedevs};
	const struct lookup_facts *there = look_up(&devices, h->address, NULL);
	const char *known = there == NULL ? "what the destination has there is "
	                                    "not known"
	                    : there->found
	                        ? "it gets the destination's own"
	                        : "the destination has none, and libvirt "
	                          "refuses unless startupPolicy lets it go";

	if (!result_warn(r, "USB device '%s' stays behind: %s",
	                 or_unknown(h->address), known))
		return;
	result_values(r, h->address,
	              there == NULL  ? NULL
	              : there->found ? there->name
	                             : "none");
	result_remedy(r, "detach it first, or plug its like into the "
	                 "destination");
}

static void
check_usb(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	if (moves_no_state(f, r))
		return;
	for (size_t i = 0; i < d->n_hostdevs; i++)
		if (same_text(d->hostdevs[i].type, "usb"))
			check_usb_of(f, &d->hostdevs[i], r);
	result_pass(r, "the guest holds no USB device of the source");
}

static void
check_virtiofs(const struct facts *f, const char *filesystem, struct result *r)
{
	const struct host_facts *ends[] = {&f->source, &f->destination};
	bool able = true;

	for (size_t i = 0; i < LENGTH_OF(ends); i++) {
		if (ends[i]->missing != NULL || ends[i]->lib_version == 0) {
			result_not_run(r,
			               "whether '%s' moves hangs on libvirt's "
			               "version, which %s does not tell",
			               filesystem, end_name((enum end)i));
			return;
		}
		able &= ends[i]->lib_version >= LIBVIRT_VIRTIOFS;
	}
	if (able)
		result_warn(r,
		            "'%s' moves only if virtiofsd can hand over its "
		            "state, which libvirt asks it",
		            filesystem);
	else if (result_block(r,
	                      "'%s' does not move: both hosts would need "
	                      "libvirt 11.3.0",
	                      filesystem))
		result_remedy(r, "unmount it in the guest and detach it");
}

/* `text`, up to `end` in it, ends in `words`. */
static bool
ends_in(const char *text, const char *end, const char *words)
{
	const size_t n = strlen(words);

	return (size_t)(end - text) >= n && strncmp(end - n, words, n) == 0;
}

/* "NAME MODEL ROLE"; without a model it is the oldest. */
static void
check_shmem(const char *shmem, struct result *r)
{
	const char *role = strrchr(shmem, ' ');
	const bool old = role == NULL || ends_in(shmem, role, " ivshmem") ||
	                 ends_in(shmem, role, " -");

	if (!old && strcmp(role, " master") == 0)
		result_pass(r, "shared memory moves: its guest is the master");
	else if (result_block(r, "shared memory '%.*s' does not move: %s",
	                      (int)strcspn(shmem, " "), shmem,
	                      old ? "libvirt refuses a plain ivshmem"
	                          : "only a master's does"))
		result_remedy(r, "detach it first");
}

static void
check_filesystem(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	if (moves_no_state(f, r))
		return;
	for (size_t i = 0; i < d->n_filesystems; i++) {
		const char *one = d->filesystems[i];

		if (begins_with(one, "virtiofs"))
			check_virtiofs(f, one, r);
		else if (result_block(
			     r,
			     "the guest has '%s' of the source, which "
			     "QEMU does not migrate while it is mounted",
			     one))
			result_remedy(r, "unmount it in the guest and detach "
			                 "it");
	}
	for (size_t i = 0; i < d->n_shmems; i++)
		check_shmem(d->shmems[i], r);
	if (r->text[0] == '\0')
		result_pass(r, "no folder or memory of the source is shared "
		               "with the guest");
}

/* In a folder of libvirt's, the system's or a user's, it makes the socket by
 * itself; a display's socket is made by QEMU, and its folder not asked about.
 */
static bool
is_made_there(const struct chardev_facts *c)
{
	return strstr(c->path, "/libvirt/qemu/") != NULL ||
	       (same_text(c->device, "graphics") &&
	        !begins_with(c->path, "/dev/"));
}

/* The path, or the folder in which a socket or a log is made. */
static void
check_chardev_path(const struct facts *f, const struct chardev_facts *c,
                   struct result *r)
{
	const bool made =
	    same_text(c->type, "unix") || same_text(c->type, "file");
	const struct local_path *there;

	/* A pseudo terminal gets another name there. */
	if (same_text(c->type, "pty") || is_made_there(c))
		return;
	there = made ? look_folder_of(f, DESTINATION, c->path, r)
	             : look_path(f, DESTINATION, c->path, r);
	if (there == NULL)
		return;
	if (there->exists) {
		result_pass(r,
		            "the destination has what the %s device at '%s' "
		            "needs%s",
		            or_unknown(c->device), c->path,
		            made ? " (a socket that QEMU connects to was not "
		                   "looked for)"
		                 : "");
		return;
	}
	/* QEMU takes PATH.in and PATH.out, too, which nobody asked about. */
	if (same_text(c->type, "pipe"))
		result_warn(r,
		            "the destination has no pipe '%s', unless as "
		            "'.in' and '.out'",
		            c->path);
	else if (result_block(r,
	                      "the destination has no '%s', which a %s device "
	                      "needs",
	                      there->path, or_unknown(c->device))) {
		result_values(r, c->path, "none");
		result_remedy(r, "create it there, or give --xml with another "
		                 "path");
	}
}

static void
check_listen(const struct facts *f, const struct chardev_facts *c,
             struct result *r)
{
	const struct local_answer_bool *there;

	if (is_every_hosts(c->listen)) {
		result_pass(r, "every host can listen on %s", c->listen);
		return;
	}
	there = look_address(f, DESTINATION, c->listen, r);
	if (there == NULL)
		return;
	if (there->yes)
		result_pass(r, "%s is an address of the destination",
		            c->listen);
	else if (result_block(r,
	                      "%s %s listens on %s, which is no address of "
	                      "the destination",
	                      or_unknown(c->device), or_unknown(c->type),
	                      c->listen)) {
		result_values(r, c->listen, "not its own");
		result_remedy(r, "give --xml with an address that both have, "
		                 "or 0.0.0.0");
	}
}

static void
check_chardev(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	for (size_t i = 0; i < d->n_chardevs; i++) {
		const struct chardev_facts *c = &d->chardevs[i];

		if (c->path != NULL)
			check_chardev_path(f, c, r);
		if (c->listen != NULL)
			check_listen(f, c, r);
	}
	if (r->text[0] == '\0')
		result_pass(r, "no character device or display needs a path or "
		               "an address of a host");
}

static void
check_device_place(const struct facts *f, struct result *r)
{
	if (moves_no_state(f, r))
		return;
	/* One that does not run gets its place when it starts. */
	if (f->domain.active && f->domain.dimm_without_slot &&
	    result_block(r, "a memory device has no slot or base address: the "
	                    "destination could place it elsewhere"))
		result_remedy(r, "start the domain anew, so that libvirt notes "
		                 "the place, or give it one");
	result_pass(r, "each memory device has its place");
}

const struct migration_check checks_device[] = {
    {.id = "hostdev",
     .compares = "PCI, mediated and SCSI devices that the guest holds",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN,
     .run = check_hostdev},
    {.id = "usb",
     .compares = "USB devices that the guest holds",
     .severity = SEVERITY_WARN,
     .needs = NEEDS_DOMAIN,
     .run = check_usb},
    {.id = "filesystem",
     .compares = "folders and memory of the source that the guest shares",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN,
     .run = check_filesystem},
    {.id = "chardev",
     .compares = "paths and listening addresses of character devices and "
                 "displays",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN,
     .run = check_chardev},
    {.id = "device-place",
     .compares = "memory devices' slots and base addresses",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN,
     .run = check_device_place},
    {0},
};
