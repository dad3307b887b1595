/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest's TPM: who emulates it, and where its state lies. */
#include <string.h>

#include "base/text.h"
#include "checks/fs_kind.h"
#include "checks/look.h"
#include "checks/machine_private.h"
#include "checks/tpm_states.h"
#include "checks/words.h"

enum {
	VERSION_PARTS = 3,
	VERSION_PART_MAX = 999,
	VERSION_PART_SIZE = 4,
	/* swtpm 0.8.0 lets the other one have the lock of a shared state. */
	SWTPM_SHARED = 8000,
};

/* "0.7.1" as 7001; what follows the third number does not count. */
static bool
version_of(const char *text, uint64_t *version)
{
	*version = 0;
	for (int i = 0; i < VERSION_PARTS; i++) {
		size_t len = strspn(text, "0123456789");
		char part[VERSION_PART_SIZE] = "";
		uint64_t number;

		if (len >= sizeof(part))
			return false;
		memcpy(part, text, len);
		if (!text_u64(part, VERSION_PART_MAX, &number) ||
		    (i + 1 < VERSION_PARTS && text[len] != '.'))
			return false;
		*version = *version * (VERSION_PART_MAX + 1) + number;
		text += len + 1;
	}
	return true;
}

/* The source keeps the TPM's state on a file system of its own. */
static bool
state_is_its_own(const struct facts *f)
{
	const struct local_path *states =
	    look_path(f, SOURCE, TPM_STATES, NULL);

	return states != NULL && states->exists && states->filesystem != NULL &&
	       !fs_kind_of(states->filesystem)->shared &&
	       !fs_kind_of(states->filesystem)->unheard;
}

/* Both ends' swtpm; the destination's decides, the source's is compared. */
static void
check_swtpm(const struct facts *f, struct result *r)
{
	const char *here =
	    f->source_local.missing == NULL ? f->source_local.swtpm : NULL;
	const char *there = f->destination_local.swtpm;
	uint64_t ours, theirs;

	if (f->destination_local.missing != NULL) {
		result_not_run(r, "%s", f->destination_local.missing);
	} else if (there == NULL) {
		if (!result_block(r, "the destination has no swtpm for the "
		                     "guest's TPM"))
			return;
		result_values(r, here, "none");
		result_remedy(r, "install swtpm there");
	} else if (!version_of(there, &theirs)) {
		result_not_run(r,
		               "the destination's swtpm is of version '%s', "
		               "which is not understood",
		               there);
	} else if (here == NULL || !version_of(here, &ours)) {
		result_warn(r,
		            "the destination has swtpm %s, and the source's "
		            "is not known to compare it with",
		            there);
	} else if (theirs < ours) {
		if (!result_warn(r, "swtpm is older on the destination: it may "
		                    "not read the TPM's state"))
			return;
		result_values(r, here, there);
		result_remedy(r, "update swtpm there");
	} else if (ours < SWTPM_SHARED && !state_is_its_own(f)) {
		if (!result_warn(r, "the TPM's state moves, unless it lies on "
		                    "storage that both hosts share: that needs "
		                    "swtpm 0.8"))
			return;
		result_values(r, here, there);
		result_remedy(r, "keep the state in a folder of each host's "
		                 "own, or update swtpm");
	} else if (result_pass(
		       r, "the destination has what the guest's TPM needs")) {
		result_values(r, here, there);
	}
}

/* Whether the destination's libvirt can run an emulated TPM of this secret. */
static bool
can_emulate_tpm(const struct facts *f, struct result *r)
{
	const struct host_facts *h = &f->destination;
	const char *secret_uuid = f->domain.tpm_secret_uuid;
	const struct looked secrets = {DESTINATION, "secret", h->secrets,
	                               h->n_secrets};
	const struct lookup_facts *secret;

	if (h->domcaps_why != NULL) {
		result_not_run(r,
		               "what TPMs the destination has is not known: "
		               "%s",
		               h->domcaps_why);
		return false;
	}
	if (!h->tpm_supported ||
	    !is_one_of(h->tpm_backends, h->n_tpm_backends, "emulator")) {
		if (result_block(r, "the destination's libvirt has no emulated "
		                    "TPM")) {
			result_values(r, "emulator", "none");
			result_remedy(r, "install swtpm there, and restart "
			                 "its libvirt");
		}
		return false;
	}
	if (secret_uuid == NULL)
		return true;
	secret = look_up(&secrets, secret_uuid, r);
	if (secret != NULL && !secret->found &&
	    result_block(r,
	                 "the TPM's state is encrypted, and the destination "
	                 "has not its secret %s",
	                 secret_uuid)) {
		result_values(r, secret_uuid, "none");
		result_remedy(r, "virsh secret-define and secret-set-value "
		                 "there");
	}
	return secret != NULL && secret->found;
}

void
check_vtpm(const struct facts *f, struct result *r)
{
	const char *backend = f->domain.tpm_backend;

	if (backend == NULL) {
		result_pass(r, "the guest has no TPM");
	} else if (f->plan.offline) {
		if (result_warn(r, "an offline migration leaves the state of "
		                   "the guest's TPM on the source"))
			result_remedy(r, "copy it yourself, or migrate the "
			                 "running domain");
	} else if (strcmp(backend, "emulator") != 0) {
		if (!result_block(r,
		                  "the guest's TPM is '%s': its state does "
		                  "not move",
		                  backend))
			return;
		result_values(r, backend, NULL);
		result_remedy(r, "give the guest an emulated TPM");
	} else if (f->destination.missing != NULL) {
		result_not_run(r, "%s", f->destination.missing);
	} else if (can_emulate_tpm(f, r)) {
		check_swtpm(f, r);
	}
}
