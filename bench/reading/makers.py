"""Makers: how one issuer lays out one kind of document, as ``makers/<set>/<kind>.txt`` describes them (see README)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.reading.values import Style

FOLDER = Path(__file__).resolve().parent / "makers"
_SETTINGS = {
    "locale",
    "font",
    "dates",
    "money",
    "period",
    "between",
    "pairs",
    "table",
    "size",
    "base",
    "accent",
    "form",
    "margin",
    "known",
}
_STYLE = {"dates", "money", "period", "between"}


@dataclass(frozen=True, slots=True)
class Block:
    kind: str  # name of a block (README): "title", "pairs", "table", ...
    argument: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Maker:
    """One maker; ``form`` is "pdf", or "image" for what never comes with a text layer."""

    set_name: str
    kind: str
    name: str
    settings: dict[str, str]
    blocks: tuple[Block, ...]

    @property
    def locale(self) -> str:
        return self.settings.get("locale", "en-GB")

    @property
    def form(self) -> str:
        return self.settings.get("form", "pdf")

    @property
    def style(self) -> Style:
        given = {name: text for name, text in self.settings.items() if name in _STYLE}
        return Style(self.locale.split("-")[0], **given)


def makers_of(set_name: str) -> list[Maker]:
    """All makers of "tuning" or "measuring", by kind. Raises ``ValueError`` with file and line."""
    found: list[Maker] = []
    for path in sorted((FOLDER / set_name).glob("*.txt")):
        found += _makers_in(path, set_name)
    return found


def _makers_in(path: Path, set_name: str) -> Iterator[Maker]:
    chunks = re.split(r"^--- *(\S+) *$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for name, body in zip(chunks[1::2], chunks[2::2], strict=True):
        settings, blocks = _parts(body, f"{path.name}: {name}")
        yield Maker(set_name, path.stem, name, settings, tuple(blocks))


def _parts(body: str, where: str) -> tuple[dict[str, str], list[Block]]:
    settings: dict[str, str] = {}
    blocks: list[Block] = []
    for line in body.strip("\n").splitlines():
        if head := re.fullmatch(r"\[(/?[a-z]\w*)([^\]]*)\](.*)", line):
            given = (head[3].strip(),) if head[3].strip() else ()
            blocks.append(Block(head[1], head[2].strip(), given))
        elif blocks:
            last = blocks[-1]
            blocks[-1] = Block(last.kind, last.argument, (*last.lines, line))
        elif line.strip():
            name, _, text = line.partition(": ")
            if name not in _SETTINGS:
                raise ValueError(f"{where}: no setting is called {name!r}")
            settings[name] = text if name == "between" else text.strip()
    return settings, blocks
