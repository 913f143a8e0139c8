"""llama.cpp's backends: what works on this processor, and packages for graphics processors that a lender installed.

Only a child process may call ``start``: it loads native code. A package is a folder with ``libraries.json`` and the
libraries it lists (docs/hardware.md); nothing in it is loaded before all of it was found as listed.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import re
import signal
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.domain.machine import Package

LISTED = "libraries.json"
_MAIN = re.compile(r"(lib)?ggml-[a-z]+\.(so|dll|dylib)")  # the library of a package that ggml is given
_LARGEST = 1 << 20  # characters of a list
_GPUS = (1, 2)  # ggml_backend_dev_type: a graphics processor; one that shares the machine's memory
_ILLEGAL = (-signal.SIGILL, 0xC000001D)  # exit codes after an illegal instruction: POSIX, Windows


@dataclass(frozen=True, slots=True)
class Started:
    """What the runtime works with: the processor's variant (empty where it has but one) and the packages."""

    variant: str
    packages: tuple[Package, ...]


class BackendError(Exception):
    """A package that may not be loaded: why, and what about."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(SENTENCES[reason].format(detail=detail))
        self.reason, self.detail = reason, detail


SENTENCES = {
    "none": "llama.cpp has nothing for this processor in {detail}: the installation is not whole",
    "unreadable": "its list cannot be read ({detail})",
    "other_runtime": "it was built for {detail}, and this is another version",
    "other_system": "it was built for {detail}, and this is another system",
    "open": "others than its owner and the system may change {detail}",
    "changed": "{detail} is not the file that its list names",
    "unlisted": "{detail} is in its folder and not on its list",
    "needs": "it needs {detail}, which this machine does not have",
    "refused": "the runtime refuses it ({detail})",
    "no_device": "it works, but it found no graphics processor that it can use",
}


def runtime() -> str:
    """Name and version of the runtime, as a package's list names it."""
    return f"llama-cpp-python {version('llama-cpp-python')}"


def system() -> str:
    """System and processor, as a package's list names them: ``linux-x86_64``."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{ {'amd64': 'x86_64', 'arm64': 'aarch64'}.get(machine, machine) }"


def ended(code: int | None) -> tuple[str, str]:
    """How a child that ran the runtime ended, in words, and what to do about it where that is known."""
    if code not in _ILLEGAL:
        return f"its process ended with code {code}", ""
    why = "its process met an instruction that this processor does not have: llama.cpp was compiled here for AVX2"
    return why, "The program from the installer runs without AVX2, too; until then, draft with --model none."


def start(folders: Sequence[Path] = ()) -> Started:
    """Load the variant for this processor, then the packages in ``folders``; each is used or says why not.

    ``GGML_BACKEND_PATH`` and the working folder, where ggml would look for libraries too, are not heeded. Nothing is
    loaded twice. Raises ``BackendError`` where the runtime has nothing for this processor.
    """
    os.environ.pop("GGML_BACKEND_PATH", None)
    variant = _processor()
    return Started(variant, tuple(_package(folder) for folder in packages(folders)))


def at_work(gpu_layers: int = 0) -> str:
    """The runtime with what it works on, ``llama-cpp-python 0.3.36 (haswell)``: other processors round otherwise.

    Without a word in brackets where it was compiled for one kind of processor.
    """
    gpus = [device for device in ggml().devices() if ggml().is_gpu(device)] if gpu_layers else []
    cards = [f"{gpu_layers} layers on {ggml().name(gpus[0]).decode('utf-8', 'replace')}"] if gpus else []
    words = ", ".join(filter(None, [_processor(), *cards]))
    return f"{runtime()} ({words})" if words else runtime()


@cache
def _processor() -> str:
    """The variant that was loaded for the processor; empty where the runtime was compiled for one kind."""
    runtime, folder = ggml(), library_folder()
    if runtime.devices():
        return ""
    runtime.listen()
    runtime.load_all(str(folder).encode())
    if not runtime.devices():
        raise BackendError("none", str(folder))
    named = re.search(r"ggml-cpu-(\w+)\.", " ".join(runtime.said))
    return named[1] if named else ""


@cache
def _package(folder: Path) -> Package:
    """The package, loaded where it is as it should be."""
    found, runtime = Package(folder.name, str(folder)), ggml()
    try:
        main, before = checked(folder), len(runtime.devices())
        runtime.listen()
        if not runtime.load(str(main).encode()):
            raise _refusal(" ".join(runtime.said))
    except BackendError as error:
        return _unused(found, error)
    return found if len(runtime.devices()) > before else _unused(found, BackendError("no_device"))


def _unused(found: Package, error: BackendError) -> Package:
    return replace(found, reason=error.reason, detail=error.detail, problem=str(error))


def _refusal(said: str) -> BackendError:
    """Why ggml did not load a library, from what it said."""
    if missing := re.search(r"(\S+): cannot open shared object file", said):
        return BackendError("needs", missing[1])
    return BackendError("refused", said.strip().rpartition("failed to ")[2] or "it does not say why")


def packages(folders: Sequence[Path]) -> Iterator[Path]:
    """The packages' folders, by name; a folder that is not there has none."""
    for folder in folders:
        if folder.is_dir():
            yield from sorted(each for each in folder.iterdir() if (each / LISTED).is_file())


def checked(folder: Path) -> Path:
    """The library that ggml is given, after every file of the package was found as listed.

    Raises ``BackendError``.
    """
    try:
        text = (folder / LISTED).read_text(encoding="utf-8")[:_LARGEST]
        listed: Mapping[str, Any] = json.loads(text)
        names: Mapping[str, str] = listed["files"]
        mains = [name for name in names if _MAIN.fullmatch(name) and listed["name"] in name]
        built_for, built_on, main = listed["runtime"], listed["platform"], folder / mains[0]
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as exc:
        raise BackendError("unreadable", f"{type(exc).__name__}: {exc}") from exc
    if built_for != runtime():
        raise BackendError("other_runtime", str(built_for))
    if built_on != system():
        raise BackendError("other_system", str(built_on))
    there = {file.name for file in folder.iterdir()} - {LISTED}
    if strays := there - names.keys():
        raise BackendError("unlisted", min(strays))
    for name, digest in names.items():
        if Path(name).name != name or not _is(folder / name, digest):
            raise BackendError("changed", name)
    for path in (folder, *folder.iterdir()):
        if _open_to_others(path):
            raise BackendError("open", path.name)
    return main


def _is(file: Path, digest: str) -> bool:
    try:
        with file.open("rb") as stream:
            return not file.is_symlink() and hashlib.file_digest(stream, "sha256").hexdigest() == digest
    except OSError:
        return False


def _open_to_others(path: Path) -> bool:
    """Whether somebody else could have put another file there; only POSIX systems tell so plainly."""
    if os.name != "posix":
        return False
    found = path.lstat()
    return found.st_uid not in (0, os.geteuid()) or bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


@cache
def ggml() -> Ggml:
    """The ggml that llama.cpp is linked to; importing it loads native code."""
    return Ggml()


def library_folder() -> Path:
    """Where the runtime's libraries lie."""
    import llama_cpp

    return Path(llama_cpp.__file__).parent / "lib"


class Ggml:
    """ggml's own list of backends and devices, and what it says while it loads."""

    def __init__(self) -> None:
        import llama_cpp.llama_cpp as llama

        self.said: list[str] = []
        self._hear = llama.llama_log_callback(
            lambda level, text, data: self.said.append(text.decode("utf-8", "replace"))
        )
        self._llama = llama
        device, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_size_t)
        self.load = self._call("ggml", "load", [text], ctypes.c_void_p)
        self.load_all = self._call("ggml", "load_all_from_path", [text], None)
        self.count = self._call("ggml", "dev_count", [], ctypes.c_size_t)
        self.device = self._call("ggml", "dev_get", [ctypes.c_size_t], device)
        self.name = self._call("ggml-base", "dev_name", [device], text)
        self.description = self._call("ggml-base", "dev_description", [device], text)
        self.kind = self._call("ggml-base", "dev_type", [device], ctypes.c_int)
        self.memory = self._call("ggml-base", "dev_memory", [device, size, size], None)

    def _call(self, library: str, name: str, takes: list[Any], gives: Any) -> Any:
        """A function of ggml in the very copy that llama.cpp uses: a handle finds what its library is linked to."""
        handle = self._llama._lib  # noqa: SLF001 (the one copy; loading it by its path may make a second)
        if sys.platform == "win32":  # a handle finds its own only, and a library has one name and one copy
            from llama_cpp._ctypes_extensions import load_shared_library

            handle = load_shared_library(library, library_folder())
        call = getattr(handle, f"ggml_backend_{name}")
        call.argtypes, call.restype = takes, gives
        return call

    def listen(self) -> None:
        """Hear what is said from now on, until another takes the log."""
        self.said.clear()
        self._llama.llama_log_set(self._hear, ctypes.c_void_p(0))

    def is_gpu(self, device: int) -> bool:
        return self.kind(device) in _GPUS

    def devices(self) -> list[int]:
        return [self.device(place) for place in range(self.count())]
