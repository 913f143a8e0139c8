"""JSON, XML and OFX as readable lines, with the line of a path or an entry found."""

from __future__ import annotations

import json
import re
import xml.parsers.expat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

_STEP = re.compile(r"\[(\d+)\]|\[['\"]([^'\"]+)['\"]\]|([^.\[\]$/]+)")


@dataclass(frozen=True, slots=True)
class Marked:
    """Lines and the index of the one that counts."""

    lines: list[str]
    index: int | None
    marks: tuple[int, ...] = ()  # every line of what counts, the first one being ``index``


def path_key(path: str | None) -> Path | None:
    """Steps of ``$.accounts[0].balance`` or ``accounts/0/balance``; None for no path."""
    if not path:
        return None
    steps: list[str | int] = []
    for index, quoted, word in _STEP.findall(path):
        step = index or quoted or word
        steps.append(int(step) if step.isdigit() else step)
    return tuple(steps)


def pretty_json(value: Any, path: Path | None) -> Marked:
    """Indented lines of a JSON value; the marked line is where ``path`` (or its longest known part) begins."""
    lines: list[str] = []
    at: dict[Path, int] = {}
    for here, line in _json_lines(value, (), "", ""):
        if here is not None:
            at.setdefault(here, len(lines))
        lines.append(line)
    for length in range(len(path or ()), 0, -1):
        assert path is not None
        found = [line for here, line in at.items() if _same(here, path[:length])]
        if found:
            return Marked(lines, found[0], tuple(found))
    return Marked(lines, None)


def _same(here: Path, wanted: Path) -> bool:
    """Whether a place is the wanted one; ``*`` stands for any step."""
    return len(here) == len(wanted) and all(step in ("*", at) for at, step in zip(here, wanted, strict=True))


def _json_lines(value: Any, here: Path, indent: str, lead: str) -> Iterator[tuple[Path | None, str]]:
    if not isinstance(value, dict | list) or not value:
        yield here, f"{indent}{lead}{json.dumps(value, ensure_ascii=False)}"
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield here, f"{indent}{lead}{opening}"
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        name = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(value, dict) else ""
        yield from _json_lines(item, (*here, key), indent + "  ", name)
    yield None, f"{indent}{closing}"


class _XmlPrinter:
    """Collects one line an element while expat reads, and remembers where paths and entries begin."""

    def __init__(self, path: str | None, entries: tuple[int, ...]) -> None:
        self.lines: list[str] = []
        self.marks: list[int] = []
        self._marking: int | None = None  # depth of the element that is being marked
        self._wanted = [str(step) for step in path_key(path) or ()]
        self._numbers = frozenset(entries)
        self._entries = 0
        self._open: list[str] = []
        self._counts: list[dict[str, int]] = [{}]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._counts[-1][name] = self._counts[-1].get(name, 0) + 1
        nth = self._counts[-1][name]
        self._counts.append({})
        self._open += [name, str(nth)]
        shown = "".join(f" {key}={value}" for key, value in attributes.items() if not key.startswith("xmlns"))
        self.lines.append("  " * (len(self._open) // 2 - 1) + name + shown)
        if name == "Ntry":
            self._entries += 1
        if self._marking is None and self._is_wanted(name):
            self._marking = len(self._open)
        if self._marking is not None:
            self.marks.append(len(self.lines) - 1)

    def _is_wanted(self, name: str) -> bool:
        if self._wanted:
            tags = [step for step in self._wanted if not step.isdigit()]
            return not self.marks and self._steps_match() and bool(tags)
        return name == "Ntry" and self._entries in self._numbers

    def _steps_match(self) -> bool:
        """Whether the open elements end in the wanted steps; a step without a number means its first element."""
        opened = list(zip(self._open[::2], self._open[1::2], strict=True))
        wanted: list[tuple[str, str]] = []
        for step in self._wanted:
            if step.isdigit() and wanted:
                wanted[-1] = (wanted[-1][0], step)
            else:
                wanted.append((step.rpartition(":")[2], "1"))
        return opened[-len(wanted) :] == wanted

    def end(self, tag: str) -> None:
        if self._marking == len(self._open):
            self._marking = None
        del self._open[-2:]
        self._counts.pop()

    def text(self, words: str) -> None:
        if words.strip():
            self.lines[-1] += f": {words.strip()}" if ": " not in self.lines[-1] else words.strip()


def pretty_xml(text: str, path: str | None, entries: tuple[int, ...]) -> Marked | None:
    """One line an element; None when the text is not well formed or declares entities (which are never expanded)."""
    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True
    printer = _XmlPrinter(path, entries)
    parser.StartElementHandler = printer.start
    parser.EndElementHandler = printer.end
    parser.CharacterDataHandler = printer.text
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), True)
    except (xml.parsers.expat.ExpatError, _EntityDeclaredError):
        return None
    return Marked(printer.lines, printer.marks[0] if printer.marks else None, tuple(printer.marks))


class _EntityDeclaredError(Exception):
    """An XML file declares an entity."""


def _refuse(*_: object) -> None:
    raise _EntityDeclaredError


def ofx_lines(text: str, entries: tuple[int, ...]) -> Marked:
    """OFX with one element a line; entries are ``STMTTRN`` blocks counted from 1."""
    lines = [line for line in re.sub(r"<", "\n<", text).splitlines() if line.strip()]
    starts = [index for index, line in enumerate(lines) if line.strip().upper().startswith("<STMTTRN>")]
    ends = [*starts[1:], len(lines)]
    marks: list[int] = []
    for entry in entries:
        if 1 <= entry <= len(starts):
            block = range(starts[entry - 1], ends[entry - 1])
            marks += [at for at in block if not lines[at].strip().startswith("</BANKTRANLIST")]
    return Marked(lines, marks[0] if marks else None, tuple(marks))
