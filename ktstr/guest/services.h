/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the operations of a scenario need of the host and of init.
 */
#ifndef KTSTR_GUEST_SERVICES_H
#define KTSTR_GUEST_SERVICES_H

#include "../scenario/steps.h"

/* Their argument is the case, a struct ktstr_ctx. */
extern const struct kt_scenario_services kt_guest_services;

#endif /* KTSTR_GUEST_SERVICES_H */
