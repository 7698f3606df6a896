# SPDX-License-Identifier: GPL-2.0-only
#
# For the scripts in this directory: each makes something go wrong on purpose
# and looks at what a user would see. Sourced with the build's directory as $1.

OUT=${1:?give the build directory}
WORK=$(mktemp -d) || exit 1
LOG=$WORK/log
KTSTR_RUN_DIR=$WORK/runs
# scripts run side by side: none sees the files of another
TMPDIR=$WORK/tmp
mkdir "$TMPDIR" || exit 1
# what is ours carries this mark in its environment
KTSTR_TEST_MARK=$$-$(date +%s)
# what fails here shall fail: on a busy host it would be run once more
KTSTR_ONCE=1
export KTSTR_RUN_DIR TMPDIR KTSTR_TEST_MARK KTSTR_ONCE
trap 'rm -rf "$WORK"' EXIT
trap 'exit 143' TERM INT

die() {
	echo "$*"
	cat "$LOG"
	exit 1
}

# STATUS PROGRAM ARGS...: runs it, output in $LOG, and wants that exit status
expect_exit() {
	want=$1
	shift
	prog=$1
	shift
	"$OUT/tests/$prog" "$@" >"$LOG" 2>&1
	got=$?
	[ "$got" = "$want" ] || die "exit status $got, expected $want"
}

# PATTERN: some line of the output matches it
expect_line() {
	grep -Eq -- "$1" "$LOG" || die "no line matches: $1"
}

# Processes with our mark, but this script and its children.
leftovers() {
	for p in /proc/[0-9]*; do
		case $(tr '\0' ' ' <"$p/cmdline") in
		*qemu-system* | "$OUT"/tests/* | "$OUT"/build/tests/*)
			grep -qz "KTSTR_TEST_MARK=$KTSTR_TEST_MARK" \
				"$p/environ" && echo "${p#/proc/}" ;;
		esac
	done 2>/dev/null	# processes come and go
}

snapshot() {
	find /tmp /dev/shm "$TMPDIR" -maxdepth 1 ! -path "$WORK" \
		-name '*ktstr*' 2>/dev/null | sort
}

BEFORE=$(snapshot)

# No process of ours is left; killed ones may take a moment.
all_gone() {
	n=0
	while [ -n "$(leftovers)" ]; do
		n=$((n + 1))
		[ $n -lt 50 ] || return 1
		sleep 0.1
	done
}

# Nothing of ours is left: no process, no file.
expect_clean() {
	all_gone || die "left running: $(leftovers)"
	new=$(snapshot | grep -vxF -- "$BEFORE")
	[ -z "$new" ] || die "left behind: $new"
}

# PROGRAM ARGS...: starts it and waits until its machine has said something
start_and_wait() {
	prog=$1
	shift
	"$OUT/tests/$prog" "$@" >"$LOG" 2>&1 &
	PID=$!
	n=0
	until find "$KTSTR_RUN_DIR" -name frames -size +0 2>/dev/null |
	      grep -q .; do
		n=$((n + 1))
		[ $n -lt 600 ] || die "its machine never came up"
		kill -0 $PID 2>/dev/null || die "it ended by itself"
		sleep 0.1
	done
}
