/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tests of libvirt's endpoints share. */
#ifndef VIRT_HELP_H
#define VIRT_HELP_H

#include "virt/endpoint_private.h"

/* Or the test fails. */
struct endpoint *opened(const char *uri);
/* The failure is of that code, and has those words. */
void check_said(const struct err *, enum err_code, const char *words);

#endif
