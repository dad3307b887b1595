/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is read of a host's networks and devices, what of a domain is given to
 * the dry run, and what is added to a URI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "virt/lookup_private.h"

static void
test_dry_run_xml(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	const char *xml =
	    dry_run_xml("<domain type='kvm'><name>a</name><devices>"
	                "<interface type='user'/><disk type='file'/>"
	                "<hostdev type='pci'/><interface type='user'/>"
	                "</devices></domain>",
	                &a);

	(void)state;
	assert_string_equal(xml, "<domain type=\"kvm\"><name>a</name><devices>"
	                         "<disk type=\"file\"/></devices></domain>");
}

static const struct {
	const char *xml, *digest;
} networks[] = {
    {"<name>a</name>", "forward=isolated"},
    {"<forward/><bridge name='virbr0'/>", "forward=nat"},
    {"<forward mode='route' dev='eth0'/><bridge name='virbr7'/>"
     "<mtu size='9000'/>",
     "forward=route mtu=9000"},
    {"<forward mode='bridge'/><bridge name='br0'/>"
     "<vlan trunk='yes'><tag id='4'/><tag id='0x10'/></vlan>",
     "forward=bridge bridge=br0 vlan=4,16"},
    {"<forward mode='hostdev'/><virtualport type='802.1Qbh'/>"
     "<portgroup name='b'/><portgroup name='a'><vlan><tag id='7'/></vlan>"
     "</portgroup><portgroup/>",
     "forward=hostdev virtualport=802.1Qbh portgroup=- "
     "portgroup=a(vlan 7) portgroup=b"},
};

static void
test_networks(void **state)
{
	AUTO(arena_done) struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(networks); i++) {
		char xml[512];

		snprintf(xml, sizeof(xml), "<network>%s</network>",
		         networks[i].xml);
		assert_string_equal(network_digest(xml, &a),
		                    networks[i].digest);
	}
	assert_null(network_digest("<domain/>", &a));
	assert_null(network_digest("<network><vlan><tag id='x'/></vlan>"
	                           "</network>",
	                           &a));
}

static void
test_usb(void **state)
{
	static const char stick[] =
	    "<device><name>usb_1_4</name><capability type='usb_device'>"
	    "<bus>1</bus><device>2</device>"
	    "<product id='0xc52b'>Receiver</product>"
	    "<vendor id='0x046d'>Logitech, Inc.</vendor>"
	    "</capability></device>";

	(void)state;
	assert_true(nodedev_is_usb(stick, "046d:c52b"));
	assert_false(nodedev_is_usb(stick, "046d:c52c"));
	assert_false(nodedev_is_usb(stick, "046e:c52b"));
	assert_false(nodedev_is_usb("<device/>", "0000:0000"));
	assert_false(nodedev_is_usb("no XML", "0000:0000"));
}

static void
test_nodedev_name(void **state)
{
	char name[NODEDEV_NAME_MAX];

	(void)state;
	nodedev_name("pci_", "0000:3b:02.1", name, sizeof(name));
	assert_string_equal(name, "pci_0000_3b_02_1");
	nodedev_name("mdev_", "c2177883-f1bb-47f0-914d-32a22e3a8804", name,
	             sizeof(name));
	assert_string_equal(name, "mdev_c2177883_f1bb_47f0_914d_32a22e3a8804");
}

static const struct {
	const char *uri, *quiet; /* NULL: as it is */
} uris[] = {
    {"qemu+ssh://h/system", "qemu+ssh://h/system?no_tty=1"},
    {"qemu+libssh2://h/system?x=1", "qemu+libssh2://h/system?x=1&no_tty=1"},
    {"qemu+ssh://h/system?no_tty=0", NULL},
    {"qemu+tls://ssh.example.org/system", NULL},
    {"test:///default", NULL},
    {"alias-of-ssh", NULL},
    {NULL, NULL},
};

static void
test_uris(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(uris); i++) {
		char *quiet = dial_quiet_uri(uris[i].uri);

		if (uris[i].quiet == NULL) {
			assert_null(quiet);
			continue;
		}
		assert_string_equal(quiet, uris[i].quiet);
		dial_cut_uri(quiet, quiet); /* asked for so */
		assert_string_equal(quiet, uris[i].quiet);
		dial_cut_uri(uris[i].uri, quiet);
		assert_string_equal(quiet, uris[i].uri);
		free(quiet);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dry_run_xml),
	    cmocka_unit_test(test_networks),
	    cmocka_unit_test(test_usb),
	    cmocka_unit_test(test_nodedev_name),
	    cmocka_unit_test(test_uris),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
