# Unpacks Oracle's MySQL server from Debian sid into $1, with the C library it was built for, and changes nothing else
# on the machine: a package list, a cache and a state of its own.
set -eu
part="$1.part"
rm -rf "$part"
mkdir -p "$part/etc/apt/apt.conf.d" "$part/etc/apt/preferences.d" "$part/state/lists/partial" \
  "$part/cache/archives/partial" "$part/debs" "$part/root"
# The mirror that this machine uses already.
mirror=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '/^URIs:/ { print $2; exit }')
[ -n "$mirror" ] || mirror=$(awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^http/) { print $i; exit } }' /etc/apt/sources.list)
# The list of a frozen mirror may be past its date.
echo 'Acquire::Check-Valid-Until "false";' > "$part/etc/apt/apt.conf.d/99valid"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$part/etc/apt/sources.list"
cat > "$part/apt.conf" <<END
Dir::Etc "$part/etc/apt";
Dir::Etc::SourceParts "/dev/null";
Dir::State "$part/state";
Dir::State::status "/dev/null";
Dir::Cache "$part/cache";
END
export APT_CONFIG="$part/apt.conf"
apt-get -q update -o Acquire::Languages=none
packages=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
  --no-enhances mysql-server-core | grep '^[a-z]' | sort -u | grep -vE '^perl|^libperl|^libgdbm|^libdb5')
cd "$part/debs"
# shellcheck disable=SC2086
apt-get -q download -o APT::Sandbox::User=root $packages
for package in *.deb; do dpkg -x "$package" "$part/root"; done
chmod -R a+rX "$part/root"
rm -rf "$1"
mv "$part/root" "$1"
rm -rf "$part"
