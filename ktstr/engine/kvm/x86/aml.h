/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The little of ACPI's byte code that names devices and their resources:
 * scopes, devices, constants, resource templates. No methods.
 */
#ifndef KTSTR_ENGINE_KVM_X86_AML_H
#define KTSTR_ENGINE_KVM_X86_AML_H

#include "../../../base/types.h"

#define KT_AML_RES_MAX	64

struct kt_aml {
	u8 *buf;
	size_t size;
	size_t len;
	bool full;		/* something did not fit; @len says no more */
};

/* A resource template that grows; KT_AML_RES_MAX is enough for one device. */
struct kt_aml_res {
	u8 bytes[KT_AML_RES_MAX];
	u32 len;
};

void kt_aml_init(struct kt_aml *a, void *buf, size_t size);

/* Opens scope "_SB_", or device @name; what they return closes it. */
size_t kt_aml_system_bus(struct kt_aml *a);
size_t kt_aml_device(struct kt_aml *a, const char *name);
void kt_aml_end(struct kt_aml *a, size_t mark);

/* Name (@name, ...); a name has 4 characters. @eisa_id like "PNP0501". */
void kt_aml_name_int(struct kt_aml *a, const char *name, u64 v);
void kt_aml_name_string(struct kt_aml *a, const char *name, const char *s);
void kt_aml_name_eisa(struct kt_aml *a, const char *name, const char *eisa_id);
void kt_aml_name_package(struct kt_aml *a, const char *name, const u64 *v,
			 u8 nr);
void kt_aml_name_res(struct kt_aml *a, const char *name,
		     const struct kt_aml_res *res);

void kt_aml_res_io(struct kt_aml_res *res, u16 port, u8 len_bytes);
void kt_aml_res_mem32(struct kt_aml_res *res, u32 base, u32 len_bytes);
/* Edge triggered, active high, exclusive. */
void kt_aml_res_irq(struct kt_aml_res *res, u32 gsi);

#endif /* KTSTR_ENGINE_KVM_X86_AML_H */
