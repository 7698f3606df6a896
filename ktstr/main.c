// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fork in the road of every test program: as /init of a machine it is the
 * guest, everywhere else (also as PID 1 of a container) the host's controller.
 */
#include <string.h>
#include <unistd.h>

#include "guest/init.h"
#include "host/main.h"

int main(int argc, char **argv)
{
	if (getpid() == 1 && !strcmp(argv[0], "/init"))
		return kt_guest_main(argc, argv);
	return kt_host_main(argc, argv);
}
