# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What the parts of the tests share.  Sourced by the parts, which scripts/test runs with
#
#	RUN		the folder for their results
#	VARIANT		the kernel: series, or base when its verdicts are measured
#	TESTS, SUITES	the selftests and KUnit modules that T= names, with commas
#	M		the modes that are wanted, if not all
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../lib/results.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tree.sh"

: "${RUN:?run by scripts/test}" "${VARIANT:?run by scripts/test}"
