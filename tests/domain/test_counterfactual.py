"""What would change the score: every answer reaches the goal, none that is nearer does, and nothing else moves."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.counterfactual import (
    AMOUNT,
    INSTALMENTS,
    OUTSTANDING,
    TERM,
    Goal,
    Levers,
    OpenDebt,
    Proposal,
    nearest_changes,
)
from app.domain.ratios import RATIOS
from app.domain.score import score_inputs
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import InputError
from tests.scorecards import a_bin, a_characteristic, a_document, numeric_characteristics, other_characteristics

LEVERS = Levers(Decimal(1000), Decimal(500), (6, 12, 24, 36))
NAMES = (AMOUNT, TERM, OUTSTANDING, INSTALMENTS, "employment.seniority_years", *(ratio.name for ratio in RATIOS))


def a_scorecard() -> Scorecard:
    """Points for a small amount, a short term, a low amount to income, few debts, and seniority."""
    return read_scorecard(
        a_document(
            [
                a_characteristic(AMOUNT, "numeric", _bins([60, 40, 10], ["5000", "9000"])),
                a_characteristic(TERM, "numeric", _bins([50, 20], ["24.5"])),
                a_characteristic("ratio.amount_to_income", "numeric", _bins([40, 20, 0], ["2", "4"])),
                a_characteristic(OUTSTANDING, "numeric", _bins([30, 5], ["3000"])),
                a_characteristic("employment.seniority_years", "numeric", _bins([0, 100], ["5"])),
            ],
            grades=[
                {"name": "A", "minimum_points": 180},
                {"name": "B", "minimum_points": 120},
                {"name": "C", "minimum_points": None},
            ],
        )
    )


def _bins(points: list[int], cuts: list[str]) -> list[dict[str, object]]:
    ends = [None, *cuts, None]
    bins = [a_bin(each, **{"from": ends[at], "to": ends[at + 1]}) for at, each in enumerate(points)]
    return [*bins, a_bin(0, missing=True)]


def a_case(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        AMOUNT: Decimal(12000),
        TERM: 36,
        "income.net_monthly": Decimal(2500),
        OUTSTANDING: Decimal(8000),
        INSTALMENTS: Decimal(400),
        "employment.seniority_years": Decimal(1),
    }
    return values | changes


def test_a_worked_example() -> None:
    """12,000 over 36 months scores 10 + 20 + 0 + 5 + 0 = 35. A shorter term gives 30 more."""
    card, case = a_scorecard(), a_case()
    assert score_inputs(card, case).points == 35  # type: ignore[arg-type]
    found = nearest_changes(card, case, Goal(points=65), LEVERS)  # type: ignore[arg-type]
    assert [(each.amount, each.term_months, each.score.points) for each in found] == [
        (Decimal(8500), 36, 85),
        (Decimal(12000), 24, 65),
    ]


def test_a_debt_paid_off_is_a_change_too_and_the_cheapest_comes_alone() -> None:
    debts = (
        OpenDebt("card", Decimal(1000), Decimal(50)),
        OpenDebt("car", Decimal(5500), Decimal(250)),
        OpenDebt("old", Decimal(7000), Decimal(100)),
    )
    levers = Levers(Decimal(12000), Decimal(500), (), debts)
    found = nearest_changes(a_scorecard(), a_case(), Goal(points=60), levers)  # type: ignore[arg-type]
    assert [each.settled for each in found] == [("car",)]
    assert found[0].to_json()["settled"] == ["car"]


def test_no_change_is_the_answer_where_the_goal_is_met() -> None:
    found = nearest_changes(a_scorecard(), a_case(), Goal(points=30), LEVERS)  # type: ignore[arg-type]
    assert [(each.levers, each.amount) for each in found] == [(0, Decimal(12000))]


def test_what_is_out_of_reach_has_no_answer() -> None:
    assert nearest_changes(a_scorecard(), a_case(), Goal(points=185), LEVERS) == ()  # type: ignore[arg-type]
    senior = a_case(**{"employment.seniority_years": Decimal(9)})
    assert nearest_changes(a_scorecard(), senior, Goal(points=185), LEVERS)  # type: ignore[arg-type]


def test_a_grade_or_a_better_one_is_reached() -> None:
    found = nearest_changes(a_scorecard(), a_case(), Goal(grade="B"), LEVERS)  # type: ignore[arg-type]
    assert found
    assert all(each.score.grade in {"A", "B"} for each in found)


def test_the_policy_has_its_say_within_one_score() -> None:
    def fits(proposal: Proposal) -> bool:
        return proposal.amount is not None and proposal.amount <= 7300

    found = nearest_changes(a_scorecard(), a_case(), Goal(points=65, fits=fits), LEVERS)  # type: ignore[arg-type]
    assert [(each.amount, each.term_months) for each in found] == [(Decimal(7000), 36)]


def test_an_unknown_amount_leaves_the_term() -> None:
    case = a_case(**{AMOUNT: None})
    found = nearest_changes(a_scorecard(), case, Goal(points=55), LEVERS)  # type: ignore[arg-type]
    assert [(each.amount, each.term_months) for each in found] == [(None, 24)]


def test_a_large_amount_of_small_steps_is_searched_in_little_time() -> None:
    case = a_case(**{AMOUNT: Decimal(900_000_000)})
    found = nearest_changes(a_scorecard(), case, Goal(points=65), Levers(Decimal(100), Decimal("0.01")))  # type: ignore[arg-type]
    assert [each.amount for each in found] == [Decimal("8999.99")]


@pytest.mark.parametrize(
    ("goal", "levers", "message"),
    [
        (Goal(grade="Z"), LEVERS, "no grade Z"),
        (Goal(points=1), Levers(Decimal(0), Decimal(0)), "step above zero"),
        (Goal(points=1), Levers(Decimal(0), Decimal(1), (0,)), "at least a month"),
        (Goal(points=1), Levers(Decimal(0), Decimal(1), (), (OpenDebt("a", Decimal(-1), Decimal(0)),)), "below zero"),
    ],
)
def test_what_makes_no_sense_is_refused(goal: Goal, levers: Levers, message: str) -> None:
    with pytest.raises(InputError, match=message):
        nearest_changes(a_scorecard(), a_case(), goal, levers)  # type: ignore[arg-type]


def test_a_scorecard_on_figures_of_the_offer_is_refused() -> None:
    card = read_scorecard(a_document([a_characteristic("ratio.dsr_after_pct", "numeric", _bins([1, 2], ["40"]))]))
    with pytest.raises(InputError, match="follows from the terms"):
        nearest_changes(card, {}, Goal(points=1), LEVERS)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Scorecard, dict[str, object], Goal, Levers]:
    names = draw(st.lists(st.sampled_from((*NAMES, "employment.type")), min_size=1, max_size=6, unique=True))
    rows = [
        draw(other_characteristics(name) if name == "employment.type" else numeric_characteristics(name))
        for name in names
    ]
    card = read_scorecard(a_document(rows))
    small = st.none() | st.integers(0, 60).map(Decimal)
    case: dict[str, object] = {
        AMOUNT: draw(st.none() | st.decimals("0.5", 60, places=2)),
        TERM: draw(st.none() | st.integers(1, 60)),
        "income.net_monthly": draw(small),
        "assets.total": draw(small),
        "expenses.monthly_living": draw(small),
        "request.goods_price": draw(small),
        OUTSTANDING: draw(small),
        INSTALMENTS: draw(small),
        "employment.seniority_years": draw(small),
        "employment.type": draw(st.sampled_from(["fixed", "others", "gardener"])),
    }
    ids = draw(st.sampled_from(["", "a", "ab"]))
    debts = tuple(OpenDebt(each, Decimal(draw(st.integers(0, 30))), Decimal(draw(st.integers(0, 9)))) for each in ids)
    terms = tuple(draw(st.lists(st.integers(1, 60), max_size=3)))
    levers = Levers(Decimal(draw(st.integers(0, 9))), Decimal(draw(st.sampled_from(["0.5", "1", "7"]))), terms, debts)
    low, high = card.minimum_points, card.maximum_points
    return card, case, Goal(points=draw(st.integers(low, high + 1))), levers


def everything(card: Scorecard, case: dict[str, object], levers: Levers) -> list[tuple[tuple[Decimal, ...], int]]:
    """What each combination asks of the levers, and its points, straight from the rules."""
    amount, term = case[AMOUNT], case[TERM]
    amounts = [amount]
    if isinstance(amount, Decimal):
        count = int(amount / levers.step) + 1
        grid = [levers.step * at for at in range(1, count + 1)]
        amounts += [each for each in grid if levers.minimum_amount <= each < amount]
    terms = [term, *levers.terms] if term is not None else [term]
    chosen = [picked for size in range(len(levers.debts) + 1) for picked in combinations(levers.debts, size)]
    out = []
    for each in amounts:
        for months in terms:
            for settled in chosen:
                values = {name: value for name, value in case.items() if value is not None}
                values |= {AMOUNT: each, TERM: months}
                for fact, gone in ((OUTSTANDING, "outstanding"), (INSTALMENTS, "instalment")):
                    if case[fact] is not None:
                        values[fact] = max(Decimal(0), case[fact] - sum(getattr(debt, gone) for debt in settled))  # type: ignore[operator]
                asked = (
                    amount - each if isinstance(amount, Decimal) and isinstance(each, Decimal) else Decimal(0),
                    Decimal(abs(months - term)) if isinstance(months, int) and isinstance(term, int) else Decimal(0),
                    sum((debt.outstanding for debt in settled), Decimal(0)),
                    Decimal(len(settled)),
                )
                out.append((asked, score_inputs(card, values).points))  # type: ignore[arg-type]
    return out


@settings(max_examples=150, deadline=None)
@given(questions())
def test_the_answers_are_all_and_only_the_nearest(question: tuple[Scorecard, dict[str, object], Goal, Levers]) -> None:
    card, case, goal, levers = question
    assert goal.points is not None
    found = nearest_changes(card, case, goal, levers)  # type: ignore[arg-type]
    enough = {asked for asked, points in everything(card, case, levers) if points >= goal.points}
    nearest = {
        asked
        for asked in enough
        if not any(other != asked and all(a <= b for a, b in zip(other, asked, strict=True)) for other in enough)
    }
    assert {(each.less, Decimal(each.months), each.paid, Decimal(len(each.settled))) for each in found} == nearest


@settings(max_examples=80, deadline=None)
@given(questions())
def test_nothing_but_the_levers_moves(question: tuple[Scorecard, dict[str, object], Goal, Levers]) -> None:
    card, case, goal, levers = question
    movable = {AMOUNT, TERM, OUTSTANDING, INSTALMENTS, *(ratio.name for ratio in RATIOS)}
    before = {row.name: row.bin for row in score_inputs(card, case).characteristics}  # type: ignore[arg-type]
    for proposal in nearest_changes(card, case, goal, levers):  # type: ignore[arg-type]
        after = {row.name: row.bin for row in proposal.score.characteristics}
        assert {name for name in after if after[name] != before[name]} <= movable
        assert proposal.amount is None or proposal.amount <= case[AMOUNT]  # type: ignore[operator]
        if proposal.levers == 0:
            assert after == before
