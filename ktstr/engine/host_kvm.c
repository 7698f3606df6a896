// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening KVM, as far as that tells anything: the probes run something in it.
 */
#include <fcntl.h>
#include <stdio.h>

#include "host_kvm.h"

const char *kt_host_kvm_path(void)
{
	const char *p = getenv("KTSTR_KVM");

	return p && *p ? p : "/dev/kvm";
}

int kt_host_kvm_open(int *fd, char *why, size_t size)
{
	const char *path = kt_host_kvm_path();
	int err;

	*fd = open(path, O_RDWR | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	err = errno;
	switch (err) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		snprintf(why, size,
			 "there is no %s (load kvm_intel or kvm_amd, or enable nested virtualisation)",
			 path);
		break;
	case EACCES:
	case EPERM:
		snprintf(why, size,
			 "no permission for %s (add yourself to the group kvm)",
			 path);
		break;
	default:
		snprintf(why, size, "%s: %s", path, strerror(err));
	}
	return -err;
}
