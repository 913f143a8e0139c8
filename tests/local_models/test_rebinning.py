"""Figures of other bins, worked out from the rows: checked by counting them plainly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.domain.fitting import BinSpec
from local_models.modelling.metrics import auc
from local_models.modelling.rebinning import best_split, bins_of, card_gini, places_of, rebinned, totals_of, value_at
from tests.fitted_card import EDGES, GROUPS, a_card, a_frame, a_table, prepared_of

INCOME = BinSpec(edges=EDGES, special=(-9.0,))


def test_every_row_lies_in_one_bin_and_is_counted_there() -> None:
    frame = a_frame()
    stats = rebinned(prepared_of(frame), "income", INCOME)
    income, bad = frame["income"], frame["outcome"] == "bad"
    plain = income.between(20, 40, inclusive="left")
    assert (stats.good[1], stats.bad[1]) == (int((plain & ~bad).sum()), int((plain & bad).sum()))
    assert stats.good[5] + stats.bad[5] == int((income == -9).sum())
    assert stats.good[6] + stats.bad[6] == int(income.isna().sum())
    assert sum(stats.good) + sum(stats.bad) == len(frame)
    assert stats.psi is None


def test_the_shift_is_between_development_and_hold_out() -> None:
    frame = a_frame()
    same = np.arange(len(frame)) % 3 == 0
    prepared = prepared_of(frame, list(same))
    assert rebinned(prepared, "income", INCOME).psi == pytest.approx(0, abs=0.02)
    low = (frame["income"] < 40).to_numpy()
    shifted = rebinned(prepared_of(frame, list(low)), "income", INCOME)
    assert shifted.psi is not None
    assert shifted.psi > 0.25
    assert sum(shifted.held_good) + sum(shifted.held_bad) == int(low.sum())


def test_joining_groups_gives_up_information_and_taking_apart_gives_it_back() -> None:
    prepared = prepared_of(a_frame())
    apart = rebinned(prepared, "job", BinSpec(groups=GROUPS))
    joined = rebinned(prepared, "job", BinSpec(groups=(("clerk", "nurse", "cook", "smith"),)))
    assert apart.information_value > 0.1
    assert joined.information_value == pytest.approx(0, abs=1e-12)
    assert joined.gini == pytest.approx(0, abs=1e-12)


def test_a_category_that_no_group_names_counts_as_missing() -> None:
    places, size = places_of(prepared_of(a_frame()).columns["job"], BinSpec(groups=(("cook",),)))
    assert size == 2
    assert set(np.unique(places)) == {0, 1}


def test_the_card_is_ranked_by_the_points_its_document_gives(tmp_path: Path) -> None:
    table, frame = a_table(tmp_path)
    card, prepared = a_card(table, frame), prepared_of(frame)
    totals = totals_of(prepared, card)
    by_hand = [
        sum(
            row.bins[row.bin_of(None if value != value else _fact(value))].points
            for row, value in zip(card.characteristics, values, strict=True)
        )
        for values in zip(frame["income"][:200], frame["job"][:200], strict=True)
    ]
    assert list(sum(totals.values())[:200]) == by_hand
    assert card_gini(prepared, totals) == pytest.approx(2 * auc(sum(totals.values()).astype(float), prepared.bad) - 1)
    assert set(np.unique(bins_of(card.characteristics[0], prepared.columns["income"]))) == set(range(7))


def _fact(value: object) -> object:
    from decimal import Decimal

    return value if isinstance(value, str) else Decimal(repr(value))


def test_an_edge_parts_about_the_share_asked_for_and_reads_well() -> None:
    prepared = prepared_of(a_frame())
    at = value_at(prepared, "income", (20.0, 40.0), 0.25)
    numbers = prepared.columns["income"].numbers
    assert at is not None
    assert numbers is not None
    inside = numbers[(numbers >= 20) & (numbers < 40)]
    assert (inside < at).mean() == pytest.approx(0.25, abs=0.03)
    assert len(repr(at)) <= 5
    assert value_at(prepared, "income", (1000.0, None), 0.5) is None


def test_a_split_is_where_good_and_bad_part_most() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    frame = a_frame()
    frame["income"] = rng.uniform(0, 10, len(frame))
    frame["outcome"] = np.where((frame["income"] < 7) ^ (rng.uniform(size=len(frame)) < 0.1), "bad", "good")
    at = best_split(prepared_of(frame), "income", (None, None))
    assert at == pytest.approx(7, abs=0.3)
    frame["income"] = 5.0
    assert best_split(prepared_of(frame), "income", (None, None)) is None
