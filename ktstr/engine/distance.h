/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far nodes are from each other, the same on every engine: what SLIT and
 * HMAT say.
 */
#ifndef KTSTR_ENGINE_DISTANCE_H
#define KTSTR_ENGINE_DISTANCE_H

#define KT_LOCAL_DISTANCE	10
#define KT_REMOTE_DISTANCE	20
#define KT_LOCAL_NSEC		10
#define KT_REMOTE_NSEC		20
#define KT_LOCAL_MBPS		10000
#define KT_REMOTE_MBPS		5000

#endif /* KTSTR_ENGINE_DISTANCE_H */
