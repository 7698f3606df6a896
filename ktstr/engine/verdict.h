/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an engine's probe found, kept in ~/.cache/ktstr/probe/<engine> until the
 * next boot or until its key changes. Four lines: the key, the version, why the
 * engine is not usable (empty when it is), and "watchpoints=1 nested=0
 * max_vcpus=252".
 */
#ifndef KTSTR_ENGINE_VERDICT_H
#define KTSTR_ENGINE_VERDICT_H

#include <limits.h>

#include "engine.h"

#define KT_VERDICT_KEY_MAX	(PATH_MAX + 128)

/* This boot, the probe's guest, and what else decides: file @path and @who. */
void kt_verdict_key(const char *path, int who, char *key, size_t size);

/* Fills what the file says into @caps; false when it has nothing for @key. */
bool kt_verdict_load(const char *engine, const char *key,
		     struct kt_engine_caps *caps);

/* A failure only means that the next one probes again. */
void kt_verdict_store(const char *engine, const char *key,
		      const struct kt_engine_caps *caps);

#endif /* KTSTR_ENGINE_VERDICT_H */
