"""The system's libraries that the program asks for, and the Debian packages that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tidy import libraries, needed

# By the name that the loader looks for. Debian's names; newer releases that renamed one still provide the old name.
PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libuuid.so.1": "libuuid1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
# Of these it is the newest symbol that says which release is needed.
C_LIBRARY = re.compile(r"(libc|libm|libdl|librt|libpthread|libresolv|libutil|ld-linux[\w-]*)\.so\.\d+")
COMPILER = {"libstdc++.so.6": "libstdc++6", "libgcc_s.so.1": "libgcc-s1"}
# Only for desktops that speak Wayland, which have them; the window opens through X11 without.
WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
# The first release of GCC whose libstdc++ has a version of its symbols.
_STANDARD_CPP = {(3, 4, 32): "13.1", (3, 4, 31): "13.1", (3, 4, 30): "12", (3, 4, 29): "11", (3, 4, 28): "9"}


def asked_for(folder: Path, programs: Iterable[Path]) -> tuple[set[str], dict[str, tuple[int, ...]]]:
    """Libraries that the folder asks for and does not hold, and the newest symbol versions it needs."""
    held = {file.name for file in folder.rglob("*.so*")}
    names: set[str] = set()
    newest: dict[str, tuple[int, ...]] = {}
    for file in (*programs, *libraries(folder)):
        found, versions = needed(file)
        names |= found
        for space, version in versions.items():
            newest[space] = max(newest.get(space, ()), version)
    return names - held, newest


def debian_packages(names: set[str], newest: dict[str, tuple[int, ...]]) -> tuple[list[str], list[str]]:
    """What a Debian package must depend on, and what it recommends; raises ``SystemExit`` for an unknown library."""
    depends, unknown = set(), []
    for name in names - set(WAYLAND):
        if C_LIBRARY.fullmatch(name):
            depends.add(f"libc6 (>= {_dotted(newest['GLIBC'])})")
        elif name in COMPILER:
            depends.add(COMPILER[name] + (f" (>= {_gcc(newest)})" if name == "libstdc++.so.6" else ""))
        elif name in PACKAGES:
            depends.add(PACKAGES[name])
        else:
            unknown.append(name)
    if unknown:
        raise SystemExit(f"The program asks for libraries that no package is known of: {', '.join(sorted(unknown))}.")
    return sorted(depends), sorted({WAYLAND[name] for name in names & set(WAYLAND)})


def _gcc(newest: dict[str, tuple[int, ...]]) -> str:
    wanted = newest.get("GLIBCXX", (3, 4, 28))
    if wanted > max(_STANDARD_CPP):
        raise SystemExit(f"GLIBCXX_{_dotted(wanted)} is newer than packaging/linux/system.py knows.")
    return _STANDARD_CPP[min(version for version in _STANDARD_CPP if version >= wanted)]


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
