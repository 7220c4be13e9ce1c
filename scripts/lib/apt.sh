# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# A private apt: Debian packages from suites that the system does not use.
# Sourced, never run.
#
# It has its own configuration and package lists in build/apt, and takes the
# mirror's address from the system's.  Nothing of the system changes.
#
#	apt_setup emulator "deb amd64 trixie trixie-backports"
#	apt_update
#	apt_versions qemu-system-arm
#	apt_download "$BUILD/cache/qemu" "qemu-system-arm=$version"
#	apt_unpack "$BUILD/cache/qemu" "$BUILD/emulator/root"
#
# A folder that apt_download or apt_source has filled has the checksums of its
# files in SHA256SUMS, which is written last, and what was asked for in REQUEST.  When
# the same is asked for again, and the checksums hold, the network is not needed.  A
# download that was cut off goes on where it stopped.

APT_LISTS=$BUILD/apt/lists

# apt_mirror: the address of the system's Debian mirror.
apt_mirror()
{
	# shellcheck disable=SC2016	# $(SITE) is for apt-get
	apt-get indextargets --format '$(SITE)' "Origin: Debian" "Label: Debian" 2> /dev/null |
		sort -u | head -n 1
}

# apt_setup NAME "TYPE ARCHITECTURES SUITE..."...: choose the suites that the other
# functions look at.  TYPE is deb or deb-src, ARCHITECTURES a list with commas.
apt_setup()
{
	local name=$1 site line type archs suites suite
	shift
	site=$(apt_mirror)
	[ -n "$site" ] || die "apt knows no Debian mirror" \
		"apt-get update, after adding Debian to /etc/apt/sources.list"
	APT_DIR=$BUILD/apt/$name
	APT_UPDATED=
	mkdir -p "$APT_LISTS/partial" "$APT_DIR/archives/partial"
	for line; do
		read -r type archs suites <<< "$line"
		for suite in $suites; do
			printf '%s [arch=%s signed-by=%s] %s %s main\n' "$type" "$archs" \
				/usr/share/keyrings/debian-archive-keyring.gpg "$site" "$suite"
		done
	done > "$APT_DIR/sources.list"
	: > "$APT_DIR/status"
	cat > "$APT_DIR/apt.conf" <<-CONF
	Dir::Etc::sourcelist "$APT_DIR/sources.list";
	Dir::Etc::sourceparts "-";
	Dir::Etc::preferences "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	Dir::State::Lists "$APT_LISTS";
	Dir::State::status "$APT_DIR/status";
	Dir::Cache "$APT_DIR";
	Acquire::Languages "none";
	APT::Default-Release "";
	APT::Get::List-Cleanup "0";
	APT::Architectures { "amd64"; "arm64"; };
	APT::Sandbox::User "root";
	CONF
}

apt_private()	{ APT_CONFIG=$APT_DIR/apt.conf "$@"; }

# apt_update: read the package lists, once per run.  A suite that the mirror does
# not have (any more) is no error: another one may have the package.
apt_update()
{
	[ -z "$APT_UPDATED" ] || return 0
	APT_UPDATED=yes
	# The lists are shared, and apt does not wait for its own lock.
	apt_private step apt-update "package lists" flock "$BUILD/apt/.lock" \
		sh -c 'apt-get update || echo "not all lists could be read"'
}

# apt_versions PACKAGE [Packages|Sources]: the versions on offer, newest first.
apt_versions()
{
	apt_private apt-cache madison "$1" 2> /dev/null |
		awk -v kind="${2:-Packages}" '$NF == kind { print $3 }' | sort -ruV
}

# apt_download DIR PACKAGE[:ARCHITECTURE][=VERSION]...: the packages as .deb files.
apt_download()	{ apt_get "$1" download "${@:2}"; }

# apt_source DIR PACKAGE[=VERSION]: the upstream tarball of a source package.
apt_source()	{ apt_get "$1" source --download-only --tar-only "${@:2}"; }

apt_get()
{
	local dir=$1 list file sum total
	shift
	if stamp_is "$dir/REQUEST" "$*" &&
	   (cd "$dir" && sha256sum --quiet -c SHA256SUMS) > /dev/null 2>&1; then
		return
	fi
	# 'address' file bytes SHA256:checksum
	list=$(apt_private apt-get -qq --print-uris "$@" 2> "$LOGS/apt-get.log" | grep "^'") || {
		sed 's/^/  | /' "$LOGS/apt-get.log" >&2
		return 1
	}
	mkdir -p "$dir"
	rm -f "$dir/REQUEST" "$dir/SHA256SUMS"
	# What is left of an earlier version would be unpacked as well.
	for file in "$dir"/*; do
		[ ! -f "$file" ] || grep -qF " $(basename "$file") " <<< "$list" || rm "$file"
	done
	total=$(awk '{ n += $3 } END { printf "%.1f", n / 1e6 }' <<< "$list")
	(cd "$dir" && apt_private step apt-get \
		"download $(wc -l <<< "$list") files, $total MB" apt-get "$@") || return
	while read -r _ file _ sum; do
		printf '%s  %s\n' "${sum#SHA256:}" "$file"
	done <<< "$list" > "$dir/SHA256SUMS.new"
	(cd "$dir" && sha256sum --quiet -c SHA256SUMS.new) || return
	mv "$dir/SHA256SUMS.new" "$dir/SHA256SUMS"
	printf '%s\n' "$*" > "$dir/REQUEST"
}

# apt_unpack DIR ROOT: unpack the .deb files of DIR as ROOT, which is replaced at
# the end.
apt_unpack()
{
	local deb
	rm -rf "$2.new"
	mkdir -p "$2.new"
	for deb in "$1"/*.deb; do
		dpkg-deb --extract "$deb" "$2.new" || return
	done
	rm -rf "$2"
	mv "$2.new" "$2"
}
