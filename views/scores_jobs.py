"""What the scores room does off the UI thread: reading the register, taking scorecards in and out of files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.register import ScorecardEntry
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import EnvironmentFault, WorkbenchError

SUFFIX = {"json": ".json", "pmml": ".pmml", "document": ".pdf"}


@dataclass(frozen=True)
class Register:
    """Every scorecard of the desk, with its document read, by its SHA-256."""

    entries: list[ScorecardEntry]
    cards: Mapping[str, Scorecard]


def read_register(desk: Any, known: Mapping[str, Scorecard]) -> Register:
    """The scorecards of the desk; those ``known`` are not read again. For the ``read`` lane."""
    entries: list[ScorecardEntry] = desk.register.entries()
    cards = {entry.sha256: known.get(entry.sha256) or read_scorecard(entry.document) for entry in entries}
    return Register(entries, cards)


def take_in(desk: Any, path: Path) -> Scorecard:
    """Add a JSON or PMML file to the register, as a draft. For the ``write`` lane."""
    card: Scorecard = desk.register.add(read_file(path).document)
    return card


@dataclass(frozen=True)
class KeptFit:
    """A fitted scorecard in the register; its challenger where one could be kept, else why not."""

    card: Scorecard
    challenger: str = ""  # name
    problem: str = ""


def keep_fitted(desk: Any, document: Mapping[str, Any], beside: Any) -> KeptFit:
    """Keep a fitted scorecard as a draft, and the challenger fitted beside it. For the ``write`` lane.

    ``beside`` is a ``bootstrap.challengers.Beside``. That the challenger is refused does not undo the scorecard.
    """
    card = desk.register.add(document)
    if not beside.data:
        return KeptFit(card, problem=beside.problem)
    try:
        return KeptFit(card, desk.challengers.keep_file(beside.data).kept.name)
    except WorkbenchError as error:
        return KeptFit(card, problem=str(error))


def opened(data: bytes) -> Any:
    """A challenger from the bytes of its file, ready to score."""
    from app.bootstrap.challengers import opened as from_bytes

    return from_bytes(data)


def read_file(path: Path) -> Scorecard:
    """A scorecard from a JSON or PMML file, told apart by the first sign. Raises ``InputError`` with file and place."""
    from app.bootstrap.scoring import import_pmml
    from data.scorecard_files import open_scorecard

    try:
        with path.open("rb") as file:
            start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        start = b""
    return import_pmml(path) if start.startswith(b"<") else open_scorecard(path)


def write_out(entry: ScorecardEntry, path: Path, form: str) -> Path:
    """Write a scorecard as ``json``, ``pmml`` or ``sql.<dialect>``; raises ``EnvironmentFault``. For ``documents``."""
    text = text_of(entry.document, form)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise EnvironmentFault(
            f"{path.name} cannot be written: {exc.strerror or exc}.", remedy="Choose another folder."
        ) from exc
    return path


def text_of(document: Mapping[str, Any], form: str) -> str:
    """The scorecard in that form."""
    from app.bootstrap import scoring

    if form == "json":
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    card = read_scorecard(document)
    if form == "pmml":
        return scoring.scorecard_pmml(card)
    return scoring.scorecard_sql(card, form.removeprefix("sql."), table="applications")


def write_document(desk: Any, entry: ScorecardEntry, path: Path, language: str) -> Path:
    """Write the signed model document. For the ``write`` lane: alerts of the monitoring may be kept on the way."""
    from app.bootstrap.watching import write_document as write

    written: Path = write(desk, entry.sha256, path, language).path
    return written


def file_name(entry: ScorecardEntry, form: str) -> str:
    """What the file is called unless a person calls it otherwise."""
    dialect = form.removeprefix("sql.") if form.startswith("sql.") else ""
    stem = f"{entry.name}-{entry.version}" + (f"-{dialect}" if dialect else "")
    return stem + SUFFIX.get(form, ".sql")
