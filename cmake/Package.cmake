# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `cpack` in a build folder that was configured with CMAKE_INSTALL_PREFIX=/usr
# makes a Debian package whose dependencies are read off the programs.  Accounts
# and folders come from sysusers.d and tmpfiles.d.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the virt-attest project")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The TCTIs are opened by name at run time; the PKI script runs openssl.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "openssl, libtss2-tcti-device0")
include(CPack)
