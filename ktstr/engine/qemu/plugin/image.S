/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plugin as it was linked, for QEMU to load from a descriptor.
 */
	.section .rodata
	.globl kt_qemu_plugin_start, kt_qemu_plugin_end
	.balign 16
kt_qemu_plugin_start:
	.incbin KT_PLUGIN_FILE
kt_qemu_plugin_end:
	.section .note.GNU-stack, "", @progbits
