"""What a figure may be worked out of: values that a sentence names, tells or implies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from app.domain.checks.casebook import CaseFact, Measure
from app.domain.checks.fit import MONTHS_OF, SCALES, matches
from app.domain.checks.index import Candidate, CaseIndex, limit_words
from app.domain.checks.quantities import Figures, Quantity
from app.domain.checks.reading import Reading

_MOST = 9  # values that are combined with each other
_SPOKEN = 0.3  # how clearly a fact must be named
_FAMILIES = (  # what analysts reckon with together; who names one implies the others
    frozenset({"c:price", "c:requested", "c:down_payment", "c:value", "c:ltv"}),
    frozenset({"c:instalment", "c:term", "c:requested", "c:rate"}),
    frozenset({"c:profit", "c:turnover"}),
    frozenset({"c:debt", "c:mortgage", "c:car_loan", "c:requested"}),
)
_LEFT_OF = frozenset({"c:income", "c:rent", "c:expenses", "c:debt", "c:instalment", "c:turnover_account"})
_SALES = frozenset({"c:turnover", "c:turnover_account", "c:income"})
AFTER = re.compile(
    r"\b(?:after|deduct\w*|less(?! than)|minus|net of|remain\w*|left|leav(?:es?|ing)|spare|in hand)\b"
    r"|扣|减|剩|余(?!额)",
    re.IGNORECASE,
)
DRAWN = re.compile(
    r"\b(?:drawn|draws?|used|utilis\w*|utiliz\w*|taken up|undrawn|unused|percent of|% of|untouched)\b"
    r"|已用|用去|用掉|动用|剩余额度",
    re.IGNORECASE,
)
_HEADS = re.compile(
    r"[人户店车亩]均|每[人名户家位亩台件]|单[车店人]|\b(?:a head|apiece|per (?:head|person|employee))\b", re.IGNORECASE
)
_SUM = re.compile(r"\b(?:together|combined|total\w*|altogether|both|sum|in all)\b|合计|共|总|加", re.IGNORECASE)
_OWED = re.compile(r"\b(?:loans?|debts?|owes?|owed|borrow\w*)\b|贷款|债|欠|借", re.IGNORECASE)
_DEBTS = frozenset({"c:debt", "c:requested", "c:mortgage", "c:car_loan", "c:credit_card", "c:consumer_loan"})
INCOMES = frozenset({"c:income", "c:bonus", "c:pension", "c:side_income", "c:rental_income"})
_LASTS = re.compile(r"\b(?:lasts?|enough for|would cover|covers?)\b|够还|够付|撑|抵得|可还", re.IGNORECASE)
ANAPHORA = re.compile(r"\s*(?:that|this|it|which|these|those|they)\b|这|该|其|两者", re.IGNORECASE)
_BOUGHT = re.compile(r"\bfinanc\w*|\bborrow\w*|需贷款|贷款", re.IGNORECASE)
MARGIN = re.compile(r"\bmargin\b|利润率", re.IGNORECASE)
_FEW = 30
_SIZE = Decimal("1.5")
COINS = re.compile(r"\b(?:pence|pennies|cents?)\b", re.IGNORECASE)


def spoken_of(
    reading: Reading, figures: Figures, quantity: Quantity, index: CaseIndex
) -> tuple[list[Candidate], list[Candidate]]:
    """The values the sentence speaks of, by figure or name, the clearest first; and those it implies."""
    by_figure = [
        candidate
        for candidate in index.candidates
        if any(other is not quantity and other.kind and matches(other, candidate) for other in figures.quantities)
    ]
    by_name = index.scores((token, 1.0) for token in reading.tokens)
    limits = limit_words(reading.text) is not None
    clear = [c for c, s in by_name.items() if s >= _SPOKEN and (limits or not c.benchmark or _own(c, by_name) >= s)]
    named = sorted(clear, key=lambda c: -by_name[c])
    chosen = list(dict.fromkeys([*by_figure[:5], *named]))[:_MOST]
    of_chosen = {id(candidate.fact) for candidate in chosen}
    beside = [c for c in index.candidates if id(c.fact) in of_chosen and c not in chosen]
    if not chosen:
        beside = list(dict.fromkeys(_implied_by_that(index)))
    rescaled = list(_by_other_period(reading.text, chosen))
    implied = list(_implied(reading, quantity, chosen, index))
    said = [said for said in said_values(figures, quantity) if all(said.value != c.value for c in chosen)]
    spoken = dict.fromkeys([*chosen, *rescaled[:4], *beside[:4], *said, *_told_by_findings(reading, index)])
    return list(spoken), [candidate for candidate in dict.fromkeys(implied[:7]) if candidate not in spoken]


def _by_other_period(text: str, chosen: list[Candidate]) -> Iterator[Candidate]:
    """What is named by the period the sentence speaks of: a month's of a total of six, half a year's of a month's."""
    for period, months, sign in _PERIODS_SAID:
        beside = period == "month" and any(c.measure.period.startswith(period) for c in chosen)
        if sign.search(text) or beside:
            for candidate in (c for c in chosen if c.measure.kind == "money" and not c.benchmark):
                own = candidate.measure.period.rstrip("?")
                counted = candidate.windows[0] if candidate.windows else _MONTHS.get(own)
                if counted and counted != months:
                    value = candidate.value * months / counted
                    yield replace(candidate, value=value, measure=replace(candidate.measure, period=period), windows=())


_MONTHS = {"month": Decimal(1), "year": Decimal(12), "quarter": Decimal(3)}
_PERIODS_SAID = (
    ("month", Decimal(1), re.compile(r"每月|每个月|月均|一个月|\b(?:a|per|each) month\b|\bmonthly\b", re.IGNORECASE)),
    ("half", Decimal(6), re.compile(r"半年|\bhalf[- ]year\b", re.IGNORECASE)),
    ("year", Decimal(12), re.compile(r"全年|一年|每年|年均|\b(?:a|per|each) year\b|\bannual(?:ly)?\b", re.IGNORECASE)),
)


def _own(limit: Candidate, scores: dict[Candidate, float]) -> float:
    """How clearly the fact is named that a benchmark belongs to."""
    return max((score for c, score in scores.items() if c.fact is limit.fact and not c.benchmark), default=0.0)


def shares_named(reading: Reading, figures: Figures, index: CaseIndex) -> list[Candidate]:
    """The shares that the sentence tells, or names by more than it names an amount by."""
    parts = index.parts((token, 1.0) for token in reading.tokens)
    amounts = {key for c, held in parts.items() if c.measure.kind == "money" for key in held}
    told = [q for q in figures.quantities if q.kind == "percent"]
    return [
        c
        for c in index.candidates
        if c.measure.kind == "percent"
        and (set(parts.get(c, ())) - amounts or any(matches(q, c) for q in told))
        and not c.benchmark
    ]


def said_values(figures: Figures, quantity: Quantity) -> Iterator[Candidate]:
    """The other figures of the sentence: "principal of 14,400 would take 27 % of net income". No fact stands behind."""
    for other in figures.quantities:
        if other is not quantity and other.kind in ("money", "percent", "time") and other.hedge == "exact":
            fact = CaseFact("", other.span, max(other.values), unit=other.unit)
            yield Candidate(fact, max(other.values), Measure(other.kind, other.unit, other.period), {})


def _told_by_findings(reading: Reading, index: CaseIndex) -> list[Candidate]:
    said = {key for token in reading.tokens for key in token.keys}
    return [candidate for candidate in index.told if said & set(candidate.keys)]


def _implied(reading: Reading, quantity: Quantity, chosen: list[Candidate], index: CaseIndex) -> Iterator[Candidate]:
    """What is not named but reckoned with: the price with the loan, income where something is left."""
    own = [c for c in index.candidates if not c.benchmark]
    spoken = {key for candidate in chosen for key in candidate.keys}
    spoken |= {key for token in reading.tokens for key in token.keys}
    if AFTER.search(reading.text):
        periods = {c.measure.period for c in chosen if c.measure.kind == "money"} - {""}
        left_of = [
            c for c in own if c.measure.kind == "money" and (_LEFT_OF & set(c.keys) or c.measure.period in periods)
        ]
        yield from sorted(left_of, key=lambda c: "c:income" not in c.keys)
    if not quantity.kind and quantity.value < _FEW:  # "four more children": of 71 that there are and 75 that may be
        counts = [c.value for c in chosen if c.measure.kind == "count"]
        yield from (c for c in own if c.measure.kind == "count" and any(_of_a_size(c.value, v) for v in counts))
    if _BOUGHT.search(reading.text):
        yield from (c for c in own if {"c:price", "c:down_payment"} & set(c.keys))
    if COINS.search(quantity.span) or MARGIN.search(reading.text):
        yield from (c for c in own if _SALES & set(c.keys) and c.measure.kind == "money")
    if _LASTS.search(reading.text):
        yield from (c for c in own if "c:instalment" in c.keys and c.measure.kind == "money")
    if limit_words(reading.text):
        yield from (c for c in own if c.measure.kind == quantity.kind and limit_words(c.fact.label))
    for share in (c for c in chosen if c.measure.kind == "percent" and "占" in c.fact.label):
        yield from (c for c in own if c.measure.kind == "money" and _telling(c) & _telling(share))
    yield from _all_of_a_kind(reading.text, spoken, own)
    for family in _FAMILIES:
        if family & spoken:
            yield from (c for c in own if family & set(c.keys) and c.measure.kind in ("money", "time"))


def _telling(candidate: Candidate) -> set[str]:
    return {key for key in candidate.keys if key[:2] in ("h:", "c:", "w:")}


def _all_of_a_kind(text: str, spoken: set[str], own: list[Candidate]) -> Iterator[Candidate]:
    """All incomes where income is spoken of, all counts where something is told a head, all debts where they add up."""
    if "c:income" in spoken:
        yield from (c for c in own if INCOMES & set(c.keys) and c.measure.kind == "money")
    if _HEADS.search(text):
        yield from (c for c in own if c.measure.kind == "count" and c.value > 1)
    if _OWED.search(text) and _SUM.search(text):
        yield from (c for c in own if _DEBTS & set(c.keys) and c.measure.kind == "money")


def _of_a_size(one: Decimal, two: Decimal) -> bool:
    return one > 0 and two > 0 and max(one, two) <= _SIZE * min(one, two)


def _implied_by_that(index: CaseIndex) -> Iterator[Candidate]:
    """What "that is a drop of 19 %" or "that leaves 100 undrawn" may speak of, which names nothing itself.

    Amounts of two years, amounts that a finding compares, shares with the amounts of their matter.
    """
    for later, earlier in index.trends:
        yield from (later, earlier)
    for share in (c for c in index.candidates if c.measure.kind == "percent" and not c.benchmark):
        named = {key for key in share.keys if key.startswith("c:")}
        named.add("c:requested")
        amounts = [c for c in index.candidates if c.measure.kind == "money" and named & set(c.keys) and not c.benchmark]
        yield from (share, *amounts[:2]) if amounts else ()
    for _, _, facts, _ in index.findings:
        held = [c for c in index.candidates if c.fact.id in facts and not c.benchmark and c.measure.kind == "money"]
        if len(held) == 2:
            yield from held


def times_within(period: str, term: Candidate) -> Decimal | None:
    """How often something that is counted by ``period`` falls within a term; None where the term tells no time."""
    unit = MONTHS_OF.get(term.measure.unit if term.measure.kind == "time" else "months")
    if unit is None or term.measure.kind not in ("time", "count") or term.value <= 0:
        return None
    return term.value * unit / SCALES[period or "month"]
