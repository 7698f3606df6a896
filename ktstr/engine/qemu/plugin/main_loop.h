/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's main loop in step with its vCPUs. It runs timers that are due, and what
 * devices put off, as soon as the host lets it: under load that is between any two
 * turns of the vCPUs, and a machine that counts its instructions goes another way
 * for it. Here it waits while they run. It has its turn when all of them are idle,
 * and at once when one of them has told it of something: they wait for it then.
 *
 * For that the plugin is preloaded as well: it stands between QEMU and the C
 * library. Without, QEMU's main loop does as it likes.
 */
#ifndef KTSTR_ENGINE_QEMU_PLUGIN_MAIN_LOOP_H
#define KTSTR_ENGINE_QEMU_PLUGIN_MAIN_LOOP_H

/* The calling thread is the one that runs all vCPUs, and does so now. */
void main_loop_vcpus_run(void);

/* It does as it likes from now on. */
void main_loop_let_go(void);

#endif /* KTSTR_ENGINE_QEMU_PLUGIN_MAIN_LOOP_H */
