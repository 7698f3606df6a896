# SPDX-License-Identifier: GPL-2.0-only
#
# What `make check-long` adds; sourced by tests/run-check.

ROUNDS=${ROUNDS:-10}
KILLS=${KILLS:-200}

# The larger base: the tree's defconfig plus the fragment.
defconfig_kernel() {
	entry=$("$OUT/tools/ktstr/ktstr" kernel build --defconfig \
		--source "$KDIR" --config "$SRC/config") || return 1
	"$OUT/tests/simple" --kernel="${entry#* }"
}

for target in $(cd tests/fuzz && ls ./*.c); do
	target=$(basename "$target" .c)
	# what it finds goes to the first directory
	mkdir -p "$LOGS/corpus/$target"
	check "fuzz $target for a minute" timeout 300 "$SAN/fuzz/$target" \
		-max_total_time=60 -rss_limit_mb=1024 \
		-artifact_prefix="$LOGS/" "$LOGS/corpus/$target" \
		"$SRC/tests/fuzz/corpus/$target"
done
tap "defconfig kernel" defconfig_kernel
check "the suite $ROUNDS times under load" tests/repeat "$OUT" "$ROUNDS"
check "the suite $ROUNDS times under load, in real time" \
	env KTSTR_DETERMINISTIC=0 tests/repeat "$OUT" "$ROUNDS"
check "fault: sigkill in the guest $KILLS times" timeout 7200 \
	tests/faults/sigkill-in-the-guest "$OUT" "$KILLS"
check "kselftest: clean" timeout 900 tests/kselftest-form clean
