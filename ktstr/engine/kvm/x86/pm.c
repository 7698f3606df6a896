// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power-off and reset: ACPI 6.5, 4.8.3.7 (sleep control of a hardware-reduced
 * machine) and 4.8.3.6 (reset register), and an i8042 that knows one command.
 */
#include "layout.h"
#include "pm.h"

#define SLP_EN			0x20
#define SLP_TYP_SHIFT		2
#define SLP_TYP_MASK		7
#define I8042_COMMAND		0x64
#define I8042_PULSE_RESET	0xfe

static void read_zero(void *dev, u32 offset, void *buf, u32 len_bytes)
{
	(void)dev;
	(void)offset;
	memset(buf, 0, len_bytes);
}

static void acpi_write(void *dev, u32 offset, const void *buf, u32 len_bytes)
{
	const u8 *p = buf;
	struct kt_pm *pm = dev;
	u32 i;

	for (i = 0; i < len_bytes; i++) {
		u32 port = KT_X86_PM_SLEEP_CONTROL + offset + i;

		if (port == KT_X86_PM_RESET && p[i] == KT_X86_PM_RESET_VALUE)
			pm->end(pm->arg, KT_END_RESET);
		if (port == KT_X86_PM_SLEEP_CONTROL && (p[i] & SLP_EN) &&
		    ((p[i] >> SLP_TYP_SHIFT) & SLP_TYP_MASK) == KT_X86_PM_S5)
			pm->end(pm->arg, KT_END_POWER_OFF);
	}
}

static void i8042_write(void *dev, u32 offset, const void *buf, u32 len_bytes)
{
	const u8 *p = buf;
	struct kt_pm *pm = dev;

	(void)offset;
	(void)len_bytes;
	if (*p == I8042_PULSE_RESET)
		pm->end(pm->arg, KT_END_RESET);
}

static const struct kt_bus_ops acpi_ops = {
	.read	= read_zero,
	.write	= acpi_write,
};

/* Its status reads as idle, or Linux waits for it before it resets. */
static const struct kt_bus_ops i8042_ops = {
	.read	= read_zero,
	.write	= i8042_write,
};

int kt_pm_add(struct kt_pm *pm, struct kt_bus *ports)
{
	int ret;

	ret = kt_bus_add(ports, KT_X86_PM_SLEEP_CONTROL,
			 KT_X86_PM_RESET + 1 - KT_X86_PM_SLEEP_CONTROL,
			 &acpi_ops, pm);
	return ret ? ret : kt_bus_add(ports, I8042_COMMAND, 1, &i8042_ops, pm);
}
