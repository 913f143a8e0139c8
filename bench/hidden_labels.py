"""What is read where the catalogue lacks half of the labels of every field, on documents of known kind.

    python -m bench.reading.authored tuning FOLDER
    python -m bench.hidden_labels FOLDER [--views N] [--share S] [--catalogue FOLDER] [--json FILE]

Each document is read under its true kind: without and with the values that stand by labels like those of the catalogue
(``near label``), and those that are left over (``remainder``). The table says what each adds. ``--catalogue`` reads
with the words of another catalogue, such as one that is older than the makers; ``--share 0`` hides nothing. Layouts are
kept beside the files.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random

from app.domain.document_kinds import DocumentKind
from app.domain.extraction.fields import fields_of
from app.domain.extraction.near_labels import METHOD as NEAR
from app.domain.extraction.remainder import METHOD as REST
from app.domain.kind_words import KindWords, paper_of
from app.domain.wording import fold
from bench.fit_reading import kept_layout
from bench.reading.authored import Made, made_in
from bench.reading.metrics import FieldCase, Rates, field_cases, field_rates, rates_of
from data.catalogue import FOLDER
from data.kinds import load_kinds, load_scales

VIEWS = 2  # of the catalogue, each with others of its labels
SHARE = 0.5  # of the labels of each field that are hidden


@dataclass(frozen=True, slots=True)
class Row:
    """One way to read, over all documents and views."""

    name: str
    cases: list[FieldCase]

    def line(self) -> str:
        return f"| {self.name} | {_told(rates_of(self.cases))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--views", type=int, default=VIEWS)
    parser.add_argument("--share", type=float, default=SHARE)
    parser.add_argument("--kind", action="append", default=[])
    parser.add_argument("--catalogue", type=Path, default=FOLDER)
    parser.add_argument("--json", type=Path, help="write every field")
    given = parser.parse_args()
    made = [each for each in made_in(given.folder) if not given.kind or each.truth["kind"] in given.kind]
    ways = {"without": (NEAR, REST), "with near labels": (REST,), "and remainders": ()}
    rows = {name: Row(name, []) for name in ways}
    for view in range(given.views if given.share else 1):
        kinds = with_fewer_labels(load_kinds(given.catalogue), given.share, view)
        words = KindWords(kinds)
        for each in made:
            if each.truth["kind"] in kinds:
                for name, without in ways.items():
                    rows[name].cases.extend(
                        _read(each, given.folder, kinds[each.truth["kind"]], words, leave_out=without)
                    )
    print(_table(list(rows.values())))
    if given.json:
        told = {name: [asdict(case) for case in row.cases] for name, row in rows.items()}
        given.json.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def with_fewer_labels(kinds: Mapping[str, DocumentKind], share: float, view: int) -> dict[str, DocumentKind]:
    """The kinds as if their authors had not thought of a share of the labels; a field is hidden alike in all kinds."""
    out = {}
    for kind in kinds.values():
        fields = []
        for spec in kind.fields:
            known = (label for label in spec.labels if Random(f"{view}/{spec.name}/{fold(label)}").random() >= share)
            fields.append(replace(spec, labels=tuple(known)))
        out[kind.id] = replace(kind, fields=tuple(fields))
    return out


def _read(
    made: Made, folder: Path, kind: DocumentKind, words: KindWords, *, leave_out: tuple[str, ...]
) -> Iterator[FieldCase]:
    paper = paper_of(kept_layout(made.path, folder), words)
    found = fields_of(paper, kind, load_scales()[1], leave_out=leave_out)
    result = {"kind": kind.id, "fields": [field.to_json() for field in found]}
    yield from field_cases(made.truth, result)


def _table(rows: list[Row]) -> str:
    lines = ["| read | fields | right | precision | F1 |", "|---|---|---|---|---|", *(row.line() for row in rows)]
    lines += ["", "| method | read | right |", "|---|---|---|"]
    for row in rows:
        for method, rates in field_rates([case for case in row.cases if case.read], lambda case: case.method).items():
            lines.append(f"| {row.name}: {method} | {rates.read} | {_share(rates.precision)} |")
    lines += ["", "| type | " + " | ".join(row.name for row in rows) + " |", "|---" * (len(rows) + 1) + "|"]
    by_type = [field_rates((case for case in row.cases if case.type), lambda case: case.type) for row in rows]
    for name in by_type[0]:
        lines.append(f"| {name} | " + " | ".join(_share(rates[name].recall) for rates in by_type) + " |")
    return "\n".join(lines)


def _told(rates: Rates) -> str:
    return f"{rates.expected} | {_share(rates.recall)} | {_share(rates.precision)} | {_share(rates.f1)}"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"


if __name__ == "__main__":
    main()
