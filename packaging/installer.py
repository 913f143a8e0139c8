"""Build the installers of the platform this runs on, from the commit that is checked out: ``make installer``.

Linux: ``dist/caseworth_VERSION_ARCH.deb`` and ``dist/caseworth-VERSION-linux-MACHINE.run``. Elsewhere: the folder with
the program, which the recipes in ``packaging/windows`` and ``packaging/macos`` pack. The same commit gives the same
bytes, wherever and whenever it is built. Run in the environment of ``environment.py --installer``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import archives
import payload
import tidy

if TYPE_CHECKING:
    from linux.tree import Dress, Release

ROOT = payload.ROOT
BUILD = ROOT / "build" / "installer"
DEBIAN_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder of the installers")
    parser.add_argument("--llama", type=Path, help="libraries of llama.cpp (default: built by packaging/llama)")
    parser.add_argument("--program", type=Path, help="pack this folder, which an earlier run made")
    parser.add_argument("--quick", action="store_true", help="pack loosely, to try an installer soon")
    given = parser.parse_args()
    began = time.monotonic()
    moment = commit_time()
    program = given.program or collect(given.llama or built("llama"), moment)
    say(began, f"the program is {megabytes(program)} MB in {program}")
    if sys.platform != "linux":
        return 0
    for made in pack_for_linux(program, moment, given.out, quick=given.quick):
        say(began, f"{made.stat().st_size / 1e6:.1f} MB  {sha256(made)}  {made}")
    return 0


def say(began: float, text: str) -> None:
    print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)


def commit_time() -> int:
    """When the commit was made, in seconds since 1970; $SOURCE_DATE_EPOCH where there is no repository."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    said = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    if said.returncode:
        raise SystemExit("Name the moment of the build in SOURCE_DATE_EPOCH: there is no repository here.")
    return int(said.stdout)


def built(part: str) -> Path:
    """The folder of libraries that ``packaging/PART/build.py`` makes, or has made."""
    command = [sys.executable, str(ROOT / "packaging" / part / "build.py")]
    return Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


def collect(llama: Path, moment: int) -> Path:
    """The program as one folder, made small."""
    work = BUILD / "work"
    shutil.rmtree(work, ignore_errors=True)
    own = {
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SOURCE_DATE_EPOCH": str(moment),
        "CASEWORTH_LLAMA_LIBRARIES": str(llama),
        "PYINSTALLER_CONFIG_DIR": str(BUILD / "cache"),
    }
    words = [
        "--noconfirm",
        "--clean",
        "--log-level",
        "WARN",
        "--distpath",
        str(BUILD / "program"),
        "--workpath",
        str(work),
    ]
    command = [sys.executable, "-m", "PyInstaller", *words, str(ROOT / "packaging" / "caseworth.spec")]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | own)
    program = BUILD / "program" / "caseworth"
    if sys.platform == "linux":
        inside = program / "_internal"
        tidy.drop_unneeded(inside, payload.is_pythons)
        tidy.link_twins(inside)
        tidy.strip_symbols(inside)
    return program


def pack_for_linux(program: Path, moment: int, out: Path, *, quick: bool) -> list[Path]:
    """The Debian package and the archive that installs itself; returns them with the list of their digests."""
    from linux import debian, runner, system, tree

    sys.path.insert(0, str(ROOT))
    from app import __version__

    machine = platform.machine()
    release = tree.Release(__version__, moment, DEBIAN_MACHINES[machine])
    files = tree.installed_files(program, release, dress(release))
    names, newest = system.asked_for(program, [program / "caseworth"])
    out.mkdir(parents=True, exist_ok=True)
    package = out / f"caseworth_{release.version}_{release.architecture}.deb"
    archive = out / f"caseworth-{release.version}-linux-{machine}.run"
    effort = archives.QUICK if quick else archives.SMALL
    data = debian.write_package(files, release, system.debian_packages(names, newest), package, effort)
    runner.write_archive(package, data, ".".join(map(str, newest["GLIBC"])), release, archive)
    _signed(package, archive)
    sums = out / "SHA256SUMS"
    sums.write_text("".join(f"{sha256(file)}  {file.name}\n" for file in (package, archive)), encoding="ascii")
    _signed(sums)
    return [package, archive, sums]


def _signed(*files: Path) -> None:
    """Hand each file to the lender's command, and say so where there is none."""
    import signing

    signing.main(["LINUX", *map(str, files)])


def dress(release: Release) -> Dress:
    """Manual and icons, made from the program's own parser and drawings."""
    import art
    from linux.tree import ICON_SIZES, Dress
    from manual import man_page

    from app.cli.parser import build_parser

    manual = man_page(build_parser(), release.version, release.at.date().isoformat())
    return Dress(manual, art.icon_svg(), {size: art.icon_png(size) for size in ICON_SIZES})


def sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def megabytes(folder: Path) -> int:
    """Bytes of all files of a folder, links not counted, in millions."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return round(sum(file.stat().st_size for file in files) / 1e6)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(f"This step failed: {' '.join(map(str, failed.cmd[:4]))}")
