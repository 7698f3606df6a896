# SPDX-License-Identifier: GPL-2.0-only
#
# What `make check-long` adds; sourced by tests/run-check.

ROUNDS=${ROUNDS:-10}

# The larger base: the tree's defconfig plus the fragment.
defconfig_kernel() {
	entry=$("$OUT/tools/ktstr/ktstr" kernel build --defconfig \
		--source "$KDIR" --config "$SRC/config") || return 1
	"$OUT/tests/simple" --kernel="${entry#* }"
}

# The default suite again and again while both cores are busy with other
# things: not one verdict may differ.
under_load() {
	pids=
	for cpu in $(seq "$(nproc)"); do
		while :; do :; done &
		pids="$pids $!"
	done
	rc=0
	for round in $(seq "$ROUNDS"); do
		for prog in eevdf simple qmap central flatcg fixture; do
			"$OUT/tests/$prog" >"$LOGS/round.log" 2>&1 && continue
			echo "round $round:"
			cat "$LOGS/round.log"
			rc=1
		done
	done
	# shellcheck disable=SC2086 # a list of processes
	kill $pids
	return $rc
}

for target in $(cd tests/fuzz && ls ./*.c); do
	target=$(basename "$target" .c)
	check "fuzz $target for a minute" timeout 300 "$SAN/fuzz/$target" \
		-max_total_time=60 -rss_limit_mb=1024 \
		-artifact_prefix="$LOGS/" "$SRC/tests/fuzz/corpus/$target"
done
tap "defconfig kernel" defconfig_kernel
check "the suite $ROUNDS times under load" under_load
check "kselftest: clean" timeout 900 tests/kselftest-form clean
