/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving up privileges.
 */
#ifndef KTSTR_BASE_PRIV_H
#define KTSTR_BASE_PRIV_H

/*
 * From here on this process and its children have no capability and cannot
 * gain any, by exec of whatever. 0 or -errno; logs nothing, so it may be
 * called between fork and exec.
 */
int kt_priv_drop(void);

#endif /* KTSTR_BASE_PRIV_H */
