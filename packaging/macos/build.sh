#!/bin/sh
# Builds dist/caseworth-VERSION-macos-MACHINE.dmg on a Mac with the command line tools of Xcode, CMake and Python 3.11+.
#
#   packaging/macos/build.sh [folder with llama.cpp's libraries, as packaging/llama/build.py made it before]
#
# $CASEWORTH_SIGN_MACOS     command that signs a file or bundle put behind it (docs/signing-code.md). Without it the
#                           bundle is signed ad hoc: it runs on this Mac, and elsewhere only after it is let through.
# $CASEWORTH_NOTARISE_MACOS command that has Apple notarise the disk image put behind it, and waits for the answer.
set -eu
cd "$(dirname "$0")/../.."
fail() { echo "$1" >&2; exit 1; }

[ "$(uname -s)" = Darwin ] || fail "A disk image for macOS can only be built on a Mac: PyInstaller packs what it finds."
for program in cmake codesign hdiutil iconutil python3; do
    command -v "$program" > /dev/null || fail "$program is not here: install Xcode's command line tools, CMake and Python."
done
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0

python3 packaging/environment.py --installer
own=build/installer/env/bin/python
version=$("$own" -c 'from app import __version__; print(__version__)')
machine=$(uname -m)

icons=build/macos/caseworth.iconset
rm -rf build/macos && mkdir -p "$icons"
for size in 16 32 128 256 512; do
    "$own" packaging/art.py "$size" "$icons/icon_${size}x${size}.png"
    "$own" packaging/art.py "$((size * 2))" "$icons/icon_${size}x${size}@2x.png"
done
iconutil --convert icns --output build/macos/caseworth.icns "$icons"
export CASEWORTH_ICON="$PWD/build/macos/caseworth.icns"

"$own" packaging/installer.py ${1:+--llama "$1"}
app=build/installer/program/Caseworth.app
[ -d "$app" ] || fail "PyInstaller made no $app."

# From the inside out: a bundle's signature covers the signatures of what lies in it.
if [ -n "${CASEWORTH_SIGN_MACOS:-}" ]; then
    find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -u+x \) -print0 |
        xargs -0 "$own" packaging/signing.py MACOS
    "$own" packaging/signing.py MACOS "$app"
else
    echo "Signed ad hoc, for \$CASEWORTH_SIGN_MACOS names no command." >&2
    codesign --force --deep --sign - --entitlements packaging/macos/entitlements.plist "$app"
fi
codesign --verify --deep --strict "$app"

stage=build/macos/stage
mkdir -p "$stage" dist
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
image="dist/caseworth-$version-macos-$machine.dmg"
hdiutil create -quiet -ov -volname Caseworth -fs HFS+ -format UDZO -srcfolder "$stage" "$image"
"$own" packaging/signing.py MACOS "$image"
if [ -n "${CASEWORTH_NOTARISE_MACOS:-}" ]; then
    $CASEWORTH_NOTARISE_MACOS "$image"
    xcrun stapler staple "$image"
fi
(cd dist && shasum -a 256 "${image#dist/}" > SHA256SUMS)
echo "$image"
