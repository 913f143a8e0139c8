"""Fields from a machine-readable zone; its check digits make them the surest there are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.document_kinds import DocumentKind
from app.domain.extraction.candidates import Candidate
from app.domain.kind_words import Paper
from app.domain.mrz import Zone, is_zone_line, read_zone
from app.domain.strips import Strip

_PARTS = {  # field -> attribute of the zone, the check that proves it
    "surname": ("surname", "composite"),
    "given_names": ("given_names", "composite"),
    "document_number": ("number", "number"),
    "nationality": ("nationality", "composite"),
    "birth_date": ("birth_date", "birth_date"),
    "sex": ("sex", "composite"),
    "expiry_date": ("expiry_date", "expiry_date"),
}
_WORDED = re.compile(r"[a-zà-þ]{4}|\w\s?/\s?\w.*\(")  # small letters: labels, never signs of a zone
_UNPROVED = ("surname", "given_names", "nationality", "sex")


def zone_lines(paper: Paper) -> list[Strip]:
    """Lines that may be of a machine-readable zone."""
    return [strip for strip in paper.strips if is_zone_line(strip.text) and not _WORDED.search(strip.text)]


def zone_of(paper: Paper) -> Zone | None:
    """The machine-readable zone of the document, where its check digits hold."""
    lines = zone_lines(paper)
    return read_zone([strip.text for strip in lines]) if len(lines) > 1 else None


def from_zone(paper: Paper, kind: DocumentKind) -> Iterator[Candidate]:
    """What the zone says of the fields of the kind."""
    names = {spec.name for spec in kind.fields}
    if "mrz" not in names or (zone := zone_of(paper)) is None:
        return
    lines = zone_lines(paper)
    box = _whole(lines)
    for name, (attribute, check) in _PARTS.items():
        value = getattr(zone, attribute)
        if name in names and value:
            proved = zone.checks.get(check, False) and name not in ("nationality", "sex")
            score = (0.99 if proved else 0.7) if name not in _UNPROVED else _unproved(name, zone)
            text = value if isinstance(value, str) else value.isoformat()
            yield Candidate(
                name, text, text, lines[0].page.number, box, score, "check digits", None, lines[0].number, proved
            )
    raw = "\n".join(strip.text.replace("\t", "").replace(" ", "") for strip in lines)
    yield Candidate("mrz", raw, raw, lines[0].page.number, box, 0.99 if zone.valid else 0.75, "check digits",
                    None, lines[0].number, zone.valid)  # fmt: skip


def _unproved(name: str, zone: Zone) -> float:
    """The card says sex and nationality in words, which people read sooner."""
    if name in ("nationality", "sex"):
        return 0.8
    return 0.93 if zone.valid else 0.85


def _whole(lines: list[Strip]) -> tuple[float, float, float, float]:
    boxes = [strip.box(0, len(strip.text)) for strip in lines]
    edges = list(zip(*boxes, strict=True))
    return (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))
