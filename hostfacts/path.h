/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A path of this host: what is there, and on what. */
#ifndef HOSTFACTS_PATH_H
#define HOSTFACTS_PATH_H

#include "proto/local_facts.h"

/* Links are followed.  Nothing is opened but a regular file that is to be
 * hashed.  Of what is not there, its file system is that of the folder that is
 * nearest above it.  Any thread may call it. */
void path_look(const struct local_path_asked *, struct arena *,
               struct local_path *);

#endif
