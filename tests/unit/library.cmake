# SPDX-License-Identifier: LGPL-2.1-or-later
# What the verifier lends, and what it gathers.
unit_test(library SOURCES library_test.c store_help.c ON verifierd_parts
  LIBS PkgConfig::sqlite3)
unit_test(gather SOURCES gather_test.c ON verifierd_parts)
unit_test(permits SOURCES permits_test.c ON verifierd_parts)
# The site's executables, which are told of events.
unit_test(events_dir SOURCES events_dir_test.c ON verifierd_parts
  LIBS Threads::Threads)
# The trust core is the test's.
unit_test(watchers SOURCES watchers_test.c ON verifierd_parts)
