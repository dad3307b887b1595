# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `cpack` in a folder of the preset `packages` makes a Debian package of each
# component; `./dev package` does that twice and looks at what came out.
# packaging/debian has their scripts and texts, docs/PACKAGES.md the why.
set(debian ${PROJECT_SOURCE_DIR}/packaging/debian)
set(to ${CMAKE_CURRENT_BINARY_DIR}/debian)
file(MAKE_DIRECTORY ${to})
execute_process(COMMAND gzip -9nc INPUT_FILE ${debian}/changelog
  OUTPUT_FILE ${to}/changelog.Debian.gz COMMAND_ERROR_IS_FATAL ANY)
file(STRINGS ${debian}/changelog newest LIMIT_COUNT 1)
string(REGEX MATCH "\\(([^-)]+)-([^)]+)\\)" version "${newest}")
if(NOT CMAKE_MATCH_1 STREQUAL PROJECT_VERSION)
  message(FATAL_ERROR "packaging/debian/changelog begins with another version than ${PROJECT_VERSION}: ${newest}")
endif()
set(CPACK_DEBIAN_PACKAGE_RELEASE ${CMAKE_MATCH_2})

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL "")
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${debian}/manuals.cmake)
# Each package has a summary of its own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_PACKAGE_CONTACT "virt-attest developers <maintainers@virt-attest.invalid>" CACHE STRING "who is asked about the packages")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SOURCE virt-attest)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(same "(= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")

# deb(COMPONENT PACKAGE [ALL] [FIELD "..." ...]): FIELDs are CPack's.
macro(deb component package)
  cmake_parse_arguments(D "ALL" "SECTION;DEPENDS;RECOMMENDS;SUGGESTS;ENHANCES" "" ${ARGN})
  string(TOUPPER ${component} key)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${package})
  file(READ ${debian}/descriptions/${package} CPACK_COMPONENT_${key}_DESCRIPTION)
  foreach(field SECTION DEPENDS RECOMMENDS SUGGESTS ENHANCES)
    if(D_${field})
      set(CPACK_DEBIAN_${key}_PACKAGE_${field} "${D_${field}}")
    endif()
  endforeach()
  if(D_ALL)
    set(CPACK_DEBIAN_${key}_PACKAGE_ARCHITECTURE all)
    set(CPACK_DEBIAN_${key}_PACKAGE_SHLIBDEPS OFF)
  endif()
  install(FILES ${debian}/copyright ${to}/changelog.Debian.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
  install(FILES ${debian}/lintian-overrides RENAME ${package}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT ${component})
endmacro()

# scripts(COMPONENT PACKAGE DAEMON UNIT [CERTIFICATE FILE] [ON UNIT...] [OFF UNIT...]):
# accounts, folders and services; the daemon's configuration is the operator's.
macro(scripts component package)
  cmake_parse_arguments(S "" "DAEMON;CERTIFICATE" "ON;OFF" ${ARGN})
  string(TOUPPER ${component} key)
  set(PACKAGE ${package})
  set(DAEMON virt-attest-${S_DAEMON}.service)
  set(CONF /etc/virt-attest/${S_DAEMON}.conf)
  set(CERTIFICATE "${S_CERTIFICATE}")
  list(JOIN S_ON " " ON)
  list(JOIN S_OFF " " OFF)
  string(STRIP "${ON} ${OFF}" STOP)
  foreach(snippet PARTING PURGE)
    string(TOLOWER ${snippet} text)
    set(${snippet} "")
    if(EXISTS ${debian}/${text}-${component}.sh)
      file(READ ${debian}/${text}-${component}.sh ${snippet})
      string(REGEX REPLACE "^(# [^\n]+\n)(# [^\n]+\n)|\n$" "" ${snippet} "${${snippet}}") # for lint
      string(REPLACE "@PACKAGE@" ${PACKAGE} ${snippet} "${${snippet}}")
    endif()
  endforeach()
  foreach(script postinst prerm postrm)
    configure_file(${debian}/${script}.in ${to}/${component}/${script} @ONLY
      FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    list(APPEND CPACK_DEBIAN_${key}_PACKAGE_CONTROL_EXTRA ${to}/${component}/${script})
  endforeach()
  file(CONFIGURE OUTPUT ${to}/${component}/conffiles CONTENT "${CONF}\n")
  list(APPEND CPACK_DEBIAN_${key}_PACKAGE_CONTROL_EXTRA ${to}/${component}/conffiles)
endmacro()

set(accounts "systemd | systemd-standalone-sysusers | systemd-sysusers")
# TCTIs are opened by name at run time.
deb(agentd virt-attest-agentd DEPENDS "${accounts}, libtss2-tcti-device0"
  SUGGESTS "virt-attest, virt-attest-doc, tpm2-openssl, libtss2-tcti-tabrmd0")
scripts(agentd virt-attest-agentd DAEMON agentd ON virt-attest-agentd.service
  CERTIFICATE /etc/pki/libvirt/servercert.pem)

deb(verifierd virt-attest-verifierd DEPENDS "${accounts}, virt-attest ${same}"
  SUGGESTS "virt-attest-gates, virt-attest-doc")
scripts(verifierd virt-attest-verifierd DAEMON verifierd
  ON virt-attest-verifierd.socket virt-attest-verifierd.service
  OFF virt-attest-trust-expire.timer virt-attest-trust-expire.service
  CERTIFICATE /etc/pki/libvirt/clientcert.pem)

# `virt-attest pki` is a script that runs openssl.
deb(cli virt-attest DEPENDS openssl SUGGESTS "virt-attest-verifierd, virt-attest-doc")

# All three ask the verifier of their own machine.  The plugin is loaded by
# libvirt's daemon, and the two others serve without it.
deb(gates virt-attest-gates DEPENDS "${accounts}, virt-attest-verifierd ${same}"
  RECOMMENDS "libvirt-daemon" SUGGESTS "nftables, polkitd, virt-attest-doc" ENHANCES "libvirt-daemon")
scripts(gates virt-attest-gates DAEMON gated OFF virt-attest-gated.service)

deb(dev virt-attest-dev SECTION libdevel RECOMMENDS "virt-attest" SUGGESTS "virt-attest-doc, pkg-config")
deb(doc virt-attest-doc ALL SECTION doc)
if(EXISTS ${PROJECT_SOURCE_DIR}/cockpit/CMakeLists.txt)
  deb(cockpit cockpit-virt-attest ALL DEPENDS "cockpit-bridge, virt-attest-verifierd")
endif()
include(CPack)
