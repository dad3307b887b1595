# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Before a package is made: its manual pages are packed, as Debian has them (rpm
# does that by itself).
file(GLOB_RECURSE pages ${CPACK_TEMPORARY_DIRECTORY}/*.[1-9])
list(FILTER pages INCLUDE REGEX "/share/man/")
if(pages)
  execute_process(COMMAND gzip -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)
endif()
