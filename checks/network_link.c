/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bridges and devices of a host that NICs are on by name. */
#include <string.h>

#include "checks/look.h"
#include "checks/network_private.h"
#include "checks/words.h"

const char *
nic_mac(const struct nic_facts *nic)
{
	return nic->mac != NULL ? nic->mac : "a MAC yet to be chosen";
}

static bool
is_on_link(const struct nic_facts *nic)
{
	return same_text(nic->type, "bridge") || same_text(nic->type, "direct");
}

static bool
is_on_openvswitch(const struct nic_facts *nic)
{
	return same_text(nic->virtualport, "openvswitch");
}

/* Whether the device is what the NIC wants; else it is told. */
static bool
is_right_link(const struct nic_facts *nic, const struct local_link *link,
              struct result *r)
{
	const char *wanted = NULL;

	if (!link->exists)
		wanted = "device";
	else if (same_text(nic->type, "bridge") && is_on_openvswitch(nic) &&
	         !link->openvswitch)
		wanted = "Open vSwitch bridge";
	else if (same_text(nic->type, "bridge") && !is_on_openvswitch(nic) &&
	         (!link->bridge || link->openvswitch))
		wanted = "Linux bridge";
	if (wanted == NULL)
		return true;
	if (result_block(r,
	                 "the destination has no %s '%s', which the NIC with "
	                 "%s is on",
	                 wanted, link->name, nic_mac(nic))) {
		result_values(r, link->name,
		              link->exists ? "of another kind" : "none");
		result_remedy(r, "set it up there, or give --xml with another "
		                 "device");
	}
	return false;
}

static void
check_bridge_of(const struct facts *f, const struct nic_facts *nic,
                struct result *r)
{
	const struct local_link *link =
	    look_link(f, DESTINATION, nic->source, r);

	if (link == NULL || !is_right_link(nic, link, r))
		return;
	/* An Open vSwitch bridge forwards though its own port is down. */
	if (!link->up &&
	    !(link->openvswitch && same_text(nic->type, "bridge"))) {
		if (!result_block(r,
		                  "device '%s' is down on the destination: the "
		                  "NIC with %s would hear nothing",
		                  link->name, nic_mac(nic)))
			return;
		result_values(r, NULL, "down");
		result_remedy(r, "ip link set %s up on the destination",
		              link->name);
		return;
	}
	result_pass(r,
	            "device '%s' is on the destination and ready (what is "
	            "plugged into it there was not looked at)",
	            link->name);
}

/* A network of libvirt's may be on a bridge of the host's own: libvirt calls
 * it active whether the bridge is there or not. */
static void
check_network_bridge(const struct facts *f, const struct nic_facts *nic,
                     struct result *r)
{
	const struct looked networks = {DESTINATION, "network",
	                                f->destination.networks,
	                                f->destination.n_networks};
	const struct lookup_facts *there =
	    look_up(&networks, nic->source, NULL);
	struct nic_facts on = *nic;

	if (there == NULL || there->bridge == NULL)
		return; /* see the check "network" */
	on.type = "bridge";
	on.source = there->bridge;
	if (there->digest != NULL &&
	    strstr(there->digest, "virtualport=openvswitch") != NULL)
		on.virtualport = "openvswitch";
	check_bridge_of(f, &on, r);
}

void
check_bridge(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	for (size_t i = 0; i < d->n_nics; i++)
		if (is_on_link(&d->nics[i]))
			check_bridge_of(f, &d->nics[i], r);
		else if (same_text(d->nics[i].type, "network"))
			check_network_bridge(f, &d->nics[i], r);
	if (r->text[0] == '\0')
		result_pass(r, "no NIC is on a bridge or a device of a host");
}

static void
check_filter_of(const struct facts *f, const struct nic_facts *nic,
                struct result *r)
{
	const struct looked filters = {DESTINATION, "network filter",
	                               f->destination.filters,
	                               f->destination.n_filters};
	const struct lookup_facts *there;

	if (f->destination.missing != NULL) {
		result_not_run(r, "%s", f->destination.missing);
		return;
	}
	there = look_up(&filters, nic->filter, r);
	if (there == NULL)
		return;
	if (there->found) {
		result_pass(r, "network filter '%s' is on the destination",
		            there->name);
	} else if (result_block(r,
	                        "the destination has no network filter '%s', "
	                        "which guards the NIC with %s",
	                        there->name, nic_mac(nic))) {
		result_values(r, there->name, "none");
		result_remedy(r, "virsh nwfilter-define it on the destination");
	}
}

static const char *
vlan_filtering(const struct local_link *link)
{
	return link->vlan_filtering ? "filters VLANs" : "filters no VLANs";
}

static void
compare_links(const struct nic_facts *nic, const struct local_link *here,
              const struct local_link *there, struct result *r)
{
	if (here->mtu == 0 || there->mtu == 0) {
		result_not_run(r, "the MTU of '%s' is not known at both ends",
		               there->name);
	} else if (nic->mtu > there->mtu) {
		if (!result_warn(r,
		                 "the NIC with %s has a larger MTU than '%s' "
		                 "on the destination",
		                 nic_mac(nic), there->name))
			return;
		result_values_u64(r, nic->mtu, there->mtu, "bytes");
		result_remedy(r, "raise the MTU of '%s' there", there->name);
	} else if (here->mtu != there->mtu) {
		if (!result_warn(r,
		                 "the MTU of '%s' is not the same at both ends",
		                 there->name))
			return;
		result_values_u64(r, here->mtu, there->mtu, "bytes");
		result_remedy(r, "set the same MTU: larger frames get lost");
	} else if (here->vlan_filtering != there->vlan_filtering) {
		if (!result_warn(r,
		                 "'%s' does not filter VLANs alike at both "
		                 "ends",
		                 there->name))
			return;
		result_values(r, vlan_filtering(here), vlan_filtering(there));
		result_remedy(r, "set vlan_filtering of '%s' alike",
		              there->name);
	} else if (result_pass(r,
	                       "'%s' has the same MTU and VLAN filtering at "
	                       "both ends (which VLANs its ports have was not "
	                       "looked at)",
	                       there->name)) {
		result_values_u64(r, here->mtu, there->mtu, "bytes");
	}
}

static void
check_mtu_of(const struct facts *f, const struct nic_facts *nic,
             struct result *r)
{
	const struct local_link *here = look_link(f, SOURCE, nic->source, r),
				*there =
				    look_link(f, DESTINATION, nic->source, r);

	if (here == NULL || there == NULL)
		return;
	if (!here->exists || !there->exists)
		result_not_run(r, "%s has no '%s' whose MTU to compare",
		               end_name(here->exists ? DESTINATION : SOURCE),
		               nic->source);
	else
		compare_links(nic, here, there, r);
}

void
check_mtu(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	for (size_t i = 0; i < d->n_nics; i++) {
		const struct nic_facts *nic = &d->nics[i];

		if (nic->filter != NULL)
			check_filter_of(f, nic, r);
		if (is_on_link(nic))
			check_mtu_of(f, nic, r);
	}
	if (r->text[0] == '\0')
		result_pass(r, "no NIC has a filter, or is on a bridge or a "
		               "device of a host (a network's MTU is part of "
		               "the check 'network')");
}
