"""Whether dates, spans between dates and windows of time are those of the case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.domain.checks.amounts import Judged
from app.domain.checks.fit import holds
from app.domain.checks.index import CaseIndex
from app.domain.checks.quantities import Day, Figures, Quantity, Window
from app.domain.checks.reading import Reading
from app.domain.sentences import Problem

_REACH = 60
_DAYS_OF = {"years": Decimal("365.25"), "months": Decimal("30.4375"), "weeks": Decimal(7), "days": Decimal(1)}


def judge_days(reading: Reading, figures: Figures, index: CaseIndex) -> Iterator[Judged]:
    """Each date of the sentence with the facts it is that of, or its problem."""
    for day in figures.days:
        yield replace(_judge_day(reading, figures, day, index), span=(day.start, day.end))


def _judge_day(reading: Reading, figures: Figures, day: Day, index: CaseIndex) -> Judged:
    scores = _date_scores(reading, figures, day, index)
    hits = [fact for fact, value in index.dates if day.fits(value)]
    best = max(scores.values(), default=0.0)
    own = max((scores.get(fact.id, 0.0) for fact in hits), default=0.0)
    if hits and (best <= 0.12 or own >= 0.55 * best):
        return Judged((max(hits, key=lambda fact: scores.get(fact.id, 0.0)).id,))
    if not hits and (day.span.lower() in index.corpus or any(day.fits(value) for value in index.days)):
        return Judged()
    if not hits and day.month is None and day.year is not None:
        years = " ".join(fact.label + fact.note for fact in index.case.facts) if index.dates else index.corpus
        if str(day.year) in years:
            return Judged()
    if best > 0.12:
        near = max(scores, key=lambda fact_id: scores[fact_id])
        return Judged((), Problem("wrong_date", day.span, near, str(index.by_id[near].value)))
    return Judged((), Problem("unsupported_figure", day.span))


def _date_scores(reading: Reading, figures: Figures, day: Day, index: CaseIndex) -> dict[str, float]:
    dated = {fact.id for fact, _ in index.dates}
    others = [(d.start, d.end) for d in figures.days if d is not day]
    before = max((end for _, end in others if end <= day.start), default=0)
    after = min((start for start, _ in others if start >= day.end), default=len(reading.text))
    found: dict[str, float] = {}
    for token in reading.tokens:
        gap = day.start - token.end if token.end <= day.start else token.start - day.end
        inside = before <= token.start and token.end <= after
        hold = (1 if inside else 0.15) / (1 + max(gap, 0) / _REACH)
        for fact_id, weight in index.mentioned([token]).items():
            if fact_id in dated:
                found[fact_id] = found.get(fact_id, 0.0) + weight * hold
    return found


_SINCE = re.compile(
    r"\b(?:been|since|ago|has|have|had|old|standing|long|"
    r"for (?:some|about|over|more|almost|nearly|well|\d))\b|了|已|来|久|以上|多年|余",
    re.IGNORECASE,
)


def spans_since(
    quantity: Quantity, reading: Reading, index: CaseIndex, any_date: bool = False, told: Sequence[date] = ()
) -> tuple[str, ...]:
    """Facts whose dates give the span that is said: "for more than seven years" of a job since 2019.

    ``any_date`` takes dates the sentence does not name: for a figure that is said of no fact. ``told`` are the dates
    that it tells.
    """
    if quantity.kind != "time" or not index.dates:
        return ()
    named = index.mentioned(reading.tokens)
    named |= {fact.id: 1.0 for fact, value in index.dates if value in told}
    ends = [value for _, value in index.dates] + index.days
    ends += [index.case.today] if index.case.today else []
    any_date = any_date and bool(_SINCE.search(reading.text))
    for fact, start in index.dates:
        if named.get(fact.id, 0.0) <= 0 and not any_date:
            continue
        for end in ends:
            if _spans(quantity, start, end):
                return (fact.id,)
    return ()


def _spans(quantity: Quantity, start: date, end: date) -> bool:
    days = abs((end - start).days)
    if days == 0:
        return False
    span = Decimal(days) / _DAYS_OF[quantity.unit]
    whole = Decimal(int(span + Decimal("0.02")))
    return any(
        holds(quantity, said, value)
        for said in quantity.values
        for value in ((span, whole) if quantity.hedge != "exact" else (whole, Decimal(round(span))))
    )


_YEAR_BEFORE = re.compile(r"(?:previous|prior|preceding|last) year", re.IGNORECASE)


_THE_YEAR = re.compile(r"(?:in|within|over|during|for) the year", re.IGNORECASE)  # "in the year to March"
_IN_ONE = re.compile(r"(?:in|within|during) (?:one|a single|just one|a|the space of a|the course of a) ", re.IGNORECASE)
_PERIODS = {Decimal(1): "month", Decimal(3): "quarter", Decimal(12): "year"}


def _rhythm_problem(reading: Reading, figures: Figures, window: Window, index: CaseIndex) -> Problem | None:
    """ "Earned in one month" of a yearly amount that the sentence tells."""
    said = _PERIODS.get(window.months)
    if said is None or not _IN_ONE.match(window.span):
        return None
    for held in index.told_by(figures, None):
        period = held.measure.period.rstrip("?") or ("year" if _YEAR.search(held.fact.label) else "")
        if held.measure.kind == "money" and not held.benchmark and period in _PERIODS.values() and period != said:
            return Problem("wrong_period", window.span, held.fact.id, f"per {period}")
    return None


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def judge_windows(reading: Reading, figures: Figures, index: CaseIndex) -> Iterator[Problem]:
    """Spans of counting that are not those of what is counted."""
    asks = index.lexicon.sign(reading.language, "open").search(reading.text)
    for window in figures.windows:
        if _THE_YEAR.fullmatch(window.span):
            continue
        if problem := _rhythm_problem(reading, figures, window, index):
            yield problem
            continue
        if _YEAR_BEFORE.fullmatch(window.span) and index.trends:
            continue
        held = _windows_near(reading, window, index)
        if held and not _among(window, {months for _, months in held}):
            fact, months = held[0]
            yield Problem("wrong_period", window.span, fact, f"{months.normalize():f} months")
        elif not asks and not held and not _among(window, index.windows) and not _is_value(window, index):
            yield Problem("unsupported_figure", window.span)


def _windows_near(reading: Reading, window: Window, index: CaseIndex) -> list[tuple[str, Decimal]]:
    """The windows of what the clause counts, the nearest facts first."""
    side = reading.side(window.start)
    tokens = [t for t in reading.within(side.start, side.end) if t.end <= window.start or t.start >= window.end]
    clause = reading.clause_at(window.start)
    weighted = [(t, 1.0 if clause.start <= t.start < clause.end else 0.4) for t in tokens]
    scores = index.scores(weighted)
    best = max((score for c, score in scores.items() if not c.benchmark), default=0.0)
    chosen = [c for c, score in scores.items() if not c.benchmark and c.windows and score >= max(0.35, 0.6 * best)]
    return [(c.fact.id, months) for c in sorted(chosen, key=lambda c: -scores[c]) for months in c.windows]


def _among(window: Window, windows: set[Decimal]) -> bool:
    return any(abs(window.months - months) <= months * Decimal("0.04") for months in windows)


def _is_value(window: Window, index: CaseIndex) -> bool:
    """Whether the span is a value of the case: "repaid within 36 months"."""
    for candidate in index.candidates:
        if candidate.measure.kind == "time":
            months = candidate.value * _DAYS_OF[candidate.measure.unit] / _DAYS_OF["months"]
            if abs(months - window.months) <= window.months * Decimal("0.02"):
                return True
    return bool(re.search(r"\b(?:within|in)\b", window.span, re.IGNORECASE)) and not index.windows
