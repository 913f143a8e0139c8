"""A column's final bins with what they tell, and how they stand in the scorecard's document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.domain.scorecard import CharacteristicKind, plain
from local_models.modelling import woe
from local_models.modelling.arrays import Codes, Flags, Floats
from local_models.modelling.cells import Cells

MOST_NAMED = 400  # rare categories that a bin names; of more, none is named, and they count as unseen


@dataclass(frozen=True)
class Binned:
    """The bins of one column: each cell's bin, and per bin its effect in ln(good:bad) and its counts."""

    cells: Cells
    labels: Codes
    effects: Floats
    good: Codes
    bad: Codes

    @property
    def name(self) -> str:
        return self.cells.name

    @property
    def size(self) -> int:
        return len(self.effects)

    @property
    def rows(self) -> Codes:
        return self.good + self.bad

    @property
    def woe(self) -> Floats:
        """Weight of evidence of each bin; zero where the sample has no case."""
        return woe.weights_of_evidence(self.good, self.bad)

    @property
    def information_value(self) -> float:
        return woe.information_value(self.good, self.bad)

    @property
    def slope(self) -> float:
        """Slope of the effect over the WoE, weighted by cases: the coefficient; above zero when the sign is right."""
        share = self.rows / max(int(self.rows.sum()), 1)
        centred = self.woe - float((share * self.woe).sum())
        spread = float((share * centred**2).sum())
        return float((share * centred * self.effects).sum()) / spread if spread > 1e-12 else 0.0

    @property
    def reach(self) -> float:
        """Distance between the best and the worst bin that has cases, in ln(good:bad)."""
        known = self.effects[self.rows > 0]
        return float(np.ptp(known)) if len(known) else 0.0


def binned(cells: Cells, labels: Codes, cell_effects: Floats, places: Codes, bad: Flags) -> Binned:
    """Count the bins. The effects' mean over the cases is made zero, and a bin without cases counts as average."""
    size = int(labels.max()) + 1
    effects = np.zeros(size)
    effects[labels] = cell_effects
    good_counts, bad_counts = woe.counts(labels[places], size, bad)
    rows = good_counts + bad_counts
    effects = effects - float((effects * rows).sum()) / max(int(rows.sum()), 1)
    return Binned(cells, labels, np.where(rows > 0, effects, 0.0), good_counts, bad_counts)


def bin_specs(row: Binned) -> list[tuple[dict[str, Any], int | None]]:
    """Every bin of the document with the bin of ``row`` it stands for; None for one no case of the sample is in."""
    if row.cells.kind is CharacteristicKind.NUMERIC:
        return _number_specs(row) + _missing_spec(row)
    return _text_specs(row) + _missing_spec(row)


def _number_specs(row: Binned) -> list[tuple[dict[str, Any], int | None]]:
    cells, main = row.cells, row.labels[: row.cells.main]
    if cells.ordered:
        starts = [place for place in range(cells.main) if place == 0 or main[place] != main[place - 1]]
        ends: list[str | None] = [None, *(plain(cells.cuts[place - 1]) for place in starts[1:]), None]
        found: list[tuple[dict[str, Any], int | None]] = [
            ({"from": ends[at], "to": ends[at + 1]}, int(main[place])) for at, place in enumerate(starts)
        ]
    else:
        codes = np.array([cells.first_code, *cells.cuts])
        found = [
            ({"special": [plain(float(code)) for code in codes[main == label]]}, int(label))
            for label in np.unique(main)
        ]
        found.append(({"from": None, "to": None}, None))
    return found + [
        ({"special": [plain(value)]}, int(row.labels[cells.main + place])) for place, value in enumerate(cells.special)
    ]


def _text_specs(row: Binned) -> list[tuple[dict[str, Any], int | None]]:
    cells = row.cells
    rare = cells.rare if len(cells.rare) <= MOST_NAMED else ()
    of_cell = [[level] for level in cells.levels] + ([list(rare)] if cells.main > len(cells.levels) else [])
    found: list[tuple[dict[str, Any], int | None]] = []
    for label in np.unique(row.labels[: cells.main]):
        named = [text for place, texts in enumerate(of_cell) if row.labels[place] == label for text in texts]
        if named := [text for text in named if text.strip()]:
            found.append(({"categories": named}, int(label)))
    return found


def _missing_spec(row: Binned) -> list[tuple[dict[str, Any], int | None]]:
    label = int(row.labels[-1])
    missing: tuple[dict[str, Any], int | None] = ({"missing": True}, label if row.rows[label] else None)
    if row.cells.kind is not CharacteristicKind.CATEGORY:
        return [missing]
    return [missing, ({"unseen": True}, None)]
