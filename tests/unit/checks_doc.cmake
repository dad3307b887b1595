# SPDX-License-Identifier: LGPL-2.1-or-later
# What docs/CHECKLIST.md says of the table of checks.
unit_test(checks_doc SOURCES checks_doc_test.c ON checks sys base)
