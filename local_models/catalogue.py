"""The models the desk may use: the bundled one, and those a lender puts in a folder with a ``models.toml``."""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.domain.phrases import LANGUAGES
from app.errors import EnvironmentFault, InputError

WEIGHTS = Path(__file__).resolve().parent / "weights"
BUNDLED_NAME = "smollm2-135m-instruct"
STYLES = ("frames", "free")
WORDING, EMBEDDING = KINDS = ("wording", "embedding")  # it words sentences, or tells what texts mean
TAUGHT = "taught"  # frames, and by its adapter the sentences that have none
_verified: dict[tuple[str, int, int, int], str] = {}  # path, size, mtime in ns, inode -> digest found


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One GGUF file and what may be asked of it."""

    name: str
    file: Path
    sha256: str
    licence: str
    languages: tuple[str, ...] = ("en",)  # those the model is qualified to word
    style: str = (
        "frames"  # chooses among the words of the rule sentence's frame; "free": words it itself; or ``TAUGHT``
    )
    context: int = 2048  # tokens
    adapter: Path | None = None  # trained for this model; its file is verified like the model's
    adapter_sha256: str = ""
    ram_mb: int = 0  # address space the worker may take; 0 sizes it from the file
    points: bool = False  # qualified to point at places of documents (docs/reading.md)
    chat: bool = False  # asked in the chat template of its file instead of in ChatML marks
    gpu_layers: int = 0  # on a graphics processor, as measured here
    threads: int = 0  # as measured here; 0: all cores
    closed: tuple[
        tuple[str, float], ...
    ] = ()  # language and the "no" from which a closed question flags; else not asked
    kind: str = WORDING
    before_question: str = ""  # what an embedding model wants before a question, and before a text that may answer it
    before_passage: str = ""
    backends: tuple[Path, ...] = ()  # folders of packages for graphics processors; for nothing without ``gpu_layers``


BUNDLED = ModelSpec(
    name=BUNDLED_NAME,
    file=WEIGHTS / "SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    licence="Apache-2.0",
    style=TAUGHT,
    adapter=WEIGHTS.parent / "wording" / "smollm2-135m-wording-en.gguf",
    adapter_sha256="6b13eedd2d3444611ba1c3856d9c23d909d0814b2d81a4954d2fd4242625d55d",
)


def list_models(folder: Path | None = None) -> list[ModelSpec]:
    """The bundled model, then those of ``folder/models.toml``; raises ``InputError`` on a broken list."""
    return [BUNDLED, *(_read_list(folder / "models.toml") if folder else [])]


def find_model(name: str | None, folder: Path | None = None) -> ModelSpec | None:
    """The named model that words, the bundled one for no name, null for ``none``.

    Raises ``InputError`` for an unknown name, and for a model that words nothing.
    """
    spec = any_model(name or BUNDLED_NAME, folder) if name != "none" else None
    if spec is not None and spec.kind != WORDING:
        raise InputError("model", f"{spec.name} tells what texts mean; it words nothing.", remedy="Choose another.")
    return spec


def any_model(name: str, folder: Path | None = None) -> ModelSpec:
    """The named model, of whatever kind; raises ``InputError`` for an unknown name."""
    models = list_models(folder)
    for spec in models:
        if spec.name == name:
            return spec
    known = ", ".join([spec.name for spec in models] + ["none"])
    raise InputError("model", f"There is no model called {name!r}.", remedy=f"Choose one of: {known}.")


def pointing_model(name: str | None, folder: Path | None = None) -> ModelSpec | None:
    """The named model, the first that is qualified to point for no name, null for ``none`` and where there is none.

    Raises ``InputError`` for an unknown name.
    """
    if name:
        return find_model(name, folder)
    return next((spec for spec in list_models(folder) if spec.points), None)


def meaning_model(folder: Path | None = None) -> ModelSpec | None:
    """The first embedding model of the list; null where there is none."""
    return next((spec for spec in list_models(folder) if spec.kind == EMBEDDING), None)


def verify_model(spec: ModelSpec) -> None:
    """Raise ``EnvironmentFault`` unless the file is there, is a GGUF and has its digest.

    The digest is remembered in this process only, and only while size, time and inode stay the same.
    """
    _verify(spec.file, spec.sha256, f"The model {spec.name}", "The model file", _remedy(spec))


def verify_adapter(spec: ModelSpec) -> None:
    """The same for the adapter; a model without one has nothing to be verified."""
    if spec.adapter is not None:
        what = f"The adapter of the model {spec.name}"
        remedy = "Install Caseworth again; until then the model chooses among the words of frames."
        _verify(spec.adapter, spec.adapter_sha256, what, "The adapter", remedy)


def with_sound_adapter(spec: ModelSpec) -> tuple[ModelSpec, EnvironmentFault | None]:
    """The model as it can be used: without its adapter, in frames, where that is missing or altered; and why."""
    try:
        verify_adapter(spec)
    except EnvironmentFault as fault:
        style = "frames" if spec.style == TAUGHT else spec.style
        return replace(spec, adapter=None, adapter_sha256="", style=style), fault
    return spec, None


def _verify(path: Path, sha256: str, what: str, file: str, remedy: str) -> None:
    try:
        stat = path.stat()
        with path.open("rb") as handle:
            magic = handle.read(4)
        key = (str(path), stat.st_size, stat.st_mtime_ns, stat.st_ino)
        found = _verified.get(key) or _digest(path)
    except FileNotFoundError as exc:
        raise EnvironmentFault(f"{what} is not at {path}.", remedy=remedy) from exc
    except OSError as exc:
        raise EnvironmentFault(f"{file} {path} cannot be read: {exc}.", remedy=remedy) from exc
    if found != sha256:
        message = f"{file} {path} is not the one expected: its SHA-256 is {found}, not {sha256}."
        raise EnvironmentFault(message, remedy=remedy)
    if magic != b"GGUF":
        raise EnvironmentFault(f"{file} {path} is not a GGUF file.", remedy=remedy)
    _verified[key] = found


def memory_limit(spec: ModelSpec) -> int:
    """Bytes of address space for the worker: the file, a copy repacked for the processor, the context, the runtime."""
    if spec.ram_mb:
        return spec.ram_mb << 20
    size = spec.file.stat().st_size
    return 2 * size + size // 2 + spec.context * 256 * 1024 + (3 << 29)


def _remedy(spec: ModelSpec) -> str:
    if spec.name == BUNDLED_NAME:
        again = "Install Caseworth" if getattr(sys, "frozen", False) else "Run `python -m local_models.fetch` to get it"
        return f"{again} again, or draft with --model none."
    return "Copy the file again and check its entry in models.toml, or draft with --model none."


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _read_list(path: Path) -> list[ModelSpec]:
    if not path.is_file():
        return []
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("model", [])
        if not isinstance(entries, list):
            raise _broken(path, "models are listed as [[model]]")
        return [_spec(path, entry) for entry in entries]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as exc:
        raise _broken(path, str(exc)) from exc


def _broken(path: Path, why: str) -> InputError:
    return InputError("model", f"The list of models cannot be used: {why}.", file=str(path), remedy="Mend the file.")


def _spec(path: Path, entry: Mapping[str, Any]) -> ModelSpec:
    missing = [key for key in ("name", "file", "sha256", "licence") if not isinstance(entry.get(key), str)]
    if missing:
        raise _broken(path, f"an entry lacks {', '.join(missing)}")
    if not re.fullmatch("[0-9a-f]{64}", entry["sha256"]):
        raise _broken(path, f"the sha256 of {entry['name']} is not 64 hexadecimal digits in lower case")
    if entry["name"] in {BUNDLED_NAME, "none"}:
        raise _broken(path, f"the name {entry['name']} is taken")
    if entry.get("style", "free") not in STYLES:
        raise _broken(path, f"the style of {entry['name']} is neither of {', '.join(STYLES)}")
    if entry.get("kind", WORDING) not in KINDS:
        raise _broken(path, f"the kind of {entry['name']} is neither of {', '.join(KINDS)}")
    for key in ("points", "chat"):
        if not isinstance(entry.get(key, False), bool):
            raise _broken(path, f"{key} of {entry['name']} is neither true nor false")
    unknown = [language for language in entry.get("languages", ()) if language not in LANGUAGES]
    if unknown:
        raise _broken(path, f"the languages of {entry['name']} are not among {', '.join(LANGUAGES)}")
    closed = entry.get("closed", {})
    if not isinstance(closed, dict) or not all(
        language in LANGUAGES and isinstance(share, float) and 0 < share < 1 for language, share in closed.items()
    ):
        raise _broken(path, f"closed of {entry['name']} is a share between 0 and 1 for each of its languages")
    return ModelSpec(
        name=entry["name"],
        file=path.parent / entry["file"],
        sha256=entry["sha256"],
        licence=entry["licence"],
        languages=tuple(entry.get("languages", ("en",))),
        style=entry.get("style", "free"),
        context=int(entry.get("context", 4096)),
        ram_mb=int(entry.get("ram_mb", 0)),
        points=entry.get("points", False),
        chat=entry.get("chat", False),
        closed=tuple(closed.items()),
        kind=entry.get("kind", WORDING),
        before_question=str(entry.get("before_question", "")),
        before_passage=str(entry.get("before_passage", "")),
    )
