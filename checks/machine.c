/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a guest takes for its board: firmware, ROMs, TPM, sealed memory. */
#include "checks/look.h"
#include "checks/machine_private.h"
#include "checks/rom.h"
#include "checks/words.h"

static void
check_launch_security(const struct facts *f, struct result *r)
{
	const char *kind = f->domain.launch_security;

	if (kind == NULL) {
		result_pass(r, "the guest's memory is not sealed to its host");
	} else if (!moves_no_state(f, r) &&
	           result_block(r,
	                        "the guest's memory is sealed to its host by "
	                        "'%s': it does not move while it runs",
	                        kind)) {
		result_values(r, kind, NULL);
		result_remedy(r, "shut it down, and start it on the "
		                 "destination");
	}
}

/* A file whose bytes the guest sees: they must be as many, and had better be
 * the same. */
static void
compare_file(const struct facts *f, const char *what, const char *path,
             struct result *r)
{
	const struct local_path *there = look_path(f, DESTINATION, path, r);
	const struct local_path *here;

	if (there == NULL)
		return;
	if (!there->exists) {
		if (!result_block(r, "the destination has no %s '%s'", what,
		                  path))
			return;
		result_values(r, path, "none");
		result_remedy(r, "install the source's firmware package there");
		return;
	}
	here = look_path(f, SOURCE, path, r);
	if (here == NULL)
		return;
	if (!here->exists) {
		result_warn(r,
		            "%s '%s' is gone from the source: it cannot be "
		            "compared with the destination's",
		            what, path);
	} else if (here->size != there->size) {
		if (!result_block(r,
		                  "%s '%s' is not of the same size at both "
		                  "ends, which QEMU refuses",
		                  what, path))
			return;
		result_values_u64(r, here->size, there->size, "bytes");
		result_remedy(r, "install the same firmware package at both");
	} else if (here->sha256 == NULL || there->sha256 == NULL) {
		result_warn(r,
		            "%s '%s' has the same size at both ends, and "
		            "its content was not compared",
		            what, path);
	} else if (!same_name(here->sha256, there->sha256)) {
		if (!result_warn(r,
		                 "%s '%s' is not the same at both ends: the "
		                 "guest gets the other one when it restarts",
		                 what, path))
			return;
		result_values(r, here->sha256, there->sha256);
		result_remedy(r, "install the same firmware package at both");
	} else if (result_pass(r, "%s '%s' is the same at both ends", what,
	                       path)) {
		result_values(r, here->sha256, there->sha256);
	}
}

/* What libvirt there would choose from, or know of, by its descriptors. */
static void
check_firmware_known(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;
	const struct host_facts *h = &f->destination;

	if (h->missing != NULL || h->domcaps_why != NULL) {
		result_not_run(r,
		               "what firmware the destination knows is not "
		               "known: %s",
		               h->missing != NULL ? h->missing
		                                  : h->domcaps_why);
	} else if (d->loader != NULL) {
		if (!is_one_of(h->loaders, h->n_loaders, d->loader))
			result_warn(r,
			            "the destination's libvirt does not "
			            "list firmware '%s': it runs, but is "
			            "never chosen there",
			            d->loader);
	} else if (is_one_of(h->firmwares, h->n_firmwares, d->firmware)) {
		result_pass(r,
		            "the destination's libvirt has '%s' firmware to "
		            "choose from",
		            d->firmware);
	} else if (result_block(r,
	                        "the destination's libvirt has no '%s' "
	                        "firmware to choose",
	                        d->firmware)) {
		result_values(r, d->firmware, "none");
		result_remedy(r, "install it there (ovmf, AAVMF)");
	}
}

static void
check_firmware(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;
	const struct local_path *nvram = NULL;

	if (d->loader == NULL && d->firmware == NULL) {
		result_pass(r, "the guest has QEMU's own firmware, which is "
		               "part of its machine type");
		return;
	}
	if (f->plan.offline && d->nvram != NULL &&
	    result_warn(r, "an offline migration leaves the firmware's "
	                   "variables on the source"))
		result_remedy(r, "copy '%s' yourself", d->nvram);
	if (d->loader != NULL)
		compare_file(f, "firmware", d->loader, r);
	check_firmware_known(f, r);
	if (d->nvram != NULL)
		nvram = look_path(f, DESTINATION, d->nvram, NULL);
	/* Variables that are there already need no template. */
	if (d->nvram_template != NULL && (nvram == NULL || !nvram->exists))
		compare_file(f, "template of variables", d->nvram_template, r);
}

/* The first of the paths that exists; NULL after "not-run". */
static const struct local_path *
rom_at(const struct facts *f, enum end end, char paths[ROM_PATHS][ROM_PATH_MAX],
       size_t n, struct result *r)
{
	for (size_t i = 0; i < n; i++) {
		const struct local_path *path = look_path(f, end, paths[i], r);

		if (path == NULL || path->exists)
			return path;
	}
	result_not_run(r,
	               "%s has no '%s', nor elsewhere where it was looked "
	               "for",
	               end_name(end), paths[0]);
	return NULL;
}

/* As QEMU makes it a block of memory. */
static uint64_t
power_of_two(uint64_t size)
{
	uint64_t p = 1;

	while (p != 0 && p < size)
		p <<= 1;
	return p;
}

static void
compare_roms(const struct facts *f, const char *model,
             char paths[ROM_PATHS][ROM_PATH_MAX], size_t n, struct result *r)
{
	const struct local_path *here = rom_at(f, SOURCE, paths, n, r),
				*there = rom_at(f, DESTINATION, paths, n, r);

	if (here == NULL || there == NULL)
		return;
	if (power_of_two(here->size) != power_of_two(there->size)) {
		if (!result_warn(r,
		                 "the ROM of '%s' takes another size on the "
		                 "destination: QEMU refuses if the running "
		                 "guest has the source's",
		                 model))
			return;
		result_values_u64(r, here->size, there->size, "bytes");
		result_remedy(r, "install the same ROM package at both, or "
		                 "start the guest with <rom bar='off'/>");
	} else if (result_pass(r,
	                       "the ROM of '%s' takes the same size at both "
	                       "ends (the running QEMU may hold an older "
	                       "one)",
	                       model)) {
		result_values_u64(r, here->size, there->size, "bytes");
	}
}

static void
check_roms(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;
	char paths[ROM_PATHS][ROM_PATH_MAX];
	size_t n;

	if (moves_no_state(f, r))
		return;
	for (size_t i = 0; i < d->n_nics; i++) {
		n = rom_of_nic(d->nics[i].model, paths);
		if (n > 0)
			compare_roms(f, d->nics[i].model, paths, n, r);
	}
	for (size_t i = 0; i < d->n_videos; i++) {
		n = rom_of_video(d->videos[i], paths);
		if (n > 0)
			compare_roms(f, d->videos[i], paths, n, r);
	}
	if (r->text[0] == '\0')
		result_pass(r, "no device of the guest has an option ROM that "
		               "is known here");
}

const struct migration_check checks_machine[] = {
    {.id = "vtpm",
     .compares = "the guest's TPM: its back end, swtpm and secret",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN,
     .run = check_vtpm},
    {.id = "launch-security",
     .compares = "memory that is sealed to the host",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN,
     .run = check_launch_security},
    {.id = "firmware",
     .compares = "the firmware's files: there, of the same size and content",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN,
     .run = check_firmware},
    {.id = "roms",
     .compares = "the sizes of the devices' option ROMs",
     .severity = SEVERITY_WARN,
     .needs = NEEDS_DOMAIN,
     .run = check_roms},
    {0},
};
