# shellcheck shell=bash
# Sourced by the other scripts: where the project is, and the packages that a script needs.
# Progress goes to standard error, so that what a command prints (JSON, say) can be piped.

seqwire_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

progress() { printf '==> %s\n' "$*" >&2; }

complain_and_exit() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# The package names in the sections named, one in a line.
packages_of() {
  local section
  for section in "$@"; do
    awk -v wanted="[$section]" '
      { sub(/#.*/, ""); gsub(/[ \t]/, "") }
      /^\[/ { inside = ($0 == wanted); next }
      inside && $0 != "" { print }' "$seqwire_root/scripts/apt-packages.txt"
  done
}

is_installed() {
  dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# install_packages SECTION...: installs what is missing of these sections, and nothing when nothing is.
install_packages() {
  local package missing=() as_root=()
  if ! command -v dpkg-query >/dev/null; then
    progress "no dpkg here: going on in the hope that these are present: $(packages_of "$@" | tr '\n' ' ')"
    return
  fi
  while read -r package; do
    is_installed "$package" || missing+=("$package")
  done < <(packages_of "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0

  local lacking="lacking packages; install them with: apt-get install --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || complain_and_exit "$lacking (as root)"
    as_root=(sudo)
  fi
  progress "installing ${missing[*]}"
  # An update that fails may still leave the packages within reach (an old index, a local mirror).
  "${as_root[@]}" apt-get -q update >&2 || progress "apt-get update failed; trying with the index that is there"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 \
    install --no-install-recommends "${missing[@]}" >&2 || complain_and_exit "$lacking"
}

# configure PRESET CACHE-ENTRY...: configures the preset's build folder, from any working directory.
configure() {
  progress "configuring build/$1"
  (cd "$seqwire_root" && cmake --preset "$@") >&2
}

# build PRESET BUILD-ARGUMENT...: builds in the preset's folder.
build() {
  progress "building build/$1"
  (cd "$seqwire_root" && cmake --build --preset "$@") >&2
}
