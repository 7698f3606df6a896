# SPDX-License-Identifier: GPL-2.0-only
#
# What the rig finds beside itself, put there; sourced by the scripts here, in
# the project's directory, with OUT set and a die() of their own.

SRC=$PWD
STAGE=$OUT/build/rig
CLI=$OUT/tools/ktstr/ktstr
QEMU=${KTSTR_QEMU:-qemu-system-x86_64}

# FROM NAME [STRIP_FLAG]: as NAME among what the rig finds beside itself
stage() {
	to=$STAGE/$2
	[ -e "$1" ] || die "$1 is not there"
	[ -e "$to" ] && [ -z "$(find -H "$1" -newer "$to")" ] && return
	if [ -n "$3" ]; then
		strip "$3" -o "$to.new" "$1"
	else
		cp "$1" "$to.new"
	fi || die "cannot put $1 into $STAGE"
	mv "$to.new" "$to" || exit 1
}

first_of() {
	for f; do
		[ -f "$f" ] && echo "$f" && return
	done
}

stage_programs() {
	for f in tests/*.c; do
		stage "$OUT/${f%.c}" "$(basename "$f" .c)" -g
	done
	for f in "$OUT"/build/tests/* "$OUT"/build/bin/scx_* \
		 "$OUT/tools/scx_ktstr/scx_ktstr"; do
		[ -f "$f" ] && [ -x "$f" ] && stage "$f" "${f##*/}" -g
	done
}

# The kernel inside: what a test reads of it, without what a debugger does.
stage_kernel() {
	kernel=${KTSTR_KERNEL:-}
	[ -n "$kernel" ] || kernel=$("$CLI" kernel list |
		awk '/-minimal-/ { print $NF; exit }')
	[ -d "$kernel" ] || die "KTSTR_KERNEL=$kernel is no directory: give a" \
		"kernel's build directory, or run \"ktstr kernel build\""
	# another kernel is another time stamp: nothing of it may stay
	[ "$(cat "$STAGE/kernel-is" 2>/dev/null)" = "$kernel" ] ||
		rm -f "$STAGE"/vmlinux* "$STAGE/bzImage" "$STAGE/config"
	echo "$kernel" >"$STAGE/kernel-is"
	stage "$kernel/vmlinux" vmlinux --strip-debug
	stage "$kernel/vmlinux" vmlinux.boot -s
	stage "$(first_of "$kernel/bzImage" "$kernel/arch/x86/boot/bzImage")" \
		bzImage
	stage "$(first_of "$kernel/config" "$kernel/.config")" config
	printf 'release=inside\nbase=minimal\n' >"$STAGE/meta"
}

rig_kernel() {
	RIG_KERNEL=$KTSTR_RIG_KERNEL
	[ -z "$RIG_KERNEL" ] || return 0
	entry=$("$CLI" kernel build --nested --config "$SRC/config" \
		${KDIR:+--source "$KDIR"}) || die "the rig has no kernel"
	RIG_KERNEL=${entry#* }
}

# NAME: a file of QEMU's own
stage_firmware() {
	for dir in $("$QEMU" -L help); do
		[ -f "$dir/$1" ] || continue
		stage "$dir/$1" "$1"
		return
	done
	die "QEMU has no $1: install its firmware"
}

stage_qemu() {
	qemu=$(command -v "$QEMU") || die "there is no $QEMU"
	stage "$qemu" qemu-system-x86_64 -g
	for f in linuxboot_dma.bin pvh.bin kvmvapic.bin bios-microvm.bin qboot.rom \
		 bios-256k.bin; do
		stage_firmware "$f"
	done
}
