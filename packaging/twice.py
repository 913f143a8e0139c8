"""Build the installers twice from the same commit, in two folders and at two times, and compare them byte for byte.

``python3 packaging/twice.py [--environment DIR] [--llama DIR] [--quick]``: each build is made in a clone of its own.
Without ``--environment`` each clone makes its own environment, too, which takes long and proves most. The working tree
is not looked at, only what is committed. Exit status 1 where a file differs, with its name and the first place.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = Path("local_models") / "weights"
FOLDERS = ("one", "another folder with a longer name/deeper")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--environment", type=Path, help="the environment to build in (default: one made in each clone)"
    )
    parser.add_argument("--llama", type=Path, help="libraries of llama.cpp (default: built in each clone)")
    parser.add_argument("--quick", action="store_true", help="pack loosely")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "twice", help="folder of the two clones")
    given = parser.parse_args()
    said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    commit = said.stdout.strip()
    made = []
    for name in FOLDERS:
        began = time.monotonic()
        made.append(build(given.work / name / "caseworth", commit, given))
        print(f"{time.monotonic() - began:8.1f} s  built in {made[-1]}", flush=True)
        time.sleep(2)  # zip archives count in steps of two seconds
    return compare(*made)


def build(clone: Path, commit: str, given: argparse.Namespace) -> Path:
    """Clone the commit and build it there; returns the folder with the program and the installers."""
    shutil.rmtree(clone, ignore_errors=True)
    clone.parent.mkdir(parents=True, exist_ok=True)
    run("git", "clone", "--quiet", "--no-checkout", ROOT, clone)
    run("git", "-C", clone, "checkout", "--quiet", "--detach", commit)
    (clone / WEIGHTS).mkdir(parents=True, exist_ok=True)
    for model in (ROOT / WEIGHTS).glob("*.gguf"):
        shutil.copyfile(model, clone / WEIGHTS / model.name)
    if given.environment is None:
        run(sys.executable, clone / "packaging" / "environment.py", "--installer")
    environment = (given.environment or clone / "build" / "installer" / "env").resolve()
    options = [*(["--quick"] if given.quick else []), *(["--llama", given.llama.resolve()] if given.llama else [])]
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(python, clone / "packaging" / "installer.py", *options)
    return clone


def run(*command: object) -> None:
    own = {name: value for name, value in os.environ.items() if name not in ("SOURCE_DATE_EPOCH", "PYTHONPATH")}
    subprocess.run([str(word) for word in command], check=True, env=own)


def compare(first: Path, second: Path) -> int:
    """Say what differs, and return how it ends."""
    differing = []
    for part in (Path("build/installer/program"), Path("dist")):
        names = {
            path.relative_to(each) for each in (first, second) for path in (each / part).rglob("*") if not path.is_dir()
        }
        differing += [name for name in sorted(names) if content(first / name) != content(second / name)]
    for name in differing:
        print(f"differs{place(content(first / name), content(second / name))}: {name}")
    print("The two builds are the same, byte for byte." if not differing else f"{len(differing)} files differ.")
    return 1 if differing else 0


def content(path: Path) -> bytes:
    """A file's bytes, a link's target; nothing where there is neither."""
    if path.is_symlink():
        return b"-> " + os.fsencode(path.readlink())
    return path.read_bytes() if path.exists() else b""


def place(one: bytes, other: bytes) -> str:
    """Where they first differ."""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f" from byte {at} of {len(one)} and {len(other)}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(f"This step failed: {' '.join(map(str, failed.cmd[:4]))}")
