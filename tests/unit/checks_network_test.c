/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of NICs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checks_told.h"

#define UUID "5a2f4a0e-5f0c-4d0c-9a1e-000000000001"
#define MAC  "52:54:00:00:00:01"

/* A domain of one NIC, of these members. */
#define NIC_OF(...)                                                            \
	.domain = {.name = "web",                                              \
	           .uuid = UUID,                                               \
	           .n_nics = 1,                                                \
	           .nics = &(struct nic_facts){__VA_ARGS__}}
#define NIC(...) NIC_OF(.mac = MAC, __VA_ARGS__)
#define NO_NIC   .domain = {.name = "web", .uuid = UUID}
#define NETWORK(...)                                                           \
	{                                                                      \
		.n_networks = 1, .networks = &(struct lookup_facts)            \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define FILTER(...)                                                            \
	{                                                                      \
		.n_filters = 1, .filters = &(struct lookup_facts)              \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define LINK(...)                                                              \
	{                                                                      \
		.n_links = 1, .links = &(struct local_link)                    \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define PATH(...)                                                              \
	{                                                                      \
		.n_paths = 1, .paths = &(struct local_path)                    \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define NEIGHBOUR(...)                                                         \
	{                                                                      \
		.n_neighbours = 1, .neighbours = &(struct neighbour_facts)     \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define MACS(...)                                                              \
	.n_macs = LENGTH_OF(((const char *[]){__VA_ARGS__})),                  \
	.macs = (const char *[])                                               \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

#define ON_LAN  NIC(.type = "network", .source = "lan")
#define LAN     .name = "lan", .found = true, .active = true
#define NAT     LAN, .digest = "nat virbr0"
#define ON_BR0  NIC(.type = "bridge", .source = "br0")
#define ON_ETH0 NIC(.type = "direct", .source = "eth0")
#define ON_OVS                                                                 \
	NIC(.type = "bridge", .source = "br0", .virtualport = "openvswitch")
#define BRIDGE .name = "br0", .exists = true, .bridge = true
#define BR0    BRIDGE, .up = true, .mtu = 1500
#define OVS    .name = "br0", .exists = true, .openvswitch = true, .mtu = 1500
#define ETH0   .name = "eth0", .exists = true, .mtu = 1500
#define SOCKET NIC(.type = "vhostuser", .source = "/run/vhu0")

#define LAN_ON_BR0 .name = "lan", .found = true, .active = true, .bridge = "br0"

static const struct told told[] = {
    /* network */
    {"network", OUTCOME_PASS, "no NIC is on a network", .facts = {NO_NIC}},
    {"network", OUTCOME_PASS, "no NIC is on a network", .facts = {ON_BR0}},
    {"network", OUTCOME_PASS, "no API can prove", "nat virbr0", "nat virbr0",
     .facts = {ON_LAN, .source = NETWORK(NAT), .destination = NETWORK(NAT)}},
    {"network", OUTCOME_BLOCK, "the destination has no network 'lan'", "lan",
     "none", "--xml",
     .facts = {ON_LAN, .source = NETWORK(NAT),
               .destination = NETWORK(.name = "lan")}},
    {"network", OUTCOME_BLOCK, "'lan' is not active", NULL, "inactive",
     "net-start lan",
     .facts = {ON_LAN, .source = NETWORK(NAT),
               .destination = NETWORK(.name = "lan", .found = true)}},
    {"network", OUTCOME_WARN, "may be another segment", "nat virbr0",
     "bridge br7", "net-dumpxml lan",
     .facts = {ON_LAN, .source = NETWORK(NAT),
               .destination = NETWORK(LAN, .digest = "bridge br7")}},
    {"network", OUTCOME_WARN, "not known to the source",
     .facts = {ON_LAN, .source = NETWORK(.name = "lan"),
               .destination = NETWORK(NAT)}},
    {"network", OUTCOME_NOT_RUN, "the source does not describe network 'lan'",
     .facts = {ON_LAN, .source = NETWORK(LAN), .destination = NETWORK(NAT)}},
    {"network", OUTCOME_NOT_RUN, "the destination does not describe",
     .facts = {ON_LAN, .source = NETWORK(NAT), .destination = NETWORK(LAN)}},
    {"network", OUTCOME_NOT_RUN,
     "the destination was not asked about network 'lan'",
     .facts = {ON_LAN, .source = NETWORK(NAT)}},
    {"network", OUTCOME_NOT_RUN, "the source was not asked about",
     .facts = {ON_LAN, .destination = NETWORK(NAT)}},
    {"network", OUTCOME_NOT_RUN, "about network 'not known'",
     .facts = {NIC(.type = "network"), .destination = NETWORK(NAT)}},
    {"network", OUTCOME_NOT_RUN, "tell of network 'lan': no driver",
     .facts = {ON_LAN, .source = NETWORK(NAT),
               .destination = NETWORK(.name = "lan", .why = "no driver")}},
    {"network", OUTCOME_NOT_RUN, "connection refused",
     .facts = {ON_LAN, .destination.missing = "connection refused"}},
    {"network", OUTCOME_NOT_RUN, "connection refused",
     .facts = {ON_LAN, .source.missing = "connection refused",
               .destination = NETWORK(NAT)}},

    /* bridge */
    {"bridge", OUTCOME_PASS, "no NIC is on a bridge",
     .facts = {ON_LAN, .destination_local.missing = "no agent"}},
    {"bridge", OUTCOME_PASS, "was not looked at",
     .facts = {ON_BR0, .destination_local = LINK(BR0)}},
    {"bridge", OUTCOME_PASS, "'eth0' is on the destination",
     .facts = {ON_ETH0, .destination_local = LINK(ETH0, .up = true)}},
    /* A network on a bridge of the host's own is active without it. */
    {"bridge", OUTCOME_PASS, "'br0' is on the destination",
     .facts = {ON_LAN, .destination = NETWORK(LAN_ON_BR0, .digest = "x"),
               .destination_local = LINK(BR0)}},
    {"bridge", OUTCOME_PASS, "'br0' is on the destination",
     .facts = {ON_LAN,
               .destination =
                   NETWORK(LAN_ON_BR0, .digest = "virtualport=openvswitch"),
               .destination_local = LINK(OVS)}},
    {"bridge", OUTCOME_BLOCK, "no device 'br0', which the NIC with " MAC, "br0",
     "none", "--xml",
     .facts = {ON_LAN, .destination = NETWORK(LAN_ON_BR0),
               .destination_local = LINK(.name = "br0")}},
    {"bridge", OUTCOME_NOT_RUN, "no agent",
     .facts = {ON_LAN, .destination = NETWORK(LAN_ON_BR0),
               .destination_local.missing = "no agent"}},
    /* An Open vSwitch bridge's own port is often down. */
    {"bridge", OUTCOME_PASS, "'br0' is on the destination",
     .facts = {ON_OVS, .destination_local = LINK(OVS)}},
    {"bridge", OUTCOME_BLOCK, "no device 'br0', which the NIC with " MAC, "br0",
     "none", "--xml",
     .facts = {ON_BR0, .destination_local = LINK(.name = "br0")}},
    {"bridge", OUTCOME_BLOCK, "no Open vSwitch bridge 'br0'", "br0",
     "of another kind", .facts = {ON_OVS, .destination_local = LINK(BR0)}},
    {"bridge", OUTCOME_BLOCK, "no Linux bridge 'br0'",
     .facts = {ON_BR0, .destination_local = LINK(OVS)}},
    {"bridge", OUTCOME_BLOCK, "no Linux bridge 'br0'",
     .facts = {ON_BR0, .destination_local =
                           LINK(.name = "br0", .exists = true, .up = true)}},
    {"bridge", OUTCOME_BLOCK, "'br0' is down", NULL, "down", "ip link set br0",
     .facts = {ON_BR0, .destination_local = LINK(BRIDGE, .mtu = 1500)}},
    {"bridge", OUTCOME_BLOCK, "'eth0' is down",
     .facts = {ON_ETH0, .destination_local = LINK(ETH0)}},
    /* A port of one does not. */
    {"bridge", OUTCOME_BLOCK, "'br0' is down",
     .facts = {NIC(.type = "direct", .source = "br0"),
               .destination_local = LINK(OVS)}},
    {"bridge", OUTCOME_NOT_RUN, "no agent",
     .facts = {ON_BR0, .destination_local.missing = "no agent"}},
    {"bridge", OUTCOME_NOT_RUN, "not asked about network device 'br0'",
     .facts = {ON_BR0, .destination_local = LINK(ETH0, .up = true)}},

    /* mtu */
    {"mtu", OUTCOME_PASS, "no NIC has a filter",
     .facts = {ON_LAN, .source_local.missing = "no agent"}},
    {"mtu", OUTCOME_PASS, "same MTU and VLAN filtering", "1500 bytes",
     "1500 bytes",
     .facts = {ON_BR0, .source_local = LINK(BR0),
               .destination_local = LINK(BR0)}},
    {"mtu", OUTCOME_WARN, "the MTU of 'br0' is not the same", "1500 bytes",
     "9000 bytes", "the same MTU",
     .facts = {ON_BR0, .source_local = LINK(BR0),
               .destination_local = LINK(BRIDGE, .up = true, .mtu = 9000)}},
    {"mtu", OUTCOME_WARN, MAC " has a larger MTU than 'br0'", "9000 bytes",
     "1500 bytes", "raise the MTU",
     .facts = {NIC(.type = "bridge", .source = "br0", .mtu = 9000),
               .source_local = LINK(BR0), .destination_local = LINK(BR0)}},
    {"mtu", OUTCOME_PASS, "same MTU",
     .facts = {NIC(.type = "bridge", .source = "br0", .mtu = 1500),
               .source_local = LINK(BR0), .destination_local = LINK(BR0)}},
    {"mtu", OUTCOME_WARN, "does not filter VLANs alike", "filters VLANs",
     "filters no VLANs", "vlan_filtering",
     .facts = {ON_BR0, .source_local = LINK(BR0, .vlan_filtering = true),
               .destination_local = LINK(BR0)}},
    {"mtu", OUTCOME_NOT_RUN, "the MTU of 'br0' is not known",
     .facts = {ON_BR0, .source_local = LINK(BRIDGE, .up = true),
               .destination_local = LINK(BR0)}},
    {"mtu", OUTCOME_NOT_RUN, "the destination has no 'br0'",
     .facts = {ON_BR0, .source_local = LINK(BR0),
               .destination_local = LINK(.name = "br0")}},
    {"mtu", OUTCOME_NOT_RUN, "the source has no 'br0'",
     .facts = {ON_BR0, .source_local = LINK(.name = "br0"),
               .destination_local = LINK(BR0)}},
    {"mtu", OUTCOME_NOT_RUN, "no agent",
     .facts = {ON_BR0, .source_local.missing = "no agent",
               .destination_local = LINK(BR0)}},
    {"mtu", OUTCOME_PASS, "network filter 'clean' is on the destination",
     .facts = {NIC(.type = "network", .filter = "clean"),
               .destination = FILTER(.name = "clean", .found = true)}},
    {"mtu", OUTCOME_BLOCK, "no network filter 'clean'", "clean", "none",
     "nwfilter-define",
     .facts = {NIC(.type = "network", .filter = "clean"),
               .destination = FILTER(.name = "clean")}},
    {"mtu", OUTCOME_NOT_RUN,
     "the destination was not asked about network filter 'clean'",
     .facts = {NIC(.type = "network", .filter = "clean")}},
    {"mtu", OUTCOME_NOT_RUN, "refused",
     .facts = {NIC(.type = "network", .filter = "clean"),
               .destination.missing = "refused"}},

    /* mac-clash */
    {"mac-clash", OUTCOME_PASS, "of other hosts on the segment nothing",
     .facts = {ON_LAN, .destination = NEIGHBOUR(.name = "db", .uuid = "x",
                                                MACS("52:54:00:00:00:02"))}},
    {"mac-clash", OUTCOME_WARN, "MAC of domain 'db' on the destination",
     "52:54:00:AB:00:01", "db", "another MAC",
     .facts = {NIC_OF(.mac = "52:54:00:AB:00:01"),
               .destination =
                   NEIGHBOUR(.name = "db", .uuid = "x", .active = true,
                             MACS(MAC, "52:54:00:ab:00:01"))}},
    {"mac-clash", OUTCOME_WARN, "which is not running",
     .facts = {ON_LAN,
               .destination = NEIGHBOUR(.name = "db", .uuid = "x", MACS(MAC))}},
    /* Its own definition there. */
    {"mac-clash", OUTCOME_PASS, "no MAC",
     .facts = {ON_LAN, .destination =
                           NEIGHBOUR(.name = "web", .uuid = UUID, MACS(MAC))}},
    {"mac-clash", OUTCOME_NOT_RUN, "are not known: denied",
     .facts = {ON_LAN, .destination.neighbours_why = "denied"}},

    /* port-profile */
    {"port-profile", OUTCOME_PASS, "no NIC has a port profile",
     .facts = {ON_OVS}},
    {"port-profile", OUTCOME_WARN, "port profile 802.1Qbg", "802.1Qbg", NULL,
     "switch", .facts = {NIC(.type = "direct", .virtualport = "802.1Qbg")}},
    {"port-profile", OUTCOME_WARN, "port profile 802.1Qbh",
     .facts = {NIC(.type = "direct", .virtualport = "802.1Qbh")}},
    {"port-profile", OUTCOME_BLOCK, "passt", "passt", NULL, "unplug",
     .facts = {NIC(.type = "user", .backend = "passt")}},
    {"port-profile", OUTCOME_PASS, "only the definition moves",
     .facts = {NIC(.type = "user", .backend = "passt"), .plan.offline = true}},
    {"port-profile", OUTCOME_WARN, "slirp-helper",
     .facts = {NIC(.type = "user")}},
    {"port-profile", OUTCOME_BLOCK, "vDPA", NULL, NULL, "unplug",
     .facts = {NIC(.type = "vdpa", .source = "/dev/vhost-vdpa-0")}},
    {"port-profile", OUTCOME_WARN, "same features at '/run/vhu0'", "/run/vhu0",
     "there",
     .facts = {SOCKET,
               .destination_local = PATH(.path = "/run/vhu0", .exists = true)}},
    {"port-profile", OUTCOME_WARN, "finds no socket '/run/vhu0'", "/run/vhu0",
     "none", .facts = {SOCKET, .destination_local = PATH(.path = "/run/vhu0")}},
    {"port-profile", OUTCOME_NOT_RUN, "not asked about path '/run/vhu0'",
     .facts = {SOCKET, .destination_local = PATH(.path = "/run/vhu")}},
    {"port-profile", OUTCOME_NOT_RUN, "could not look at '/run/vhu0': denied",
     .facts = {SOCKET, .destination_local =
                           PATH(.path = "/run/vhu0", .why = "denied")}},
    {"port-profile", OUTCOME_NOT_RUN, "no agent",
     .facts = {SOCKET, .destination_local.missing = "no agent"}},
    {"port-profile", OUTCOME_NOT_RUN, "socket of a vhost-user NIC",
     .facts = {NIC(.type = "vhostuser")}},
    {"port-profile", OUTCOME_NOT_RUN, "no such domain",
     .facts = {.domain.missing = "no such domain"}},
};

static void
nics_are_judged(void **state)
{
	(void)state;
	tells(told, LENGTH_OF(told));
	tells_all(checks_network, told, LENGTH_OF(told));
}

/* The gravest of several NICs is told, the others are counted. */
static void
the_gravest_nic_is_told(void **state)
{
	struct nic_facts nics[] = {
	    {.type = "bridge", .source = "br0", .mac = "52:54:00:00:00:01"},
	    {.type = "bridge", .source = "br1", .mac = "52:54:00:00:00:02"},
	    {.type = "bridge", .source = "br1", .mac = "52:54:00:00:00:03"},
	};
	struct local_link links[] = {{BR0}, {.name = "br1"}};
	const struct facts facts = {
	    .domain = {.n_nics = LENGTH_OF(nics), .nics = nics},
	    .destination_local = {.n_links = LENGTH_OF(links), .links = links},
	};
	struct result r;

	(void)state;
	check_run(check_of("bridge"), &facts, &r);
	assert_int_equal(r.outcome, OUTCOME_BLOCK);
	assert_int_equal(r.more, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nics_are_judged),
	    cmocka_unit_test(the_gravest_nic_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
