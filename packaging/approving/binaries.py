"""How programs and libraries were hardened by their compilers and linkers, read from the files themselves.

ELF (Linux) and PE (Windows), both little-endian; the fields are those of the ELF-64 and PE/COFF specifications.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_ET_EXEC, _ET_DYN = 2, 3
_PT_DYNAMIC, _PT_GNU_STACK, _PT_GNU_RELRO = 2, 0x6474E551, 0x6474E552
_DT_NULL, _DT_STRTAB, _DT_STRSZ, _DT_RPATH, _DT_BIND_NOW, _DT_RUNPATH, _DT_FLAGS = 0, 5, 10, 15, 24, 29, 30
_DT_FLAGS_1 = 0x6FFFFFFB
_NOW, _NOW_1, _PIE = 8, 1, 0x08000000
_PE_FLAGS = {"aslr": 0x40, "high entropy": 0x20, "no execute": 0x100, "control flow guard": 0x4000}


@dataclass(frozen=True, slots=True)
class Hardening:
    """What was found in one file; None: the format or the file has no such thing."""

    form: str  # "ELF program", "ELF library", "PE"
    position_independent: bool
    no_execute: bool  # of the stack, on Windows of data
    relro: str | None  # "full", "partial" or "no"
    canary: bool | None  # calls the check of stack canaries; a library without arrays on its stack has none
    fortified: bool | None  # calls checked forms of the C library
    search_path: str  # where it looks for libraries; empty: where the system does
    more: tuple[str, ...] = ()


def hardening(file: Path) -> Hardening | None:
    """Read a file; None when it is neither ELF-64 nor PE. Raises ``ValueError`` when it is cut short."""
    with file.open("rb") as stream:
        magic = stream.read(6)
        if magic[:2] == b"MZ":
            return _of_pe(file.read_bytes())
        if magic != b"\x7fELF\x02\x01":
            return None
    try:
        return _of_elf(file.read_bytes())
    except struct.error as exc:
        raise ValueError(f"{file} is cut short") from exc


def _of_elf(data: bytes) -> Hardening:
    kind, entry_at, entry_size, entries = (
        struct.unpack_from("<H", data, 16)[0],
        struct.unpack_from("<Q", data, 32)[0],
        *struct.unpack_from("<HH", data, 54),
    )
    segments = {}
    loads = []
    for at in range(entry_at, entry_at + entries * entry_size, entry_size):
        form, flags, offset, address, _, size = struct.unpack_from("<IIQQQQ", data, at)
        segments[form] = (flags, offset, size)
        if form == 1:
            loads.append((address, offset, size))
    dynamic = _dynamic(data, segments)
    names = _strings(data, dynamic, loads)
    now = _DT_BIND_NOW in dynamic or dynamic.get(_DT_FLAGS, [0])[0] & _NOW or dynamic.get(_DT_FLAGS_1, [0])[0] & _NOW_1
    relro = "no" if _PT_GNU_RELRO not in segments else "full" if now else "partial"
    return Hardening(
        form="ELF program" if kind == _ET_EXEC or dynamic.get(_DT_FLAGS_1, [0])[0] & _PIE else "ELF library",
        position_independent=kind == _ET_DYN,
        no_execute=_PT_GNU_STACK in segments and not segments[_PT_GNU_STACK][0] & 1,
        relro=relro,
        canary=b"\0__stack_chk_fail\0" in names,
        fortified=b"_chk\0" in names.replace(b"\0__stack_chk_fail\0", b"\0"),
        search_path=_search_path(dynamic, names),
    )


def _dynamic(data: bytes, segments: dict[int, tuple[int, int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    if _PT_DYNAMIC not in segments:
        return found
    _, offset, size = segments[_PT_DYNAMIC]
    for at in range(offset, offset + size, 16):
        tag, value = struct.unpack_from("<QQ", data, at)
        if tag == _DT_NULL:
            break
        found.setdefault(tag, []).append(value)
    return found


def _strings(data: bytes, dynamic: dict[int, list[int]], loads: list[tuple[int, int, int]]) -> bytes:
    """The table of names of a dynamic file."""
    if _DT_STRTAB not in dynamic:
        return b""
    table, size = dynamic[_DT_STRTAB][0], dynamic[_DT_STRSZ][0]
    at = next((table - address + offset for address, offset, length in loads if address <= table < address + length), 0)
    return data[at : at + size]


def _search_path(dynamic: dict[int, list[int]], names: bytes) -> str:
    found = [names[at : names.index(b"\0", at)] for tag in (_DT_RPATH, _DT_RUNPATH) for at in dynamic.get(tag, [])]
    return b":".join(found).decode(errors="replace")


def _of_pe(data: bytes) -> Hardening | None:
    at = struct.unpack_from("<I", data, 0x3C)[0]
    if data[at : at + 4] != b"PE\0\0":
        return None
    flags = struct.unpack_from("<H", data, at + 24 + 70)[0]
    has = {name: bool(flags & bit) for name, bit in _PE_FLAGS.items()}
    more = tuple(name for name in ("high entropy", "control flow guard") if has[name])
    return Hardening("PE", has["aslr"], has["no execute"], None, None, None, "", more)
