# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(sys_child SOURCES sys_child_test.c ON sys base LIBS Threads::Threads)
unit_test(sys_config SOURCES sys_config_test.c ON sys base)
unit_test(sys_control SOURCES sys_control_test.c ON sys base
  LIBS Threads::Threads)
unit_test(sys_file SOURCES sys_file_test.c ON sys base)
unit_test(sys_knock SOURCES sys_knock_test.c ON sys)
unit_test(sys_journal SOURCES sys_journal_test.c ON sys base)
target_link_options(sys_journal_test PRIVATE -Wl,--wrap=journal_send)
unit_test(life SOURCES life_test.c ON life net sys base)
unit_test(sys_log SOURCES sys_log_test.c ON sys base)
