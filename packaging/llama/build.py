"""Build llama.cpp for the installer: one library a level of processor, chosen when the program runs.

Standard library only. The source is the distribution of llama-cpp-python that ``requirements.lock`` pins, so the
libraries are the ones its Python side was written for. The same bytes come out wherever and whenever it is built.

``python packaging/llama/build.py`` makes ``build/llama/lib``; the last line it prints is that folder.
``python packaging/llama/build.py --backend vulkan`` makes a package for graphics processors, ``build/llama/vulkan``
(docs/hardware.md). ``--source FILE`` takes the pinned archive from a file, without a network.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "llama"
LOCK = ROOT / "requirements.lock"
LISTED = "libraries.json"  # local_models/backends.py reads it
BACKENDS = {"vulkan": "GGML_VULKAN", "cuda": "GGML_CUDA", "hip": "GGML_HIP", "sycl": "GGML_SYCL"}

# Nothing of this machine: neither its processor, nor its folders, nor the repository around the source.
PORTABLE = {
    "CMAKE_BUILD_TYPE": "Release",
    "BUILD_SHARED_LIBS": "ON",
    "GGML_NATIVE": "OFF",
    "GGML_BACKEND_DL": "ON",
    "GGML_CCACHE": "OFF",
    "CMAKE_PLATFORM_NO_VERSIONED_SONAME": "ON",  # one file a library: two would be two lists of backends
    "CMAKE_BUILD_WITH_INSTALL_RPATH": "ON",
    "LLAMA_BUILD_COMMIT": "unknown",
    "LLAMA_BUILD_NUMBER": "0",
    "LLAMA_OPENSSL": "OFF",
    **{f"LLAMA_BUILD_{part}": "OFF" for part in ("COMMON", "TESTS", "TOOLS", "EXAMPLES", "SERVER", "APP")},
}
# Variants that are not built: each differs from the one below it, which its processors get, by little. Every one more
# would be another rounding that the same draft may meet, and code that nobody has tried.
DROPPED = ("cannonlake", "cascadelake", "icelake", "cooperlake", "alderlake", "sapphirerapids")
HARDENED = "-fstack-protector-strong -D_FORTIFY_SOURCE=2"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backend", choices=sorted(BACKENDS), help="a package for graphics processors instead")
    parser.add_argument("--with", dest="beside", type=Path, nargs="*", default=[], help="libraries to put beside it")
    parser.add_argument("--source", type=Path, help="the pinned source archive, where there is no network")
    parser.add_argument(
        "--work", type=Path, default=BUILD / "work", help="where it is compiled; kept: a stopped build goes on"
    )
    parser.add_argument("--out", type=Path, help="folder of the result")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="a further option of CMake")
    given = parser.parse_args()
    out = given.out or BUILD / (given.backend or "lib")
    version, digest = pinned(LOCK.read_text(encoding="utf-8"))
    options = portable_options(given.backend) | dict(each.split("=", 1) for each in given.option)
    recipe = {
        "runtime": f"llama-cpp-python {version}",
        "source_sha256": digest,
        "platform": platform_tag(),
        "compiler": compiler(),
        "options": options,
        "dropped": [] if given.backend else list(DROPPED),
        "beside": [hashlib.sha256(file.read_bytes()).hexdigest() for file in given.beside],
    }
    if not stands(out, recipe):
        source = unpacked(given.source or downloaded(version, digest, given.work), digest, given.work)
        made = compiled(source, given.work / (given.backend or "lib"), options, given.backend, given.jobs)
        collect([*made, *given.beside], out, recipe, given.backend)
    print(out)
    return 0


def pinned(lock: str) -> tuple[str, str]:
    """Version and SHA-256 of the source distribution of llama-cpp-python in a lock file."""
    found = re.search(r"^llama-cpp-python==(\S+) \\\s+--hash=sha256:([0-9a-f]{64})\s*$", lock, re.MULTILINE)
    if found is None:
        sys.exit(f"{LOCK.name} does not pin llama-cpp-python to one source distribution.")
    return found[1], found[2]


def platform_tag() -> str:
    """System and processor, as a package's manifest names them: ``linux-x86_64``."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    return f"{sys.platform}-{machine}"


def portable_options(backend: str | None) -> dict[str, str]:
    """The options of CMake: all processors of this kind, or one kind of graphics processor and no processor."""
    options = dict(PORTABLE)
    options["CMAKE_INSTALL_RPATH"] = "@loader_path" if sys.platform == "darwin" else "$ORIGIN"
    if backend:
        return options | {BACKENDS[backend]: "ON", "GGML_CPU": "OFF", "GGML_METAL": "OFF"}
    if sys.platform == "win32":
        options["CMAKE_WINDOWS_EXPORT_ALL_SYMBOLS"] = "ON"
    if sys.platform == "darwin":
        options |= {"GGML_METAL": "ON", "GGML_METAL_EMBED_LIBRARY": "ON", "CMAKE_OSX_DEPLOYMENT_TARGET": "12.0"}
    return options | {"GGML_CPU_ALL_VARIANTS": "ON"}


def compiler() -> str:
    """The C++ compiler's name and version, which the bytes depend on."""
    command = os.environ.get("CXX") or ("cl" if os.name == "nt" else "c++")
    try:
        said = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        sys.exit(f"There is no C++ compiler here ({command}).")
    return (said.stdout or said.stderr).splitlines()[0].strip()


def stands(out: Path, recipe: dict[str, Any]) -> bool:
    """Whether the folder holds what this recipe makes, byte for byte as it was made."""
    try:
        made = json.loads((out / LISTED).read_text(encoding="utf-8"))
        files = {name: sha256(out / name) for name in made["files"]}
    except (OSError, ValueError, KeyError):
        return False
    return bool(made["recipe"] == recipe and made["files"] == files)


def sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def downloaded(version: str, digest: str, work: Path) -> Path:
    """The source distribution, by pip, which checks its digest."""
    work.mkdir(parents=True, exist_ok=True)
    archive = work / f"llama_cpp_python-{version}.tar.gz"
    if not archive.exists():
        wanted = work / "wanted.txt"
        wanted.write_text(f"llama-cpp-python=={version} --hash=sha256:{digest}\n", encoding="utf-8")
        print("Fetching the source of llama-cpp-python", file=sys.stderr, flush=True)
        words = "pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --require-hashes"
        run(sys.executable, "-m", *words.split(), "--dest", str(work), "--requirement", str(wanted))
    return archive


def unpacked(archive: Path, digest: str, work: Path) -> Path:
    """Folder of llama.cpp in the archive, unpacked after its digest was checked."""
    if sha256(archive) != digest:
        sys.exit(f"{archive} is not the source distribution that {LOCK.name} pins: its digest is another one.")
    folder = work / "source"
    shutil.rmtree(folder, ignore_errors=True)
    with tarfile.open(archive) as packed:
        members = [each for each in packed if "vendor/llama.cpp/" in each.name and "/.git" not in each.name]
        packed.extractall(folder, members, filter="data")
    source = next(folder.glob("*/vendor/llama.cpp"))
    drop_variants(source / "ggml" / "src" / "CMakeLists.txt")
    return source


def drop_variants(listed: Path) -> None:
    """Take the variants in ``DROPPED`` out of ggml's list; one that is not there ends the build."""
    text = listed.read_text(encoding="utf-8")
    for name in DROPPED:
        text, count = re.subn(rf"^ *ggml_add_cpu_backend_variant\({name} [^)]*\)\n", "", text, flags=re.MULTILINE)
        if count != 1:
            sys.exit(f"{listed.name} of llama.cpp does not list the variant {name} once: look at what changed there.")
    listed.write_text(text, encoding="utf-8")


def compiled(source: Path, build: Path, options: dict[str, str], backend: str | None, jobs: int) -> list[Path]:
    """The libraries, made in ``build``."""
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    flags = compiler_flags(source, build)
    settings = [f"-D{name}={value}" for name, value in (options | flags).items()]
    targets = [f"ggml-{backend}"] if backend else ["llama", "ggml"]
    run("cmake", "-S", str(source), "-B", str(build), *generator, *settings)
    run("cmake", "--build", str(build), "--config", "Release", "--parallel", str(jobs), "--target", *targets)
    wanted = re.compile(rf"(lib)?ggml-{backend}\.\w+" if backend else r"(lib)?(ggml|llama).*")
    made = [file for file in (build / "bin").rglob("*") if file.suffix in (".so", ".dll", ".dylib")]
    return [file for file in made if not file.is_symlink() and wanted.fullmatch(file.name)]


def compiler_flags(source: Path, build: Path) -> dict[str, str]:
    """Flags that harden, and that keep this machine's folders out of the libraries."""
    if os.name == "nt":
        linker = "/Brepro /DYNAMICBASE /NXCOMPAT /guard:cf"
        return {"CMAKE_SHARED_LINKER_FLAGS": linker, "CMAKE_MODULE_LINKER_FLAGS": linker}
    maps = f"-ffile-prefix-map={source}=. -ffile-prefix-map={build}=."
    flags = {f"CMAKE_{language}_FLAGS": f"{HARDENED} {maps}" for language in ("C", "CXX")}
    if sys.platform.startswith("linux"):
        linker = "-Wl,-z,relro,-z,now,--build-id=sha1,-s"
        flags |= {"CMAKE_SHARED_LINKER_FLAGS": linker, "CMAKE_MODULE_LINKER_FLAGS": linker}
    return flags


def run(*command: str) -> None:
    """Its output goes to stderr; git is kept from seeing a repository around the source."""
    subprocess.run(command, check=True, stdout=sys.stderr, env=os.environ | {"GIT_DIR": os.devnull})


def collect(made: list[Path], out: Path, recipe: dict[str, Any], backend: str | None) -> None:
    """Copy the libraries and list them with their digests."""
    fresh = out.with_name(f"{out.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    fresh.chmod(0o755)  # the program takes no package that others may change
    for file in made:
        shutil.copyfile(file, fresh / file.name)
        (fresh / file.name).chmod(0o644)
    listed = {
        "name": backend or "processor",
        **{name: recipe[name] for name in ("runtime", "platform")},
        "glibc": newest_glibc(fresh),
        "files": {file.name: sha256(file) for file in sorted(fresh.iterdir())},
        "recipe": recipe,
    }
    (fresh / LISTED).write_text(json.dumps(listed, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    fresh.rename(out)


def newest_glibc(folder: Path) -> str:
    """The oldest C library that can load all of the folder; empty where they need none of that kind."""
    versions = (each for file in folder.iterdir() for each in re.findall(rb"GLIBC_(\d+)\.(\d+)", file.read_bytes()))
    newest = max(((int(major), int(minor)) for major, minor in versions), default=None)
    return ".".join(map(str, newest)) if newest else ""


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(f"This step failed: {' '.join(failed.cmd[:4])}")
