"""The Debian package, written without Debian's tools, so that its bytes follow from its contents alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path, PurePosixPath

from archives import SMALL, Entry, folders_of, gzipped, tar_gz, write_ar, write_tar_xz

from linux.tree import Release

MAINTAINER = "The Caseworth developers <caseworth@localhost.localdomain>"
DATA = "data.tar.xz"
SUMMARY = "credit underwriter's desk that works offline"
ABOUT = """\
 Caseworth turns an applicant's files into a decision that stands up to audit:
 read, scored, written up, decided and signed, on one workstation without a
 network.
 .
 The program brings its own Python, its fonts and a small language model that
 words sentences and never calculates, scores or decides. Workspaces are
 encrypted; removing the package leaves them alone."""
# What lintian has to say of every program that brings its own libraries, and why it is so.
OVERRIDES = """\
# The program is one folder with its own Python and libraries, as it was tested; nothing of it is shared.
caseworth: embedded-library
caseworth: hardening-no-bindnow
caseworth: hardening-no-fortify-functions
caseworth: library-not-linked-against-libc
caseworth: shared-library-lacks-prerequisites
caseworth: unstripped-binary-or-object
caseworth: custom-library-search-path
caseworth: extra-license-file
caseworth: font-in-non-font-package
caseworth: font-outside-font-dir
caseworth: initial-upload-closes-no-bugs
"""


def write_package(
    files: Sequence[Entry],
    release: Release,
    needs: tuple[Sequence[str], Sequence[str]],
    out: Path,
    effort: int = SMALL,
) -> tuple[int, int]:
    """Write the package; ``needs``: what it depends on and what it recommends.

    Returns where its packed files begin in it and how many bytes they take.
    """
    own = [
        Entry(PurePosixPath("share/doc/caseworth/changelog.gz"), gzipped(_changelog(release).encode())),
        Entry(PurePosixPath("share/lintian/overrides/caseworth"), OVERRIDES.encode()),
    ]
    placed = [replace(entry, place=PurePosixPath("usr") / entry.place) for entry in (*files, *own)]
    data = out.with_suffix(".data")
    write_tar_xz(placed, data, release.moment, effort)
    control = [
        Entry(PurePosixPath("control"), _control(placed, release, needs).encode()),
        Entry(PurePosixPath("md5sums"), _sums(placed).encode()),
    ]
    members = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", tar_gz(control, release.moment)),
        (DATA, data),
    ]
    began, size = write_ar(members, out, release.moment)[DATA], data.stat().st_size
    data.unlink()
    return began, size


def _control(files: Sequence[Entry], release: Release, needs: tuple[Sequence[str], Sequence[str]]) -> str:
    depends, recommends = needs
    lines = [
        "Package: caseworth",
        f"Version: {release.version}",
        f"Architecture: {release.architecture}",
        f"Maintainer: {MAINTAINER}",
        f"Installed-Size: {installed_size(files)}",
        f"Depends: {', '.join(depends)}",
        *([f"Recommends: {', '.join(recommends)}"] if recommends else []),
        "Suggests: gnome-keyring | libkf5wallet-bin",
        "Section: misc",
        "Priority: optional",
        f"Description: {SUMMARY}",
        ABOUT,
    ]
    return "\n".join(lines) + "\n"


def installed_size(files: Sequence[Entry]) -> int:
    """KiB, as Debian counts: each file rounded up, one for each folder and link."""
    return sum(-(-entry.size // 1024) if entry.content is not None else 1 for entry in files) + len(folders_of(files))


def _sums(files: Sequence[Entry]) -> str:
    lines = []
    for entry in sorted(files, key=lambda each: each.place):
        if entry.content is not None:
            content = entry.content if isinstance(entry.content, bytes) else entry.content.read_bytes()
            lines.append(f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}  {entry.place}\n")
    return "".join(lines)


def _changelog(release: Release) -> str:
    return (
        f"caseworth ({release.version}) unstable; urgency=medium\n\n"
        "  * What is new stands in NEWS.gz.\n\n"
        f" -- {MAINTAINER}  {format_datetime(release.at)}\n"
    )
