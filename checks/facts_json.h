/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facts as one JSON object, for checks of others (docs/CHECKS.md has its
 * members):
 * {"version":1,"now_s":N,"plan":{},"domain":{},"source":{},"destination":{},
 * "source_local":{},"destination_local":{},"reach":{},"trust":{}}.  What is
 * not known is left out; a section that is missing is {"missing":"why"}. */
#ifndef CHECKS_FACTS_JSON_H
#define CHECKS_FACTS_JSON_H

#include "checks/facts.h"
#include "proto/json.h"

enum { FACTS_JSON_VERSION = 1 };

struct json *facts_encode(const struct facts *);

#endif
