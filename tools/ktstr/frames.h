/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr frames FILE`: what a recorded guest-to-host stream holds, a line a
 * frame.
 */
#ifndef KTSTR_TOOLS_FRAMES_H
#define KTSTR_TOOLS_FRAMES_H

/* @argv[0] is "frames". The exit status. */
int kt_cmd_frames(int argc, const char **argv);

#endif /* KTSTR_TOOLS_FRAMES_H */
