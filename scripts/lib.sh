# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What the scripts share, by subject.  Sourced, never run.
for lib in common tree build results; do
	# shellcheck source=/dev/null
	. "$(dirname "${BASH_SOURCE[0]}")/lib/$lib.sh"
done
