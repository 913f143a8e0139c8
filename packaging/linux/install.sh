#!/bin/sh
# Caseworth @VERSION@ installs itself for one person: no root, no network. The program is behind this script.
set -eu
umask 022
LC_ALL=C
export LC_ALL

version='@VERSION@' machine='@MACHINE@' glibc='@GLIBC@'
sha256='@SHA256@' size='@SIZE@' data_at='@DATA_AT@' data_size='@DATA_SIZE@' lines='@LINES@'

usage() {
    cat <<TEXT
Caseworth $version for Linux on $machine.

  sh $0                      install into ~/.local
  sh $0 --prefix DIR         install into DIR
  sh $0 --uninstall          remove it again; workspaces stay
  sh $0 --check              only check that this file is whole

An installation is also removed by DIR/lib/caseworth/uninstall.
TEXT
}

fail() {
    printf 'caseworth: %s\n' "$1" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# -- what lies behind this script

package() {
    tail -n "+$lines" "$self"
}

check_whole() {
    if has sha256sum; then
        found=$(package | sha256sum | cut -d' ' -f1)
    elif has shasum; then
        found=$(package | shasum -a 256 | cut -d' ' -f1)
    else
        fail 'There is neither sha256sum nor shasum here, so the file cannot be checked. Install coreutils.'
    fi
    [ "$found" = "$sha256" ] || fail "This file is damaged or was altered: its digest is $found, not $sha256. Copy it again from where it came."
}

packed_files() {
    package | tail -c "+$((data_at + 1))" | head -c "$data_size"
}

unpack_into() {
    if has xz; then
        packed_files | xz -dc | tar -xof - -C "$1"
    elif has busybox && busybox xz --help >/dev/null 2>&1; then
        packed_files | busybox xz -dc | tar -xof - -C "$1"
    elif has dpkg-deb; then
        package >"$1/package.deb"
        dpkg-deb --fsys-tarfile "$1/package.deb" | tar -xof - -C "$1"
        rm "$1/package.deb"
    else
        fail 'There is no xz here to unpack the program. Install xz, or copy it from another machine into your PATH.'
    fi
}

# -- whether it can run here

check_machine() {
    [ "$(uname -s) $(uname -m)" = "Linux $machine" ] || fail "This is for Linux on $machine; here is $(uname -s) on $(uname -m)."
    here=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2) || here=
    [ -n "$here" ] || fail 'This system has another C library than glibc; the program needs glibc.'
    oldest=$(printf '%s\n%s\n' "$glibc" "$here" | sort -t. -k1,1n -k2,2n | head -n 1)
    [ "$oldest" = "$glibc" ] || fail "The program needs glibc $glibc or newer; here is $here. Use a newer release of this system."
}

check_prefix() {
    case $prefix in
    /*) ;;
    *) prefix=$(pwd)/$prefix ;;
    esac
    case $prefix in
    *[\"\\\$\`%\&]* | *'
'*) fail "The folder $prefix has a sign in its name that starters of programs cannot take. Choose another with --prefix." ;;
    esac
}

tell_missing() {
    has ldd || return 0
    inside=$prefix/lib/caseworth/_internal
    missing=$(
        find "$inside/PySide6/Qt" -name 'libQt6*.so*' -o -name 'libqxcb.so' |
            LD_LIBRARY_PATH="$inside:$inside/PySide6/Qt/lib" xargs ldd 2>/dev/null |
            sed -n 's/^[[:space:]]*\([^ ]*\) => not found$/\1/p' | grep -v wayland | sort -u | tr '\n' ' '
    ) || missing=
    if [ -n "$missing" ]; then
        printf '\nThe command line works. The window needs libraries that this system lacks:\n  %s\n' "$missing"
        printf 'Have them installed; on Debian and Ubuntu their packages are listed in docs/installing.md.\n'
    fi
}

# -- installing

# Make a folder below the prefix, and note each that was not there.
make_folder() {
    [ -d "$1" ] && return 0
    make_folder "$(dirname "$1")"
    mkdir "$1" || fail "The folder $1 cannot be made. Choose another place with --prefix."
    printf 'd %s\n' "$1" >>"$stage/made"
}

dress_starter() {
    while IFS= read -r line; do
        case $line in
        Exec=caseworth\ *) printf 'Exec="%s/bin/caseworth" %s\n' "$prefix" "${line#Exec=caseworth }" ;;
        Icon=*) printf 'Icon=%s/share/icons/hicolor/128x128/apps/caseworth.png\n' "$prefix" ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <"$1" >"$1.dressed"
    mv "$1.dressed" "$1"
}

install_program() {
    check_machine
    check_prefix
    check_whole
    home=$prefix/lib/caseworth
    if [ -e "$home" ] && [ ! -f "$home/installed" ]; then
        fail "There is a folder $home that no installation of Caseworth made. Move it away, or choose another --prefix."
    fi
    stage=$(mktemp -d "${TMPDIR:-/tmp}/caseworth.XXXXXX")
    trap 'rm -rf "$stage" "$prefix/lib/.caseworth.new"' EXIT
    : >"$stage/made"
    if [ -f "$home/installed" ]; then
        grep '^d ' "$home/installed" >"$stage/made" || true
    fi
    make_folder "$prefix/lib"
    new=$prefix/lib/.caseworth.new
    rm -rf "$new"
    mkdir "$new"
    printf 'Unpacking Caseworth %s into %s\n' "$version" "$prefix"
    unpack_into "$new" || fail "There is not enough room in $prefix, or it cannot be written."
    [ -x "$new/usr/lib/caseworth/caseworth" ] || fail 'The program did not unpack. Is the disk full?'
    for starter in "$new"/usr/share/applications/*.desktop; do
        dress_starter "$starter"
    done
    (cd "$new/usr" && find . \( -path ./lib -o -path ./share/lintian \) -prune -o ! -type d -print | sed 's,^\./,,' | sort) >"$stage/files"
    while IFS= read -r file; do
        if { [ -e "$prefix/$file" ] || [ -L "$prefix/$file" ]; } && ! grep -qxF "f $prefix/$file" "$home/installed" 2>/dev/null; then
            fail "There is a file $prefix/$file that no installation of Caseworth made. Move it away, or choose another --prefix."
        fi
    done <"$stage/files"
    remove_files keep
    while IFS= read -r file; do
        make_folder "$(dirname "$prefix/$file")"
        mv -f "$new/usr/$file" "$prefix/$file"
        printf 'f %s\n' "$prefix/$file" >>"$stage/made"
    done <"$stage/files"
    fresh=$new/usr/lib/caseworth
    head -n "$((lines - 1))" "$self" >"$fresh/uninstall"
    chmod 755 "$fresh/uninstall"
    cache=$prefix/share/applications/mimeinfo.cache
    if grep -qxF "c $cache" "$home/installed" 2>/dev/null || [ ! -e "$cache" ]; then
        printf 'c %s\n' "$cache" >>"$stage/made"
    fi
    sort -u "$stage/made" >"$fresh/installed"
    if [ -d "$home" ]; then
        mv "$home" "$new/old"
    fi
    mv "$fresh" "$home"
    refresh_menus
    printf 'Installed. Start it from the menu, or with %s/bin/caseworth\n' "$prefix"
    tell_missing
}

refresh_menus() {
    if [ -d "$prefix/share/mime/packages" ] && has update-mime-database; then
        update-mime-database "$prefix/share/mime" >/dev/null 2>&1 || true
    fi
    if [ -d "$prefix/share/applications" ] && has update-desktop-database; then
        update-desktop-database "$prefix/share/applications" >/dev/null 2>&1 || true
    fi
}

# -- removing

remove_files() {
    [ -f "$home/installed" ] || return 0
    sed -n 's/^f //p' "$home/installed" | while IFS= read -r file; do
        rm -f "$file"
    done
    [ "${1:-}" = keep ] && return 0
    sed -n 's/^d //p' "$home/installed" | sort -r >"$stage/folders"
    sed -n 's/^c //p' "$home/installed" >"$stage/caches"
}

made_by_us() {
    grep -qxF "$1" "$stage/folders"
}

uninstall() {
    check_prefix
    home=$prefix/lib/caseworth
    [ -f "$home/installed" ] || fail "No installation of Caseworth is in $prefix. Name its folder with --prefix."
    stage=$(mktemp -d "${TMPDIR:-/tmp}/caseworth.XXXXXX")
    trap 'rm -rf "$stage"' EXIT
    remove_files
    rm -rf "$home"
    refresh_menus
    # The lists that the desktop's own tools wrote where there were none before.
    if made_by_us "$prefix/share/mime" && rmdir "$prefix/share/mime/packages" 2>/dev/null; then
        rm -rf "$prefix/share/mime"
    fi
    while IFS= read -r cache; do
        if [ "$(cat "$cache" 2>/dev/null)" = '[MIME Cache]' ]; then
            rm -f "$cache"
        fi
    done <"$stage/caches"
    while IFS= read -r folder; do
        rmdir "$folder" 2>/dev/null || true
    done <"$stage/folders"
    printf 'Removed. Workspaces stay where they are, in %s unless another place was chosen.\n' "${XDG_DATA_HOME:-${HOME:-~}/.local/share}/caseworth"
}

# -- what is asked

self=$0
prefix=
action=install
if [ "$(basename "$self")" = uninstall ]; then
    action=uninstall
    prefix=$(cd "$(dirname "$self")/../.." && pwd)
fi
while [ $# -gt 0 ]; do
    case $1 in
    --prefix)
        [ $# -gt 1 ] || fail '--prefix wants a folder.'
        prefix=$2
        shift
        ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --uninstall) action=uninstall ;;
    --check) action=check ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
    shift
done
if [ -z "$prefix" ]; then
    [ -n "${HOME:-}" ] || fail 'There is no home folder here. Name a folder with --prefix.'
    prefix=$HOME/.local
fi
case $action in
install) install_program ;;
uninstall) uninstall ;;
check)
    check_whole
    printf 'Whole: %s bytes, SHA-256 %s\n' "$size" "$sha256"
    ;;
esac
exit 0
