/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the two libvirts lock a domain, confine it, and own its files. */
#include <string.h>

#include "checks/domain_private.h"
#include "checks/look.h"
#include "checks/words.h"

/* A key of both qemu.conf that is not set is "", and means `unset`.  False
 * when one of them is not known, and that is told. */
static bool
read_key(const struct facts *f, const char *key, const char *unset,
         const char *values[2], struct result *r)
{
	const struct local_facts *ends[] = {&f->source_local,
	                                    &f->destination_local};

	for (size_t i = 0; i < LENGTH_OF(ends); i++) {
		const char *why = ends[i]->missing != NULL
		                      ? ends[i]->missing
		                      : ends[i]->qemu_conf_why;

		if (why != NULL || values[i] == NULL) {
			result_not_run(r,
			               "%s of %s's qemu.conf is not known: "
			               "%s",
			               key, end_name((enum end)i),
			               why != NULL ? why : "it was not told");
			return false;
		}
		if (values[i][0] == '\0')
			values[i] = unset;
	}
	return true;
}

/* Our lock-driver gate stands before the lock manager of the host, and has no
 * state of its own for the other end to refuse; sanlock's leases have. */
static bool
is_gate_beside(const char *one, const char *other)
{
	return same_text(one, "virt-attest") && !same_text(other, "sanlock");
}

void
check_lock_driver(const struct facts *f, struct result *r)
{
	const char *values[2] = {f->source_local.lock_manager,
	                         f->destination_local.lock_manager};

	if (!read_key(f, "lock_manager", "nop", values, r))
		return;
	if (same_text(values[0], values[1])) {
		if (!result_pass(r,
		                 "both hosts have lock manager '%s' (by "
		                 "qemu.conf; a libvirt that was not restarted "
		                 "has another)",
		                 values[0]))
			return;
	} else if (is_gate_beside(values[0], values[1]) ||
	           is_gate_beside(values[1], values[0])) {
		if (!result_warn(r, "one host has the lock-driver gate; which "
		                    "lock manager it hands on to was not "
		                    "looked at"))
			return;
		result_remedy(r, "see that 'next' of its "
		                 "qemu-virt-attest.conf is the other host's "
		                 "lock_manager");
	} else {
		if (!result_block(r, "the hosts have different lock managers, "
		                     "which libvirt refuses"))
			return;
		result_remedy(r, "set lock_manager of qemu.conf alike, and "
		                 "restart libvirt");
	}
	result_values(r, values[0], values[1]);
}

/* `model` of `len`, or up to its end for a name. */
static const struct secmodel_facts *
secmodel_of(const struct host_facts *h, const char *model, size_t len)
{
	for (size_t i = 0; i < h->n_secmodels; i++) {
		const char *one = h->secmodels[i].model;

		if (one != NULL && strlen(one) == len &&
		    strncmp(one, model, len) == 0)
			return &h->secmodels[i];
	}
	return NULL;
}

/* "TYPE MODEL LABEL": libvirt there refuses a model that it has not, also for
 * a label that it would make itself. */
static void
check_seclabel(const struct facts *f, const char *label, struct result *r)
{
	const char *model = strchr(label, ' ');
	size_t len;

	if (model == NULL || begins_with(label, "none"))
		return;
	model++;
	len = strcspn(model, " ");
	if ((len == 1 && model[0] == '-') ||
	    (len == strlen("none") && begins_with(model, "none")))
		return;
	if (secmodel_of(&f->destination, model, len) != NULL) {
		if (begins_with(label, "static "))
			result_pass(r,
			            "the destination has the driver of the "
			            "static label '%s' (whether it knows "
			            "the label was not looked at)",
			            model);
		return;
	}
	if (!result_block(r,
	                  "the domain has a label of security driver "
	                  "'%.*s', which the destination has not",
	                  (int)len, model))
		return;
	result_values(r, label, "none");
	result_remedy(r, "turn the driver on there, or give --xml without the "
	                 "label");
}

/* Drivers of `a` that `b` has not. */
static void
compare_secmodels(const struct host_facts *a, const struct host_facts *b,
                  enum end only, struct result *r)
{
	for (size_t i = 0; i < a->n_secmodels; i++) {
		const char *model = a->secmodels[i].model;

		if (model == NULL ||
		    secmodel_of(b, model, strlen(model)) != NULL)
			continue;
		if (!result_warn(r, "only %s has security driver '%s': %s",
		                 end_name(only), model,
		                 only == SOURCE
		                     ? "the guest is confined less there"
		                     : "the guest's files must have its labels "
		                       "there"))
			continue;
		result_values(r, only == SOURCE ? model : "none",
		              only == SOURCE ? "none" : model);
		result_remedy(r, "set security_driver of qemu.conf alike");
	}
}

void
check_security_label(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	for (size_t i = 0; i < d->n_seclabels; i++)
		check_seclabel(f, d->seclabels[i], r);
	compare_secmodels(&f->source, &f->destination, SOURCE, r);
	compare_secmodels(&f->destination, &f->source, DESTINATION, r);
	result_pass(r, "both hosts have the same security drivers");
}

static void
compare_owners(const struct facts *f, struct result *r)
{
	const size_t len = strlen("dac");
	const struct secmodel_facts *here = secmodel_of(&f->source, "dac", len);
	const struct secmodel_facts *there =
	    secmodel_of(&f->destination, "dac", len);

	/* A user's own libvirt has none: all is that user's. */
	if (here == NULL && there == NULL) {
		result_pass(r, "neither libvirt runs QEMU as another user");
	} else if (here == NULL || there == NULL || here->label == NULL ||
	           there->label == NULL) {
		result_not_run(r, "as whom %s runs QEMU is not known",
		               end_name(here == NULL || here->label == NULL
		                            ? SOURCE
		                            : DESTINATION));
	} else if (same_text(here->label, there->label)) {
		if (result_pass(r,
		                "QEMU has the same user and group at both "
		                "ends (what NFS makes of them was not looked "
		                "at)"))
			result_values(r, here->label, there->label);
	} else if (result_warn(r, "QEMU has another user or group on the "
	                          "destination: it may not open what the "
	                          "source's owns")) {
		result_values(r, here->label, there->label);
		result_remedy(r, "set user and group of qemu.conf alike, by "
		                 "number");
	}
}

void
check_qemu_user(const struct facts *f, struct result *r)
{
	const char *values[2] = {f->source_local.dynamic_ownership,
	                         f->destination_local.dynamic_ownership};

	compare_owners(f, r);
	/* Another user is worth more words than what is not known. */
	if (r->outcome == OUTCOME_WARN ||
	    !read_key(f, "dynamic_ownership", "1", values, r) ||
	    same_text(values[0], values[1]))
		return;
	if (!result_warn(r, "only one of the hosts takes ownership of a "
	                    "guest's files"))
		return;
	result_values(r, values[0], values[1]);
	result_remedy(r, "set dynamic_ownership of qemu.conf alike");
}
