"""The archive that installs itself without root: a shell script with the Debian package behind it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from linux.tree import HERE, Release


def write_archive(package: Path, data: tuple[int, int], glibc: str, release: Release, out: Path) -> None:
    """Write the archive; ``data``: where the packed files begin in the package and how many bytes they take."""
    with package.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    values = {
        "VERSION": release.version,
        "MACHINE": {"amd64": "x86_64", "arm64": "aarch64"}[release.architecture],
        "GLIBC": glibc,
        "SHA256": digest,
        "SIZE": str(package.stat().st_size),
        "DATA_AT": str(data[0]),
        "DATA_SIZE": str(data[1]),
    }
    script = (HERE / "install.sh").read_text(encoding="utf-8")
    for name, value in values.items():
        script = script.replace(f"@{name}@", value)
    script = script.replace("@LINES@", str(script.count("\n") + 1))
    with out.open("wb") as archive, package.open("rb") as stream:
        archive.write(script.encode())
        while block := stream.read(1 << 20):
            archive.write(block)
    out.chmod(0o755)
