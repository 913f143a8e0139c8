"""Words that are stored in English with a case (a reader's note, a bin's label, a clause), in the language shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from app.domain.facts import Catalogue, Kind
from views import format as fmt
from views.strings import has_text, tr

_COUNTED = re.compile(r"(?P<count>[\d,]+) (?P<what>[a-z][a-z ]*)")
_INTERVAL = re.compile(r"(?P<lower>-?[\d.]+) – < (?P<upper>-?[\d.]+)")
_ONE_SIDED = re.compile(r"(?P<sign>[<≥=]) (?P<bound>-?[\d.]+)")
_SIDES = {"<": "below", "≥": "from", "=": "exactly"}
_SIGNS = {  # what a reader says of a file that was changed
    "fonts": r"amounts set in several fonts: (?P<what>.*)",
    "text_over_scan": r"visible text was laid over a scanned page",
    "updated": r"(?P<what>\d+) later versions were appended to the file",
    "written_by": r"it was written by (?P<what>.*)",
    "made_and_changed": r"it was made on (?P<what>[\d-]+) and changed on (?P<then>[\d-]+)",
    "patched": r"(?P<what>.*) was put into the picture after the page had been compressed",
    "patched_perhaps": r"(?P<what>.*) may have been put into the picture after the page had been compressed",
}
_CLAUSE = re.compile(r"(?P<table>[a-z]+) (?P<number>\d+(?:\.\d+)*)")


def note_words(note: str) -> str:
    """A reader's note: its known parts in the language shown, any other as it is."""
    return " · ".join(_note_part(part) for part in note.split(" · "))


def _note_part(part: str) -> str:
    counted = _COUNTED.fullmatch(part)
    if counted:
        count = counted["count"].replace(",", "")
        key = f"case.note.{_key(counted['what'])}"
        return tr(key, count=fmt.number(int(count))) if has_text(key) else part
    key = f"case.note.{_key(part)}"
    return tr(key) if has_text(key) else part


def _key(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def sign_words(words: str) -> str:
    """What speaks for a change of a file, behind the file's name where that stands before it, in the language shown."""
    for key, pattern in _SIGNS.items():
        found = re.fullmatch(rf"(?P<file>.*: )?{pattern}", words)
        if found:
            return (found["file"] or "") + tr(f"case.sign.{key}", **{"what": "", "then": "", **found.groupdict("")})
    return words


def clause_words(clause: str) -> str:
    """``affordability 4.2`` with the table's name in the language shown."""
    found = _CLAUSE.fullmatch(clause)
    key = f"case.clause.{found['table']}" if found else ""
    return f"{tr(key)} {found['number']}" if found and has_text(key) else clause


def bin_words(name: str, label: str, catalogue: Catalogue, language: str) -> str:
    """A bin's label: its bounds, the words of its categories, or that the value is not known."""
    return " / ".join(_bin_part(name, part.strip(), catalogue, language) for part in label.split(" / "))


def _bin_part(name: str, part: str, catalogue: Catalogue, language: str) -> str:
    definition = catalogue.get(name)
    if part in ("missing", "other", "any"):
        return tr(f"case.bin.{part}")
    if definition is not None and definition.kind is Kind.BOOLEAN and part in ("true", "false"):
        return fmt.value_text(part == "true", Kind.BOOLEAN, "", language)
    interval, side = _INTERVAL.fullmatch(part), _ONE_SIDED.fullmatch(part)
    if interval:
        return tr("case.bin.between", lower=interval["lower"], upper=interval["upper"])
    if side:
        return tr(f"case.bin.{_SIDES[side['sign']]}", bound=side["bound"])
    return fmt.category_label(name, part, catalogue, language)


def person_words(person: str) -> str:
    """Who did something; the program itself by its name."""
    return tr("app.name") if person == "caseworth" else person


def event_words(detail: Mapping[str, Any], document_name: Callable[[str], str]) -> str:
    """What an event says of itself, without empty values, counts of none and digests of rules."""
    parts = (_event_part(name, value, document_name) for name, value in detail.items())
    return " · ".join(part for part in parts if part)


def _event_part(name: str, value: Any, document_name: Callable[[str], str]) -> str:
    text = _event_value(value)
    if not text or value == 0 or name in ("policy", "scorecard"):
        return ""
    if name == "document":
        return document_name(str(value))
    for key in (f"outcome.{text}", f"case.kind.{text}"):
        if name in ("outcome", "kind") and has_text(key):
            text = tr(key)
    key = f"case.event_detail.{name}"
    return tr("case.event_detail.of", name=tr(key) if has_text(key) else name.replace("_", " "), value=text)


def _event_value(value: Any) -> str:
    """A value in few words; digests are cut short, of a sentence or a reason only its text is shown."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_event_value, value)))
    text = str(value.get("text", "")) if isinstance(value, Mapping) else str(value)
    return f"{text[:10]}…" if len(text) == 64 and text.isalnum() else text
