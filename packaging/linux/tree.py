"""The files of an installation under ``/usr`` or a person's own prefix, each at its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from archives import Entry, entries_of, gzipped

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LIBRARY = PurePosixPath("lib/caseworth")
ICON_SIZES = (48, 128, 256)


@dataclass(frozen=True, slots=True)
class Release:
    """What is packed: version, the moment of its commit in seconds since 1970, Debian's name of the processor."""

    version: str
    moment: int
    architecture: str

    @property
    def at(self) -> datetime:
        """The moment, in UTC."""
        return datetime.fromtimestamp(self.moment, UTC)


@dataclass(frozen=True, slots=True)
class Dress:
    """What is made beside the program: the manual in roff, the icon as SVG and as PNG by its size."""

    manual: str
    svg: bytes
    pngs: dict[int, bytes]


def installed_files(program: Path, release: Release, dress: Dress) -> list[Entry]:
    """Everything under the prefix; ``program`` is the folder that PyInstaller made."""
    share = PurePosixPath("share")
    icons = share / "icons" / "hicolor"
    entries = [
        *entries_of(program, LIBRARY),
        Entry(PurePosixPath("bin/caseworth"), target="../lib/caseworth/caseworth"),
    ]
    entries += [
        Entry(share / "man/man1/caseworth.1.gz", gzipped(dress.manual.encode())),
        Entry(share / "applications/caseworth.desktop", _text("caseworth.desktop")),
        Entry(share / "mime/packages/caseworth.xml", _text("caseworth.xml")),
        Entry(share / "metainfo/org.caseworth.desk.metainfo.xml", _metainfo(release)),
        Entry(icons / "scalable/apps/caseworth.svg", dress.svg),
        *(Entry(icons / f"{size}x{size}/apps/caseworth.png", png) for size, png in dress.pngs.items()),
        Entry(share / "doc/caseworth/copyright", _text("copyright")),
        Entry(share / "doc/caseworth/THIRD-PARTY.md", (ROOT / "THIRD-PARTY.md").read_bytes()),
        Entry(share / "doc/caseworth/NEWS.gz", gzipped((ROOT / "CHANGELOG.md").read_bytes())),
    ]
    return entries


def _text(name: str) -> bytes:
    return (HERE / name).read_bytes()


def _metainfo(release: Release) -> bytes:
    day = release.at.date().isoformat()
    return (
        _text("org.caseworth.desk.metainfo.xml")
        .replace(b"@VERSION@", release.version.encode())
        .replace(b"@DAY@", day.encode())
    )
