"""How well models point at fields that reading left open (docs/reading.md).

    python -m bench.bench_pointing FOLDER [--model NAME ...] [--models FOLDER] [--questions N] [--catalogue FOLDER]
                                   [--share S]

FOLDER holds documents with their truths (``bench.reading.authored``); they are read under their true kind, with the
words of another catalogue or with a share of the labels hidden (``bench.hidden_labels``). Of the fields left open N are
asked whose value is among the places, and N whose value does not stand on the document, evenly taken.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.extraction.fields import fields_of
from app.domain.extraction.openings import openings_of
from app.domain.kind_words import KindWords, paper_of
from app.domain.pointing import Opening, field_of
from bench.fit_reading import kept_layout
from bench.hidden_labels import with_fewer_labels
from bench.reading.authored import Made, made_in
from bench.reading.compare import same
from data.catalogue import FOLDER
from data.kinds import load_kinds, load_scales
from local_models.catalogue import BUNDLED_NAME, find_model
from local_models.client import LocalModel
from local_models.pointing import ModelPointer


@dataclass(frozen=True, slots=True)
class Question:
    """A field left open; ``right`` are the places of its value, none where it does not stand on the document."""

    kind: str
    opening: Opening
    right: frozenset[int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", action="append", default=[], help=f"usual: {BUNDLED_NAME}")
    parser.add_argument("--models", type=Path, help="folder of the list of models")
    parser.add_argument("--questions", type=int, default=30)
    parser.add_argument("--catalogue", type=Path, default=FOLDER)
    parser.add_argument("--share", type=float, default=0.0)
    given = parser.parse_args()
    asked = list(questions(given.folder, given.catalogue, given.share))
    there = _evenly([each for each in asked if each.right], given.questions)
    absent = _evenly([each for each in asked if not each.right], given.questions)
    print(
        f"{len(asked)} fields left open, of {sum(bool(each.right) for each in asked)} the value is among the places\n"
    )
    print("| model | value there | right | wrong | by chance | value absent | named all the same | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for name in given.model or [BUNDLED_NAME]:
        spec = find_model(name, given.models)
        if spec is None:
            parser.error(f"--model {name}: there is no model to ask")
        pointer = ModelPointer(LocalModel(spec))
        try:
            print(_row(name, pointer, there, absent), flush=True)
        finally:
            pointer.close()


def questions(folder: Path, catalogue: Path, share: float) -> Iterator[Question]:
    """What reading leaves open on the documents of a folder; fields whose value stands elsewhere are left out."""
    kinds = with_fewer_labels(load_kinds(catalogue), share, 0)
    words = KindWords(kinds)
    for made in made_in(folder):
        kind = kinds.get(made.truth["kind"])
        if kind is None:
            continue
        paper = paper_of(kept_layout(made.path, folder), words)
        for opening in openings_of(paper, kind, fields_of(paper, kind, load_scales()[1])):
            right = _right(made, opening)
            if right is not None:
                yield Question(kind.label["en"], opening, right)


def _right(made: Made, opening: Opening) -> frozenset[int] | None:
    """The right places; None where the value is on the document and at none of them, or is not asked for."""
    truth: Mapping[str, Any] | None = next((f for f in made.truth["fields"] if f["name"] == opening.field), None)
    if truth is None:
        return None if opening.field in (made.truth.get("also") or {}) else frozenset()
    values = [truth["value"], *(truth.get("alternatives") or ())]
    right = {at for at, span in enumerate(opening.spans) if any(same(truth["type"], v, span.value) for v in values)}
    return frozenset(right) or None


def _evenly(listed: Sequence[Question], count: int) -> list[Question]:
    return [listed[at * len(listed) // count] for at in range(count)] if len(listed) > count else list(listed)


def _row(name: str, pointer: ModelPointer, there: Sequence[Question], absent: Sequence[Question]) -> str:
    began = time.perf_counter()
    named = [_named(pointer, each) for each in (*there, *absent)]
    seconds = (time.perf_counter() - began) / max(len(named), 1)
    found = list(zip(there, named, strict=False))
    right = sum(place in each.right for each, place in found)
    wrong = sum(place is not None for _, place in found) - right
    chance = sum(len(each.right) / len(each.opening.spans) for each in there)
    false = sum(place is not None for place in named[len(there) :])
    return f"| {name} | {len(there)} | {right} | {wrong} | {chance:.1f} | {len(absent)} | {false} | {seconds:.1f} |"


def _named(pointer: ModelPointer, question: Question) -> int | None:
    pointed = pointer.point(question.opening, question.kind)
    return None if field_of(question.opening, pointed) is None else pointed.place


if __name__ == "__main__":
    main()
