"""Build the environment: system libraries, ``.venv`` from the lock files, the bundled model.

Standard library only, run by the machine's own Python:
``python3 packaging/environment.py [--tests] [--modelling] [--speech]``. A second run finds its stamp and ends at once.
``--installer`` makes an environment of its own instead, ``build/installer/env``, with what building an installer needs.
"""

from __future__ import annotations

import argparse
import ctypes.util
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
INSTALLER = ROOT / "build" / "installer" / "env"  # apart, so that nothing of the tests gets into an installer
LOCKS = {
    "desk": "requirements.lock",
    "tests": "requirements-dev.lock",
    "modelling": "requirements-modelling.lock",
    "speech": "requirements-speech.lock",
    "installer": "requirements-installer.lock",
}

# Shared libraries that the Qt wheels load, and the Debian package of each.
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
TESTED_WITH = {"unzip": "unzip", "openssl": "openssl", "makensis": "nsis"}
COMPILERS = {"gcc": "gcc", "g++": "g++", "make": "make"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also what the tests and checks need")
    parser.add_argument("--modelling", action="store_true", help="also what fitting scorecards needs")
    parser.add_argument("--speech", action="store_true", help="also what recognises recordings of calls")
    parser.add_argument("--installer", action="store_true", help="an environment to build installers in, instead")
    wanted = parser.parse_args()
    if sys.version_info < (3, 11):
        return fail(f"Caseworth needs Python 3.11 or newer; this is {platform.python_version()}.")
    if not system_ready(wanted.tests):
        return 1
    parts = ["desk"] + [part for part in ("tests", "modelling", "speech") if getattr(wanted, part)]
    venv = INSTALLER if wanted.installer else VENV
    for part in ["installer"] if wanted.installer else parts:
        install(part, venv)
    run(python(venv), "-m", "local_models.fetch")
    return 0


def fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def run(*command: str | Path, **extra: str) -> None:
    subprocess.run([str(word) for word in command], check=True, cwd=ROOT, env={**os.environ, **extra})


def python(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def missing_packages(tests: bool) -> list[str]:
    """Debian packages this machine still needs."""
    names = [package for library, package in QT_LIBRARIES.items() if not loadable(library)]
    names += [package for command, package in COMPILERS.items() if shutil.which(command) is None]
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        names.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if tests:
        names += [package for command, package in TESTED_WITH.items() if shutil.which(command) is None]
    return names


def loadable(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def system_ready(tests: bool) -> bool:
    """Install what is missing when we may, else say the one line that does."""
    if not sys.platform.startswith("linux"):
        return True
    needed = missing_packages(tests)
    if not needed:
        return True
    line = f"apt-get install -y --no-install-recommends {' '.join(needed)}"
    if shutil.which("apt-get") is None:
        print(f"Libraries may be missing: install what your system calls {', '.join(needed)}.", file=sys.stderr)
        return True
    if os.geteuid() != 0:
        return not fail(f"Some system packages are missing. Run this once, then again what you ran:\n  sudo {line}")
    run("apt-get", "update", "-qq")
    run(*line.split(), DEBIAN_FRONTEND="noninteractive")
    return True


def fingerprint(part: str) -> str:
    """What the installed part depends on: its lock, the project file, the interpreter."""
    digest = hashlib.sha256(sys.version.encode())
    for name in (LOCKS[part], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return f"{part} {digest.hexdigest()}"


def install(part: str, venv: Path) -> None:
    stamp = venv / "environment.stamp"
    stamps = stamp.read_text().splitlines() if stamp.exists() else []
    if fingerprint(part) in stamps:
        return
    if not python(venv).exists():
        print(f"Making {venv.relative_to(ROOT)}", flush=True)
        run(sys.executable, "-m", "venv", venv)
    print(f"Installing from {LOCKS[part]} (llama.cpp is compiled the first time: some minutes)", flush=True)
    pip = (python(venv), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    # Portable code rather than this processor's own, so that the environment may be copied; no multimodal tools.
    run(*pip, "--require-hashes", "-r", LOCKS[part], CMAKE_ARGS="-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF")
    run(*pip, "--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat", "--editable", ".")
    kept = [line for line in stamps if not line.startswith(f"{part} ")]
    stamp.write_text("\n".join([*kept, fingerprint(part)]) + "\n")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(fail(f"This step failed: {' '.join(failed.cmd)}"))
