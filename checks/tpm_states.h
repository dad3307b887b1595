/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where libvirt keeps the states of guests' TPMs, a folder for each domain;
 * only root may look into it. */
#ifndef CHECKS_TPM_STATES_H
#define CHECKS_TPM_STATES_H

#define TPM_STATES "/var/lib/libvirt/swtpm"

#endif
