# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(inventory SOURCES inventory_test.c ${PROJECT_SOURCE_DIR}/cli/address.c
  ${PROJECT_SOURCE_DIR}/cli/csv.c ${PROJECT_SOURCE_DIR}/cli/inventory_parse.c
  ON proto evidence crypto_openssl)
target_include_directories(inventory_test PRIVATE ${PROJECT_SOURCE_DIR}/cli)
unit_test(when SOURCES when_test.c ${PROJECT_SOURCE_DIR}/cli/when.c ON base)
target_include_directories(when_test PRIVATE ${PROJECT_SOURCE_DIR}/cli)
unit_test(uri SOURCES uri_test.c ${PROJECT_SOURCE_DIR}/cli/uri.c
  ON virt checks proto evidence sys crypto_openssl)
target_include_directories(uri_test PRIVATE ${PROJECT_SOURCE_DIR}/cli)
unit_test(move_options SOURCES move_options_test.c ${PROJECT_SOURCE_DIR}/cli/move_options.c
  ${PROJECT_SOURCE_DIR}/cli/screen.c
  ON virt checks proto evidence sys crypto_openssl)
target_include_directories(move_options_test PRIVATE ${PROJECT_SOURCE_DIR}/cli)
unit_test(guard SOURCES guard_test.c ${PROJECT_SOURCE_DIR}/cli/guard.c
  ON virt checks proto evidence sys LIBS Threads::Threads)
target_include_directories(guard_test PRIVATE ${PROJECT_SOURCE_DIR}/cli)
unit_test(ways SOURCES ways_test.c ${PROJECT_SOURCE_DIR}/cli/together.c
  ${PROJECT_SOURCE_DIR}/cli/print.c ${PROJECT_SOURCE_DIR}/cli/uri.c
  ${PROJECT_SOURCE_DIR}/cli/ways.c
  ON virt checks proto evidence sys crypto_openssl LIBS Threads::Threads)
target_include_directories(ways_test PRIVATE ${PROJECT_SOURCE_DIR}/cli)
unit_test(journey SOURCES journey_test.c ${PROJECT_SOURCE_DIR}/cli/journey.c
  ON virt checks proto evidence sys)
target_include_directories(journey_test PRIVATE ${PROJECT_SOURCE_DIR}/cli)
unit_test(journey_permit SOURCES journey_permit_test.c ${PROJECT_SOURCE_DIR}/cli/pass.c
  ${PROJECT_SOURCE_DIR}/cli/permit_ask.c
  ${PROJECT_SOURCE_DIR}/cli/together.c
  ON virt checks proto evidence sys crypto_openssl LIBS Threads::Threads)
target_include_directories(journey_permit_test PRIVATE ${PROJECT_SOURCE_DIR}/cli)
unit_test(screen SOURCES screen_test.c ${PROJECT_SOURCE_DIR}/cli/move_print.c
  ${PROJECT_SOURCE_DIR}/cli/screen.c
  ON virt checks proto evidence sys)
target_include_directories(screen_test PRIVATE ${PROJECT_SOURCE_DIR}/cli)
unit_test(board SOURCES board_test.c ON board)
unit_test(complete SOURCES complete_test.c ${PROJECT_SOURCE_DIR}/cli/complete.c
  ON proto evidence)
target_include_directories(complete_test PRIVATE ${PROJECT_SOURCE_DIR}/cli)
