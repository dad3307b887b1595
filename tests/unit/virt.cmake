# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirt's XML, and a libvirt at the end of a URI.
unit_test(virt_xml SOURCES virt_xml_test.c ON virt)
unit_test(virt_xml_refused SOURCES virt_xml_refused_test.c ON virt)
unit_test(virt_lookup SOURCES virt_lookup_test.c ON virt LIBS PkgConfig::libvirt)
foreach(part endpoint pass stuck)
  unit_test(virt_${part} SOURCES virt_${part}_test.c virt_help.c ON virt
    LIBS PkgConfig::libvirt)
endforeach()
