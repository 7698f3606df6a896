// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities dropped with libcap.
 */
#include <errno.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "priv.h"

int kt_priv_drop(void)
{
	cap_t none;
	int ret = 0;

	/* without new privileges root's exec gets no more than it has now */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	/* bounding and ambient sets and securebits; only who has CAP_SETPCAP can */
	if (cap_get_bound(CAP_SETPCAP) == 1 && cap_set_mode(CAP_MODE_NOPRIV) &&
	    errno != EPERM)
		return -errno;
	none = cap_init();
	if (!none || cap_set_proc(none))
		ret = -errno;
	cap_free(none);
	return ret;
}
