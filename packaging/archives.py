"""Archives whose bytes follow from what is in them: sorted, owned by root, dated alike. Standard library only."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

SMALL, QUICK = 6, 0  # how hard LZMA tries
_WINDOW = 32 << 20  # bytes; what an old machine can spare to unpack


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or link of an archive, at its place under the root."""

    place: PurePosixPath
    content: Path | bytes | None = None  # null for a link
    target: str = ""  # of a link
    executable: bool = False

    @property
    def size(self) -> int:
        """Bytes of the file; a link has none."""
        if isinstance(self.content, Path):
            return self.content.stat().st_size
        return len(self.content or b"")


def entries_of(folder: Path, place: PurePosixPath) -> Iterator[Entry]:
    """Everything in a folder, as it is to lie under ``place``."""
    for file in sorted(folder.rglob("*")):
        inside = place / file.relative_to(folder).as_posix()
        if file.is_symlink():
            yield Entry(inside, target=str(file.readlink()))
        elif file.is_file():
            yield Entry(inside, file, executable=bool(file.stat().st_mode & 0o100))


def folders_of(entries: Iterable[Entry]) -> list[PurePosixPath]:
    """The folders that the entries lie in, outermost first."""
    return sorted({folder for entry in entries for folder in entry.place.parents if folder != PurePosixPath(".")})


def write_tar(entries: Sequence[Entry], out: BinaryIO, moment: int) -> None:
    """A tar with every folder before what lies in it; ``moment`` in seconds since 1970 dates all of it."""
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(_header(PurePosixPath("."), moment, tarfile.DIRTYPE, 0o755))
        for folder in folders_of(entries):
            tar.addfile(_header(folder, moment, tarfile.DIRTYPE, 0o755))
        for entry in sorted(entries, key=lambda each: each.place):
            if entry.content is None:
                header = _header(entry.place, moment, tarfile.SYMTYPE, 0o777)
                header.linkname = entry.target
                tar.addfile(header)
                continue
            header = _header(entry.place, moment, tarfile.REGTYPE, 0o755 if entry.executable else 0o644)
            header.size = entry.size
            with _opened(entry.content) as stream:
                tar.addfile(header, stream)


def _header(place: PurePosixPath, moment: int, kind: bytes, mode: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo("./" if place == PurePosixPath(".") else f"./{place}")
    header.mtime, header.type, header.mode = moment, kind, mode
    header.uname = header.gname = "root"
    return header


def _opened(content: Path | bytes) -> BinaryIO:
    return content.open("rb") if isinstance(content, Path) else io.BytesIO(content)


def write_tar_xz(entries: Sequence[Entry], out: Path, moment: int, effort: int = SMALL) -> None:
    """The tar packed by LZMA; x86 code packs better when its addresses are made absolute first."""
    packing = {"id": lzma.FILTER_LZMA2, "preset": effort, **({"dict_size": _WINDOW} if effort == SMALL else {})}
    with lzma.open(out, "wb", check=lzma.CHECK_CRC32, filters=[{"id": lzma.FILTER_X86}, packing]) as packed:
        write_tar(entries, packed, moment)  # type: ignore[arg-type]


def tar_gz(entries: Sequence[Entry], moment: int) -> bytes:
    """The tar packed by gzip, for what is small."""
    plain = io.BytesIO()
    write_tar(entries, plain, moment)
    return gzipped(plain.getvalue())


def gzipped(content: bytes) -> bytes:
    """Packed without a name or a date."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def write_ar(members: Sequence[tuple[str, Path | bytes]], out: Path, moment: int) -> dict[str, int]:
    """A Unix ar archive as dpkg reads it; returns at which byte each member begins."""
    began = {}
    with out.open("wb") as archive:
        archive.write(b"!<arch>\n")
        for name, content in members:
            size = content.stat().st_size if isinstance(content, Path) else len(content)
            archive.write(f"{name:<16}{moment:<12}{0:<6}{0:<6}{'100644':<8}{size:<10}`\n".encode("ascii"))
            began[name] = archive.tell()
            with _opened(content) as stream:
                while block := stream.read(1 << 20):
                    archive.write(block)
            archive.write(b"\n" * (size % 2))
    return began
