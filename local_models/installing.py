"""Model files come in and go out of the models folder: looked at, copied with their digest, written into the list."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.errors import EnvironmentFault, InputError
from app.ports import Progress, no_progress
from local_models.catalogue import BUNDLED_NAME, EMBEDDING, STYLES, ModelSpec, any_model, list_models
from local_models.chat import chat_frame
from local_models.gguf import Header, marks_of, read_header

CHUNK = 4 << 20  # bytes copied between two looks at whether the person has cancelled
CONTEXT = 4_096  # tokens: a plan's prompt, its examples and eight sentences side by side take less
FREE_FROM = 1_000_000_000  # parameters from which a model is asked to word freely, unless the person says otherwise
SPARE = 256 << 20  # bytes that stay free on the disk
_LIST = "models.toml"
_HEAD = re.compile(r"^\s*\[\[\s*model\s*\]\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a model's file says of itself, and whether its chat template can be used."""

    file: Path
    header: Header
    template_problem: str  # why the chat template is not used; empty where it is, or where there is none


@dataclass(frozen=True, slots=True)
class InstallModel:
    """Take a file into the models folder. What is not given, the file says."""

    file: Path
    name: str | None = None
    licence: str | None = None
    style: str | None = None
    before_question: str = ""  # of an embedding model, as its publisher says
    before_passage: str = ""


def inspect_file(path: Path) -> Inspected:
    """Read the header and try the chat template; nothing is loaded.

    Raises ``InputError`` for a file that is malformed, split into parts, or holds no language model.
    """
    header = read_header(path)
    if header.parts > 1:
        message = f"{path.name} is one of {header.parts} parts of a model."
        raise InputError("model", message, remedy="Join them with llama-gguf-split --merge, and import the whole.")
    if header.ranks:
        raise InputError("model", f"{path.name} ranks texts for a question; such models are not used.")
    lacks = [word for word, found in _essentials(header).items() if not found]
    if header.kind != "model" or lacks:
        why = f"it holds no {', no '.join(lacks)}" if lacks else f"it is of the kind {header.kind!r}"
        raise InputError("model", f"{path.name} is no language model that can be used: {why}.")
    return Inspected(path, header, _template_problem(header))


def _essentials(header: Header) -> dict[str, int]:
    return {
        "architecture": len(header.architecture),
        "tensors": len(header.tensors),
        "layers": header.layers,
        "vocabulary": header.vocabulary,
        "context length": header.context,
    }


def _template_problem(header: Header) -> str:
    if not header.chat_template:
        return ""
    try:
        chat_frame(header.chat_template, "Answer briefly.", [("Ready?", "Yes.")], marks_of(header))
    except InputError as problem:
        return problem.message
    return ""


def install_model(command: InstallModel, folder: Path, progress: Progress = no_progress) -> ModelSpec:
    """Copy the file into the folder and write it into ``models.toml``; it words nothing until it is qualified.

    The header is read again from the copy, which is what will be loaded. ``progress`` counts bytes and may raise
    ``Cancelled``: nothing of the copy stays. Raises ``InputError`` for a file or a name that cannot be used, and
    ``EnvironmentFault`` where the disk has no room.
    """
    found = inspect_file(command.file)
    name = _name(command, found.header)
    licence = command.licence or found.header.licence
    if not licence:
        message = f"{command.file.name} does not say under which licence it may be used."
        raise InputError("licence", message, remedy="Look it up at its publisher's, and give it with --licence.")
    if command.style is not None and found.header.embeds:
        raise InputError("style", f"{command.file.name} tells what texts mean; it words nothing, in no style.")
    if command.style is not None and command.style not in STYLES:
        raise InputError("style", f"There is no style {command.style!r}.", remedy=f"Choose {' or '.join(STYLES)}.")
    if name in {BUNDLED_NAME, "none"} or any(spec.name == name for spec in list_models(folder)):
        raise InputError("name", f"There is a model called {name} already.", remedy="Give another name with --name.")
    target = folder / f"{name}.gguf"
    if target.exists():
        raise InputError("name", f"{target} is there already.", remedy="Give another name with --name.")
    digest = _copy(command.file, target, progress)
    try:
        kept = inspect_file(target)
        own = _meaning_entry(command) if kept.header.embeds else _wording_entry(command, kept)
        _append(folder / _LIST, _entry(name, target, digest, licence, kept, own))
        spec = any_model(name, folder)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return spec


def digest_of(path: Path, progress: Progress = no_progress) -> str:
    """SHA-256 of a file. ``progress`` counts bytes and may raise ``Cancelled``; raises ``InputError``."""
    sha256, done = hashlib.sha256(), 0
    try:
        total = path.stat().st_size
        with path.open("rb") as handle:
            while chunk := handle.read(CHUNK):
                sha256.update(chunk)
                done += len(chunk)
                progress(done, total, "digest")
    except OSError as exc:
        message = f"{path} cannot be read: {exc.strerror or exc}."
        raise InputError("model", message, remedy="Check the medium and the rights.") from exc
    return sha256.hexdigest()


def remove_model(name: str, folder: Path) -> ModelSpec:
    """Take a model out of the list and delete its file where it lies in the folder; returns what was removed."""
    spec = any_model(name, folder)
    if spec.name == BUNDLED_NAME:
        raise InputError("model", f"{name} is part of the desk and cannot be removed.")
    listed = folder / _LIST
    _write(listed, _without(listed.read_text(encoding="utf-8"), name))
    others = {other.file.resolve() for other in list_models(folder)}
    inside = spec.file.resolve().parent == folder.resolve()
    if inside and spec.file.resolve() not in others:
        spec.file.unlink(missing_ok=True)
    return spec


def _name(command: InstallModel, header: Header) -> str:
    """The name given, else one made of the file's own."""
    if command.name is not None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", command.name):
            message = f"{command.name!r} is no name for a model."
            raise InputError("name", message, remedy="Use small letters, digits, dots and hyphens, at most 64.")
        return command.name
    made = re.sub(r"[^a-z0-9.]+", "-", (command.file.stem or header.title).lower()).strip("-.")[:64]
    if not made:
        raise InputError("name", f"{command.file.name} gives no name.", remedy="Give one with --name.")
    return made


def _copy(source: Path, target: Path, progress: Progress) -> str:
    """Copy with the digest of what was written, under another name until it is whole."""
    part = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        total = source.stat().st_size
        _check_room(target.parent, total)
        try:
            digest = _copied(source, part, total, progress)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as exc:
        message = f"{source.name} cannot be copied to {target.parent}: {exc.strerror or exc}."
        raise EnvironmentFault(message, remedy="Check the medium, the folder and the free space.") from exc
    return digest


def _check_room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if wanted + SPARE > free:
        message = f"The model takes {wanted / 1e9:.1f} GB, and {folder} has {free / 1e9:.1f} GB free."
        raise EnvironmentFault(message, remedy="Make room, or remove a model that is no longer used.")


def _copied(source: Path, part: Path, total: int, progress: Progress) -> str:
    sha256, done = hashlib.sha256(), 0
    with source.open("rb") as read, part.open("wb") as write:
        progress(0, total, "copy")
        while chunk := read.read(CHUNK):
            sha256.update(chunk)
            write.write(chunk)
            done += len(chunk)
            progress(done, total, "copy")
        write.flush()
        os.fsync(write.fileno())
    return sha256.hexdigest()


def _meaning_entry(command: InstallModel) -> dict[str, str]:
    before = {"before_question": command.before_question, "before_passage": command.before_passage}
    return {"kind": _quoted(EMBEDDING)} | {key: _quoted(text) for key, text in before.items() if text}


def _wording_entry(command: InstallModel, kept: Inspected) -> dict[str, str]:
    style = command.style or ("free" if kept.header.parameters >= FREE_FROM else "frames")
    spoken = kept.header.chat_template and not kept.template_problem
    return {"style": _quoted(style), "chat": "true" if spoken else "false"}


def _entry(name: str, file: Path, digest: str, licence: str, kept: Inspected, own: Mapping[str, str]) -> str:
    values = {
        "name": _quoted(name),
        "file": _quoted(file.name),
        "sha256": _quoted(digest),
        "licence": _quoted(licence),
        "languages": "[]",
        "context": str(min(CONTEXT, kept.header.context)),
        **own,
    }
    return "".join(["[[model]]\n", *(f"{key} = {value}\n" for key, value in values.items())])


def _quoted(text: str) -> str:
    """A TOML basic string."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)[:200]
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _append(listed: Path, entry: str) -> None:
    before = listed.read_text(encoding="utf-8") if listed.is_file() else ""
    _write(listed, f"{before.rstrip()}\n\n{entry}".lstrip())


def _write(path: Path, text: str) -> None:
    """In one step, so that a list is never half there."""
    fresh = path.with_suffix(".part")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as exc:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        message = f"{path} cannot be written: {exc.strerror or exc}."
        raise EnvironmentFault(message, remedy="Check the folder and its rights.") from exc


def _without(text: str, name: str) -> str:
    """The list without the entries of that name; everything else stays as it is written."""
    starts = [match.start() for match in _HEAD.finditer(text)]
    pieces = [text[: starts[0]] if starts else text]
    pieces += [text[at:end] for at, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return "".join(piece for piece in pieces if not _names(piece, name))


def _names(piece: str, name: str) -> bool:
    entries: Sequence[dict[str, object]] = tomllib.loads(piece).get("model", [])
    return any(entry.get("name") == name for entry in entries)
