"""Fits how evidence becomes probability (data/catalogue/reading_scale.toml) on documents of known kind and fields.

    python -m bench.reading.authored tuning FOLDER
    python -m bench.fit_reading FOLDER [--write]

Only the tuning makers may be fitted on; the measuring makers are kept for measuring. The catalogue knows the words of
the tuning makers, so each document is also seen as one of a maker never met would be: with a third of its words hidden,
and with its titles hidden. Pictures among the files are read by recognition. Layouts are kept beside the files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, product
from math import log
from pathlib import Path
from random import Random

from app.domain.extraction.fields import candidates_of
from app.domain.kind_words import Paper, paper_of
from app.domain.layout import Layout
from app.domain.recognise import Scale, evidence, probabilities
from bench.reading.authored import Made, made_in
from data.catalogue import FOLDER
from data.kinds import kind_words, load_kinds
from data.readers.detect import form_of_file
from data.readers.layouts import layout_of
from data.readers.layouts.office import docx_layout
from data.readers.layouts.store import layout_from_json, layout_to_json

SLOPES = [0.3 + 0.05 * step for step in range(25)]  # none steeper: known makers look surer than new ones are
LEVELS = [1.0 + 0.2 * step for step in range(20)]
BINS = (0.0, 0.3, 0.45, 0.55, 0.65, 0.72, 0.78, 0.84, 0.88, 0.92, 0.96, 1.0)
HIDDEN = 0.35  # share of the phrases hidden where some are
TITLE = 3.0  # weight from which a cue is a title
PRIOR = 4.0  # documents' worth of doubt in an empty bin
CEILING = 0.995


@dataclass(frozen=True, slots=True)
class Seen:
    """Evidence of one document, and the best score of each of its fields with whether it was right."""

    kind: str
    scores: dict[str, float]
    fields: list[tuple[float, bool]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    made = made_in(given.folder)
    if any(each.truth["set"] != "tuning" for each in made):
        parser.error("the folder holds documents of other makers than those to tune on")
    seen = [one for each in made for one in _seen(each, given.folder)]
    scale = fit_kinds(seen)
    curve = fit_fields([pair for each in seen for pair in each.fields])
    text = as_toml(scale, curve)
    print(text)
    print(f"# {len(seen)} documents, log loss {loss(seen, scale):.4f}, {sum(len(each.fields) for each in seen)} fields")
    if given.write:
        (FOLDER / "reading_scale.toml").write_text(text, encoding="utf-8")


def _seen(made: Made, folder: Path) -> Iterator[Seen]:
    whole = paper_of(kept_layout(made.path, folder), kind_words())
    for paper in _views(whole, made.path.name):
        yield Seen(made.truth["kind"], evidence(paper), list(_fields(paper, made)))


def _views(whole: Paper, name: str) -> Iterator[Paper]:
    """The document as it is, and as if the catalogue lacked phrases on it: twice some of all, once its titles."""
    yield whole
    meanings = {hit.meaning.phrase: hit.meaning for hits in whole.hits for hit in hits}
    for view in (1, 2):
        chance = Random(f"{name}/{view}")
        yield _without(whole, {phrase for phrase in sorted(meanings) if chance.random() < HIDDEN})
    titles = {phrase for phrase, meaning in meanings.items() if max(meaning.cues.values(), default=0) >= TITLE}
    if titles:
        yield _without(whole, titles)


def _without(paper: Paper, phrases: Container[str]) -> Paper:
    return replace(paper, hits=tuple(tuple(h for h in hits if h.meaning.phrase not in phrases) for hits in paper.hits))


def kept_layout(path: Path, folder: Path) -> Layout:
    """The pages of a file, kept in ``folder``."""
    kept = folder / "layouts" / f"{hashlib.sha256(path.read_bytes()).hexdigest()}.json"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        form = form_of_file(path)
        made = docx_layout(path, _unwatched) if form.name == "docx" else layout_of(path, form, _unwatched)
        kept.write_text(json.dumps(layout_to_json(made)), encoding="utf-8")
    return layout_from_json(json.loads(kept.read_text(encoding="utf-8")))


def _unwatched(*_: object) -> None:
    """Nobody waits for the next page."""


def _fields(paper: Paper, made: Made) -> Iterator[tuple[float, bool]]:
    kind = load_kinds().get(made.truth["kind"])
    if kind is None:
        return
    wanted = {field["name"]: field["value"] for field in made.truth["fields"]}
    for name, candidates in candidates_of(paper, kind).items():
        if name in wanted and candidates:
            yield candidates[0].score, _bare(candidates[0].value) == _bare(wanted[name])


def _bare(value: object) -> str:
    return "".join(sign for sign in str(value).casefold() if sign.isalnum())


def fit_kinds(seen: Sequence[Seen]) -> Scale:
    """The slope and the level of "unknown" with the least log loss, down hill from the middle: it has one valley."""

    @cache
    def loss_at(slope: int, level: int) -> float:
        return loss(seen, scale_at(slope, level))

    def scale_at(slope: int, level: int) -> Scale:
        return Scale(round(SLOPES[slope], 2), round(LEVELS[level], 2), CEILING)

    best = (len(SLOPES) // 2, len(LEVELS) // 2)
    while True:
        near = [(best[0] + a, best[1] + b) for a, b in product((-1, 0, 1), repeat=2)]
        inside = [(a, b) for a, b in near if 0 <= a < len(SLOPES) and 0 <= b < len(LEVELS)]
        lower = min(inside, key=lambda at: loss_at(*at))
        if loss_at(*lower) >= loss_at(*best):
            return scale_at(*best)
        best = lower


def loss(seen: Sequence[Seen], scale: Scale) -> float:
    chances = (probabilities(each.scores, scale).get(each.kind, 0.0) for each in seen)
    return -sum(log(max(min(chance, scale.ceiling), 1e-4)) for chance in chances) / len(seen)


def fit_fields(pairs: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Shares right by score, rising (pool adjacent violators), each drawn half way to its score.

    Half way, for the catalogue was written with these makers in view, and others are read less surely.
    """
    pools: list[list[float]] = []  # sum of shares, weight, number of points
    points = []
    for low, high in pairwise(BINS):
        inside = [right for score, right in pairs if low <= score < high or (high == 1.0 and score == 1.0)]
        middle = (low + high) / 2
        doubt = len(inside) + PRIOR
        pools.append([sum(inside) + doubt * middle, len(inside) + doubt, 1])
        points.append(middle)
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            last = pools.pop()
            pools[-1] = [one + two for one, two in zip(pools[-1], last, strict=True)]
    shares = [pool[0] / pool[1] for pool in pools for _ in range(int(pool[2]))]
    inner = [(round(at, 3), round(min(share, CEILING), 3)) for at, share in zip(points, shares, strict=True)]
    return [(0.0, min(0.05, inner[0][1])), *inner, (1.0, CEILING)]


def as_toml(scale: Scale, curve: Sequence[tuple[float, float]]) -> str:
    rows = ", ".join(f"[{score}, {share}]" for score, share in curve)
    return f"""# How evidence becomes probability (docs/reading.md).
# Fitted by `python -m bench.fit_reading` on the tuning makers alone.

[kinds]
slope = {scale.slope} # log-odds a unit of evidence
unknown = {scale.unknown} # evidence that a document must outdo to be of a kind
ceiling = {scale.ceiling}

[fields]
# score of the best candidate -> share of such that were right
curve = [{rows}]
"""


if __name__ == "__main__":
    main()
