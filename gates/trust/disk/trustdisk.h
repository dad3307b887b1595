/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The trust file on the disk.  QEMU opens it at any moment: it sees the old one
 * whole, or the new one whole. */
#ifndef TRUSTDISK_TRUSTDISK_H
#define TRUSTDISK_TRUSTDISK_H

#include "trustfile/trustfile.h"

enum {
	/* Who cannot have the lock after this long goes on without: who holds
	 * it hangs, and to close is right at any time. */
	TRUSTDISK_LOCK_MS = 2000,
	/* A text that was made longer ago does not replace the file any more:
	 * whoever was stopped meanwhile must not undo what another wrote. */
	TRUSTDISK_AGE_MS = 1000,
};

/* The writers' lock of a trust file; -1: another holds it.  It ends with the
 * descriptor, which is to be closed.  ERR_BUSY, or why there is none. */
MUST_CHECK bool trustdisk_lock(const char *path, int *fd, struct err *);

/* Puts `text`, made at `made_ms` (of sys_boot_ms()), in the place of the file:
 * synced, then renamed, readable by all, owned as the file was.  What is there
 * must be a regular file or nothing: no link is followed or replaced.  `writer`
 * is part of the temporary file's name.  ERR_IO, ERR_BUSY when the text is too
 * old by now. */
MUST_CHECK bool trustdisk_write(const char *path, const char *writer,
                                struct span text, uint64_t made_ms,
                                struct err *);

/* Takes the file away: what is left to who must close and cannot write (a full
 * disk).  Without it QEMU takes nobody.  One that is not there is gone; one in
 * a folder that may not be written any more is made empty, where it is ours. */
MUST_CHECK bool trustdisk_remove(const char *path, struct err *);

/* This boot's id: what systemd said (VIRT_ATTEST_BOOT_ID, a unit's %b, for a
 * service that does not see /proc/sys), or the kernel. */
MUST_CHECK bool trustdisk_boot(char out[TRUSTFILE_BOOT_SIZE], struct err *);

#endif
