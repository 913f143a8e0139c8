"""What would change the score: the nearest changes of amount, term and debts that reach what is wanted.

Only what applicant and lender can settle between them moves: a smaller amount, another term, debts paid off. Age,
history, seniority and every other fact stay as they are. Every bin that the changes can reach is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import combinations
from typing import Any

from app.domain.derivation import FOLLOWS
from app.domain.facts import FactValue
from app.domain.ratios import RATIOS, completed, with_sources
from app.domain.score import Score, score_bins
from app.domain.scorecard import Scorecard
from app.errors import InputError

AMOUNT, TERM = "request.amount", "request.term_months"
OUTSTANDING, INSTALMENTS = "debt.outstanding", "debt.instalments_monthly"
CHANGEABLE = (AMOUNT, TERM, OUTSTANDING, INSTALMENTS)
MOST_DEBTS = 5
"""Debts of which every selection is tried: those of the largest instalments."""

MOST_SCANNED = 2_000


@dataclass(frozen=True, slots=True)
class OpenDebt:
    """A debt that may be paid off, with what that takes off the two debt facts."""

    id: str
    outstanding: Decimal
    instalment: Decimal  # a month


@dataclass(frozen=True, slots=True)
class Levers:
    """How far amount, term and debts may move."""

    minimum_amount: Decimal
    step: Decimal  # amounts offered are its multiples
    terms: tuple[int, ...] = ()  # months on offer beside the one asked for
    debts: tuple[OpenDebt, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Terms in reach: what changes, and the score then."""

    amount: Decimal | None  # None where none is known
    term_months: int | None
    settled: tuple[str, ...]  # ids of the debts paid off
    less: Decimal  # the amount goes down by
    months: int  # the term moves by, either way
    paid: Decimal  # outstanding debt paid off
    score: Score

    @property
    def levers(self) -> int:
        """How many of amount, term and debts change."""
        return (self.less > 0) + (self.months > 0) + bool(self.settled)

    def to_json(self) -> dict[str, Any]:
        return {
            "amount": None if self.amount is None else format(self.amount, "f"),
            "term_months": self.term_months,
            "settled": list(self.settled),
            "points": self.score.points,
            "grade": self.score.grade,
            "pd": format(self.score.pd, "f"),
        }


Fits = Callable[[Proposal], bool]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is wanted; all that is set must hold. ``fits`` puts a proposal before the policy."""

    points: int | None = None  # at least
    grade: str | None = None  # that one or a better one
    fits: Fits | None = None


def nearest_changes(
    scorecard: Scorecard, inputs: Mapping[str, FactValue | None], goal: Goal, levers: Levers
) -> tuple[Proposal, ...]:
    """The smallest sets of changes that reach the goal, those of fewest levers first, then of the smallest changes.

    None of them is needed more than another: where a proposal asks less of every lever than a second one, the second
    is left out. Empty when nothing in reach is enough; one proposal without changes when the goal is met already.
    Within amounts of one score, ``goal.fits`` is taken to hold for smaller amounts where it holds for a larger one.
    Raises ``InputError`` for a scorecard that reads figures which follow from the terms and are no ratio, for a grade
    it does not have, or for levers that make no sense.
    """
    search = _Search(scorecard, inputs, goal, levers)
    found: list[Proposal] = []
    for settled in _selections(levers.debts):
        for term in search.terms:
            proposal = search.largest_amount(term, settled)
            if proposal is not None:
                found.append(proposal)
    kept = [each for each in found if not any(_easier(other, each) for other in found)]
    return tuple(sorted(kept, key=search.order))


def _selections(debts: tuple[OpenDebt, ...]) -> Iterator[tuple[OpenDebt, ...]]:
    """Every selection of the debts of the largest instalments, none first."""
    offered = sorted(debts, key=lambda debt: (-debt.instalment, -debt.outstanding, debt.id))[:MOST_DEBTS]
    for size in range(len(offered) + 1):
        yield from combinations(offered, size)


def _easier(one: Proposal, other: Proposal) -> bool:
    """Whether ``one`` asks no more of any lever than ``other``, and less of one."""
    asked, beside = _asked(one), _asked(other)
    return asked != beside and all(a <= b for a, b in zip(asked, beside, strict=True))


def _asked(proposal: Proposal) -> tuple[Decimal, ...]:
    return (proposal.less, Decimal(proposal.months), proposal.paid, Decimal(len(proposal.settled)))


class _Search:
    """The scorecard over the reach of the levers."""

    def __init__(
        self, scorecard: Scorecard, inputs: Mapping[str, FactValue | None], goal: Goal, levers: Levers
    ) -> None:
        _check(scorecard, goal, levers)
        self.scorecard = scorecard
        self.goal = goal
        self.levers = levers
        self.asked = _number(inputs.get(AMOUNT))
        self.outstanding, self.instalments = _number(inputs.get(OUTSTANDING)), _number(inputs.get(INSTALMENTS))
        moved = _moved(inputs, levers)
        follow = {ratio.name for ratio in RATIOS if moved & set(ratio.inputs)}
        self._inputs = {name: value for name, value in inputs.items() if name not in follow}
        values = completed(scorecard.names, inputs)
        self._fixed = [
            None if row.name in moved | follow else row.bin_of(values[row.name]) for row in scorecard.characteristics
        ]
        self.terms = _terms(inputs.get(TERM), levers)
        self.amounts = _Amounts(self.asked, levers)
        special = any(entry.special for row in scorecard.characteristics for entry in row.bins)
        self._scanned = special and len(self.amounts) <= MOST_SCANNED
        self._by_debts = not {OUTSTANDING, INSTALMENTS}.isdisjoint(with_sources(scorecard.names))
        self._known: dict[tuple[int, int | None, tuple[OpenDebt, ...]], list[int]] = {}

    def order(self, proposal: Proposal) -> tuple[object, ...]:
        """Fewest levers first, then the smallest changes in proportion to what was asked for."""
        amount = self.asked or Decimal(1)
        term = self.terms[0] or 1
        size = (proposal.less + proposal.paid) / amount + Decimal(proposal.months) / term
        return (proposal.levers, size, proposal.less, proposal.months, proposal.settled)

    def largest_amount(self, term: int | None, settled: tuple[OpenDebt, ...]) -> Proposal | None:
        """The largest amount at that term, with those debts settled, that reaches the goal."""
        last = len(self.amounts) - 1
        starts = self._segments(term, settled, 0, last)
        for start, end in zip(starts, [*(each - 1 for each in starts[1:]), last], strict=True):
            proposal = self._proposal(start, term, settled)
            if not self._scores(proposal.score):
                continue
            fitting = self._fitting(start, end, term, settled)
            if fitting is not None:
                return fitting
        return None

    def _segments(self, term: int | None, settled: tuple[OpenDebt, ...], low: int, high: int) -> list[int]:
        """Where the bins change between two positions of the amounts: first positions of each run of equal bins.

        Every ratio rises or falls steadily with the amount, so equal bins at both ends are equal in between; only
        special values stand out, and where there are any each amount is looked at, up to ``MOST_SCANNED``.
        """
        if low == high:
            return [low]
        if not self._scanned and self._bins(low, term, settled) == self._bins(high, term, settled):
            return [low]
        middle = (low + high) // 2
        left, right = self._segments(term, settled, low, middle), self._segments(term, settled, middle + 1, high)
        joins = self._bins(right[0], term, settled) == self._bins(left[-1], term, settled)
        return left + (right[1:] if joins else right)

    def _fitting(self, start: int, end: int, term: int | None, settled: tuple[OpenDebt, ...]) -> Proposal | None:
        """The largest amount among those of one score that fits; None when even the smallest does not."""
        fits = self.goal.fits or (lambda _: True)
        first = self._proposal(start, term, settled)
        if fits(first):
            return first
        low, high = start, end
        if low == high or not fits(self._proposal(high, term, settled)):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if fits(self._proposal(middle, term, settled)):
                high = middle
            else:
                low = middle
        return self._proposal(high, term, settled)

    def _scores(self, score: Score) -> bool:
        goal = self.goal
        if goal.points is not None and score.points < goal.points:
            return False
        names = [grade.name for grade in self.scorecard.grades]  # best first
        return goal.grade is None or names.index(score.grade) <= names.index(goal.grade)

    def _proposal(self, place: int, term: int | None, settled: tuple[OpenDebt, ...]) -> Proposal:
        amount = self.amounts[place]
        return Proposal(
            amount=amount,
            term_months=term,
            settled=tuple(debt.id for debt in settled),
            less=Decimal(0) if amount is None or self.asked is None else self.asked - amount,
            months=0 if term is None or self.terms[0] is None else abs(term - self.terms[0]),
            paid=sum((debt.outstanding for debt in settled), Decimal(0)),
            score=score_bins(self.scorecard, self._bins(place, term, settled), {}),
        )

    def _bins(self, place: int, term: int | None, settled: tuple[OpenDebt, ...]) -> list[int]:
        """Bins of all characteristics there; debts paid off change none where the scorecard reads no debt."""
        key = place, term, settled if self._by_debts else ()
        if key not in self._known:
            self._known[key] = self._bins_of(*key)
        return self._known[key]

    def _bins_of(self, place: int, term: int | None, settled: tuple[OpenDebt, ...]) -> list[int]:
        values = dict(self._inputs)
        if self.amounts[place] is not None:
            values[AMOUNT] = self.amounts[place]
        if term is not None:
            values[TERM] = term
        if settled:
            values |= self._without(settled)
        new = completed([row.name for row in self.scorecard.characteristics], values)
        return [
            row.bin_of(new[row.name]) if fixed is None else fixed
            for row, fixed in zip(self.scorecard.characteristics, self._fixed, strict=True)
        ]

    def _without(self, settled: tuple[OpenDebt, ...]) -> dict[str, FactValue | None]:
        """The debt facts once these are paid off; never below zero, and unknown stays unknown."""
        out: dict[str, FactValue | None] = {}
        if self.outstanding is not None:
            gone = sum((debt.outstanding for debt in settled), Decimal(0))
            out[OUTSTANDING] = max(Decimal(0), self.outstanding - gone)
        if self.instalments is not None:
            gone = sum((debt.instalment for debt in settled), Decimal(0))
            out[INSTALMENTS] = max(Decimal(0), self.instalments - gone)
        return out


def _check(scorecard: Scorecard, goal: Goal, levers: Levers) -> None:
    ratios = {ratio.name for ratio in RATIOS}
    unknown = [name for name in scorecard.names if name.startswith(FOLLOWS) and name not in ratios]
    if unknown:
        raise InputError(
            unknown[0], f"The scorecard reads {unknown[0]}, which follows from the terms in no way known here."
        )
    if goal.grade is not None and goal.grade not in {grade.name for grade in scorecard.grades}:
        raise InputError("grade", f"The scorecard has no grade {goal.grade}.", remedy="Name one of its grades.")
    if levers.step <= 0 or levers.minimum_amount < 0 or any(term < 1 for term in levers.terms):
        raise InputError("levers", "Amounts need a step above zero, and terms at least a month.")
    if any(debt.outstanding < 0 or debt.instalment < 0 for debt in levers.debts):
        raise InputError("levers", "A debt cannot be below zero.")


def _moved(inputs: Mapping[str, FactValue | None], levers: Levers) -> set[str]:
    """Facts that some lever can change."""
    names = {AMOUNT} if inputs.get(AMOUNT) is not None else set()
    names |= {TERM} if levers.terms and inputs.get(TERM) is not None else set()
    return names | ({OUTSTANDING, INSTALMENTS} if levers.debts else set())


def _number(value: FactValue | None) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        return None
    return Decimal(value)


def _terms(asked: FactValue | None, levers: Levers) -> tuple[int | None, ...]:
    """The term asked for, then the others on offer; none where none is known."""
    if isinstance(asked, bool) or not isinstance(asked, int):
        return (None,)
    return (asked, *sorted(set(levers.terms) - {asked}))


class _Amounts(Sequence[Decimal | None]):
    """The amount asked for, then every multiple of the step below it down to the least, largest first."""

    def __init__(self, asked: Decimal | None, levers: Levers) -> None:
        self._asked = asked
        self._step = levers.step
        self._below = 0 if asked is None else int((asked / levers.step).to_integral_value(ROUND_CEILING)) - 1
        least = max(1, int((levers.minimum_amount / levers.step).to_integral_value(ROUND_CEILING)))
        self._count = 0 if asked is None else max(0, self._below - least + 1)

    def __len__(self) -> int:
        return 1 + self._count

    def __getitem__(self, place: Any) -> Any:
        return self._asked if place == 0 else self._step * (self._below - place + 1)
