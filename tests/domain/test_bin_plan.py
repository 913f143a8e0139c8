"""The bins of a characteristic while they are changed: what each change does, and that none loses a value."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.domain.bin_plan import BinPlan
from app.domain.fitting import BinSpec, Trend
from app.domain.scorecard import CharacteristicKind
from app.domain.scorecard_format import read_scorecard
from tests.scorecards import small_document

NUMERIC = CharacteristicKind.NUMERIC
PLAN = BinPlan("income", NUMERIC, edges=(1.0, 2.0, 3.0), special=(-9.0,), fixed=(None, 7, None, 9, None, None))
JOBS = BinPlan("job", CharacteristicKind.CATEGORY, groups=(("a", "b"), ("c",), ("d", "e")), fixed=(None, 5, None, None))


def test_it_begins_as_the_scorecard_has_it() -> None:
    for row in read_scorecard(small_document()).characteristics:
        plan = BinPlan.of(row)
        assert plan.size == len(plan.fixed) == plan.main + len(plan.special) + 1
        if plan.numeric:
            assert plan.edges == tuple(entry.lower for entry in row.bins if entry.lower is not None)
        else:
            assert {name for group in plan.groups for name in group} == {
                name for entry in row.bins for name in entry.categories
            }


def test_merging_takes_the_edges_between_and_the_points_fixed_there() -> None:
    merged = PLAN.merged(1, 2)
    assert (merged.edges, merged.fixed) == ((1.0, 3.0), (None, None, 9, None, None))
    assert merged.label(1) == "1 – < 3"
    assert PLAN.merged(0, 3).edges == ()


def test_special_values_and_missing_never_merge() -> None:
    assert PLAN.merged(3, 4) is PLAN
    assert PLAN.merged(2, 2) is PLAN
    assert [PLAN.label(place) for place in (4, 5)] == ["= -9", "missing"]


def test_splitting_puts_an_edge_once() -> None:
    split = PLAN.split(2.5)
    assert (split.edges, split.fixed) == ((1.0, 2.0, 2.5, 3.0), (None, 7, None, None, 9, None, None))
    assert PLAN.split(2.0) is PLAN


def test_an_edge_stays_between_its_neighbours() -> None:
    moved = PLAN.moved(1, 2.9)
    assert (moved.edges, moved.fixed) == ((1.0, 2.9, 3.0), (None, None, None, 9, None, None))
    assert PLAN.moved(1, 3.0) is PLAN
    assert PLAN.moved(0, -100.0).edges[0] == -100.0


def test_groups_join_wherever_they_stand_and_come_apart_again() -> None:
    joined = JOBS.joined(0, 2)
    assert (joined.groups, joined.fixed) == ((("a", "b", "d", "e"), ("c",)), (None, 5, None))
    apart = joined.taken_out("d")
    assert apart.groups == (("a", "b", "e"), ("d",), ("c",))
    assert JOBS.taken_out("c") is JOBS


def test_forcing_a_trend_merges_what_is_against_it() -> None:
    good, bad = (90, 70, 80, 40, 5, 5), (10, 30, 20, 60, 1, 1)
    rising = PLAN.forced(Trend.ASCENDING, good, bad)
    assert (rising.edges, rising.trend) == ((1.0, 3.0), Trend.ASCENDING)
    assert PLAN.forced(Trend.DESCENDING, good, bad).edges == ()
    assert PLAN.forced(Trend.NONE, good, bad).edges == PLAN.edges


def test_what_a_fit_is_told() -> None:
    assert PLAN.spec() == BinSpec(edges=(1.0, 2.0, 3.0), special=(-9.0,), points={1: 7, 3: 9})
    assert JOBS.spec() == BinSpec(groups=JOBS.groups, points={1: 5})
    assert PLAN.fix(1, None).fix(0, 3).spec().points == {0: 3, 3: 9}


counts = st.integers(min_value=0, max_value=50)


@given(st.lists(counts, min_size=6, max_size=6), st.lists(counts, min_size=6, max_size=6), st.booleans())
def test_a_forced_trend_holds_for_any_counts(good: list[int], bad: list[int], up: bool) -> None:
    plan = PLAN.forced(Trend.ASCENDING if up else Trend.DESCENDING, good, bad)
    kept = [0, *(PLAN.edges.index(edge) + 1 for edge in plan.edges), PLAN.main]
    rates = []
    for first, after in pairwise(kept):
        rates.append(sum(bad[first:after]) / max(1, sum(good[first:after]) + sum(bad[first:after])))
    assert rates == sorted(rates, reverse=not up)


edits = st.lists(st.tuples(st.sampled_from("msdtj"), st.integers(0, 5), st.floats(-50, 50)), max_size=8)


@given(edits)
def test_no_row_of_edits_breaks_a_plan(steps: list[tuple[str, int, float]]) -> None:
    plan, jobs = PLAN, JOBS
    for what, place, value in steps:
        if what == "m":
            plan, jobs = plan.merged(place, place + 1), jobs.merged(place, place + 1)
        elif what == "s":
            plan = plan.split(value)
        elif what == "d" and plan.edges:
            plan = plan.moved(place % len(plan.edges), value)
        elif what == "t":
            jobs = jobs.taken_out("abcde"[place % 5])
        elif what == "j":
            jobs = jobs.joined(place % jobs.main, 0)
    assert list(plan.edges) == sorted(set(plan.edges))
    assert len(plan.fixed) == plan.size
    assert len(jobs.fixed) == jobs.size
    assert sorted(name for group in jobs.groups for name in group) == list("abcde")
