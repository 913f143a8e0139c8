"""Makes a collected program smaller without changing what is loaded. Standard library, and ``strip`` of binutils."""

from __future__ import annotations

import hashlib
import os
import re
import struct
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

_ELF = b"\x7fELF\x02\x01"  # 64 bits, little-endian
_LOADED = 1  # PT_LOAD
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
SHARED_FROM = 64 * 1024  # bytes; smaller twins are not worth a link


def libraries(folder: Path) -> Iterator[Path]:
    """The ELF files that are shared libraries by name, sorted; no links."""
    for file in sorted(folder.rglob("*.so*")):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as stream:
                if stream.read(len(_ELF)) == _ELF:
                    yield file


def strip_symbols(folder: Path) -> int:
    """Take names for debuggers out of the libraries; returns the bytes saved.

    A library whose loaded parts would change by it (some that were patched after linking) stays as it is.
    """
    saved = 0
    for file in libraries(folder):
        fresh = file.with_name(f"{file.name}.stripped")
        done = subprocess.run(["strip", "--strip-unneeded", "-o", fresh, file], capture_output=True, check=False)
        if done.returncode == 0 and _loaded(fresh.read_bytes()) == _loaded(file.read_bytes()):
            saved += file.stat().st_size - fresh.stat().st_size
            fresh.replace(file)
        else:
            fresh.unlink(missing_ok=True)
    return saved


def _loaded(content: bytes) -> list[tuple[int, int, bytes]] | None:
    """What the loader maps: address, size and a digest of the bytes, but for the tables of the file's own layout.

    Null for a file that could not be mapped: an offset that does not fit its address.
    """
    header = _HEADER.unpack_from(content)
    begin, size, count = header[5], header[9], header[10]
    blank = bytearray(content)
    blank[: _HEADER.size] = bytes(_HEADER.size)
    blank[begin : begin + size * count] = bytes(size * count)
    found = []
    for at in range(count):
        kind, _, offset, address, _, length, memory, align = _SEGMENT.unpack_from(content, begin + at * size)
        if kind == _LOADED:
            if (offset - address) % max(align, 1) or offset + length > len(content):
                return None
            found.append((address, memory, hashlib.sha256(blank[offset : offset + length]).digest()))
    return found


def link_twins(folder: Path) -> int:
    """Replace libraries of the same content by links to one of them; returns the bytes saved."""
    twins = defaultdict(list)
    for file in libraries(folder):
        if file.stat().st_size >= SHARED_FROM:
            twins[hashlib.sha256(file.read_bytes()).digest()].append(file)
    saved = 0
    for files in twins.values():
        kept = max(files, key=lambda file: (len(file.name), file.as_posix()))
        for file in files:
            if file is not kept:
                saved += file.stat().st_size
                file.unlink()
                file.symlink_to(os.path.relpath(kept, file.parent))
    return saved


def needed(file: Path) -> tuple[set[str], dict[str, tuple[int, ...]]]:
    """Libraries that a file asks the loader for, and the newest version of each name space (``GLIBC``) it needs."""
    said = subprocess.run(["objdump", "-p", file], capture_output=True, text=True, check=True).stdout
    newest: dict[str, tuple[int, ...]] = {}
    for space, number in re.findall(r"\b(GLIBC|GLIBCXX|CXXABI|GCC)_([0-9.]+)", said.partition("Version References")[2]):
        newest[space] = max(newest.get(space, ()), tuple(map(int, number.strip(".").split("."))))
    return set(re.findall(r"NEEDED\s+(\S+)", said)), newest


def drop_unneeded(folder: Path, may_go: Callable[[str], bool]) -> list[str]:
    """Remove top-level libraries that ``may_go`` names and nothing asks for; returns their names."""
    gone: list[str] = []
    while True:
        asked: set[str] = set()
        for file in libraries(folder):
            asked |= needed(file)[0]
        idle = [
            file for file in libraries(folder) if file.parent == folder and may_go(file.name) and file.name not in asked
        ]
        if not idle:
            return gone
        for file in idle:
            file.unlink()
            gone.append(file.name)
