# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The compilers.  Sourced, never run.

# The compiler.  gcc takes two thirds of clang's time; LLVM=-19 builds with clang
# instead, and for branch target identification.  The compiler cache stays in
# build/, and all kernels share it.
LLVM=${LLVM:-}
CCACHE=$(command -v ccache || true)
export CCACHE_DIR=$BUILD/ccache CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1
export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}

# kmake TARGET...: make kernel targets of the tree TREE in OUT.
kmake()
{
	local cc=${CROSS_COMPILE}gcc
	[ -z "$LLVM" ] || cc=clang$LLVM
	make -C "$TREE" O="$OUT" ${LLVM:+LLVM="$LLVM"} CC="${CCACHE:+ccache }$cc" -j "$JOBS" "$@"
}

# room: stop early if the disk that holds build/ is too full for what is to come.
room()
{
	local need=600 free
	[ -d "$LINUX" ] || need=5000
	free=$(df -Pm "$BUILD" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$need" ] ||
		die "the disk that holds build/ has $free MB left; $need MB are needed" \
			"rm -rf build/ccache build/runs, or another disk"
}
