"""Scoring a frame: in every bin what the scorecard itself says, whatever the block and the thread."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.domain.scorecard import Characteristic, CharacteristicKind
from app.domain.scorecard_format import read_scorecard
from app.errors import InputError
from local_models.modelling import frame_scores
from local_models.modelling.frame_scores import frame_points
from tests.scorecards import a_bin, a_characteristic, a_document, documents, small_document

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


def values_of(row: Characteristic) -> st.SearchStrategy[Any]:
    if row.kind is CharacteristicKind.BOOLEAN:
        return st.none() | st.booleans()
    if row.kind is CharacteristicKind.CATEGORY:
        return st.none() | st.sampled_from(["fixed", "others", "parttime", "nobody"])
    ends = [end for entry in row.bins for end in (entry.lower, entry.upper, *entry.special) if end is not None]
    near = [math.nextafter(end, way) for end in ends for way in (-math.inf, end, math.inf)]
    return st.none() | st.sampled_from([0.0, -0.0, math.nan, math.inf, -math.inf, *near]) | st.floats()


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(data=st.data(), document=documents(), searched=st.booleans(), block=st.integers(1, 7))
def test_every_value_falls_in_the_bin_of_the_reference(
    monkeypatch: pytest.MonkeyPatch, data: st.DataObject, document: dict[str, Any], searched: bool, block: int
) -> None:
    monkeypatch.setattr(frame_scores, "_MOST_COMPARED", -1 if searched else 40)
    monkeypatch.setattr(frame_scores, "BLOCK", block)
    card = read_scorecard(document)
    cases = data.draw(st.lists(st.tuples(*map(values_of, card.characteristics)), min_size=1, max_size=20))
    frame = pd.DataFrame(
        {name: pd.Series(cells, dtype=object) for name, *cells in zip(card.names, *cases, strict=True)}
    )
    for row in card.characteristics:
        if row.kind is CharacteristicKind.NUMERIC:
            frame[row.name] = frame[row.name].astype("float64")
    wanted = [
        [
            row.bin_of(Decimal(value) if isinstance(value, float) else value)
            for row, value in zip(card.characteristics, case, strict=True)
        ]
        for case in cases
    ]
    points = [sum(row.bins[at].points for row, at in zip(card.characteristics, bins, strict=True)) for bins in wanted]
    assert frame_points(card, frame, threads=2).tolist() == points


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_columns_of_any_type(kind: str) -> None:
    card = read_scorecard(small_document())
    frame = pd.DataFrame(
        {
            "history.adverse_records": pd.array([True, None, False], dtype="boolean"),
            "employment.type": pd.Series(["fixed", "astronaut", None], dtype=kind),
            "employment.seniority_years": pd.array([1, None, 99], dtype="Int64"),
        }
    )
    assert frame_points(card, frame).tolist() == [10 + 40 + 0, 20 + 25 + 30, 5 + 25 + 45]
    assert frame_points(card, frame[["employment.type"]]).tolist() == [20 + 40 + 30, 20 + 25 + 30, 20 + 25 + 30]
    assert frame_points(card, frame[:0]).tolist() == []


def test_codes_as_numbers_are_categories() -> None:
    bins = [a_bin(4, categories=["1"]), a_bin(2, categories=["2.0"]), a_bin(1, missing=True, unseen=True)]
    card = read_scorecard(a_document([a_characteristic("code", "category", bins)]))
    assert frame_points(card, pd.DataFrame({"code": [1, 2, 3]})).tolist() == [4, 2, 1]
    assert frame_points(card, pd.DataFrame({"code": [1.0, 2.0, math.nan]})).tolist() == [4, 2, 1]


def test_more_bins_and_specials_than_a_byte_counts() -> None:
    ends = [None, *(str(n) for n in range(200)), None]
    bins = [a_bin(n, **{"from": low, "to": high}) for n, (low, high) in enumerate(pairwise(ends))]
    bins += [a_bin(1000 + n, special=[str(-n * 50 - at - 1) for at in range(50)]) for n in range(3)]
    card = read_scorecard(a_document([a_characteristic("x", "numeric", [*bins, a_bin(5000, missing=True)])]))
    values = np.array([-0.5, 0, 199.5, -1, -51, -150, np.nan, -151])
    assert frame_points(card, pd.DataFrame({"x": values})).tolist() == [0, 1, 200, 1000, 1001, 1002, 5000, 0]


def test_text_is_no_number() -> None:
    card = read_scorecard(small_document())
    with pytest.raises(InputError, match=r"'employment.seniority_years' does not hold numbers"):
        frame_points(card, pd.DataFrame({"employment.seniority_years": ["twelve"]}))
