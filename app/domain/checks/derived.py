"""Figures that follow from facts: sums, differences, multiples, shares, the whole of a term."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations, permutations

from app.domain.checks.fit import SCALES, holds
from app.domain.checks.index import Candidate, CaseIndex, limit_words
from app.domain.checks.operands import (
    AFTER,
    ANAPHORA,
    COINS,
    DRAWN,
    INCOMES,
    MARGIN,
    shares_named,
    spoken_of,
    times_within,
)
from app.domain.checks.quantities import Figures, Quantity
from app.domain.checks.reading import Reading

_SUM = re.compile(
    r"\b(?:together|combined|in total|total|totals|totalling|sum|sums|altogether|in all|adds? up|"
    r"adding|added|overall|both|plus|aggregate|including|taken|"
    r"joint|jointly|come to|comes to|all told|on top|repay|repaid|over the (?:whole |full |"
    r"entire )?(?:term|life|period|duration))\b"
    r"|合计|共|总|加|之和|一共|两者|两项|三项|全部|累计",
    re.IGNORECASE,
)
DIFFERENCE = re.compile(
    r"\b(?:save|saves|saved|saving|relief|difference|differ|gap|headroom|margin|leaves?|leaving|"
    r"left|remain\w*|rest|other|balance|more|less|higher|"
    r"lower|above|below|exceed\w*|short|by|over|under|apart|surplus|"
    r"shortfall|distance|away|cushion|deduct\w*|minus|after|net of|buffer|room|excess|gr[eo]w\w*|"
    r"r[io]s[ei]\w*|rose|f[ae]ll\w*|drop\w*|increas\w*|decreas\w*|declin\w*|shr[aiu]nk|up|down|"
    r"slip\w*|borrow\w*|better|swing|turnaround|change[sd]?|"
    r"worse|points|needed|needs?|subtract\w*|"
    r"fewer|longer|shorter|beyond|within|inside|spare|diverge\w*|overshoots?|"
    r"undershoots?|deviat\w*|larger|smaller|greater|discrepancy|to go|older|lags?|ahead|tops|"
    r"missing|lacking|still|separate\w*|uncovered|financed|finance)\b"
    r"|差|余|剩|高出|低出|多出|少|超出|超过|高于|低于|空间|缺口|相差|扣除|减|多|距|余量|富余|高|低|尚|需|贷款|降|升|增|减|涨|跌|自筹|自付",
    re.IGNORECASE,
)
_RATIO = re.compile(
    r"times|\bx\b|%|\bevery (?:pound|euro|dollar|franc)|per ?cent|"
    r"\bshare\b|\bproportion|\bratio|\bhalf\b|\bthird|\bquarter|fold|"
    r"twice|double|triple|\bmultiple|\bpart\b|\bper\b|\bcovers?\b|\bfifth|\bpoints\b|\btenth|"
    r"\bmonths?\b|instalments|salaries|incomes|倍|占|比|%|％|成|分之|半|个月|相当于|够|撑|抵得|抵上",
    re.IGNORECASE,
)


_OVER_TIME = re.compile(
    r"\b(?:over|for|during|throughout) the (?:\w+ ){0,2}(?:term|life|period|duration)"
    r"|\b(?:interest|principal|yearly|annual\w*|a year|per year|monthly|a month|weekly|a week|average|"
    r"works? out|equals?|equivalent|amounts? to|against)\b",
    re.IGNORECASE,
)


def reckons(text: str) -> bool:
    """Whether a text says that it reckons: by sums, differences, shares, over time, or what would be."""
    return any(sign.search(text) for sign in (_SUM, DIFFERENCE, _RATIO, _OVER_TIME, _EACH, _WOULD, DRAWN, ANAPHORA))


_OWN_PART = re.compile(r"\b(?:own (?:funds|money|contribution)|down payment|deposit)\b|自筹|自付|首付", re.IGNORECASE)


REST = re.compile(
    r"\b(?:the rest|remaining|remainder|other|others)\b|其余|其它|其他|剩|余下|非(?=[\u4e00-\u9fff]{2})|除.{1,12}外"
    r"|相当于|等于|未|没|占[^，。]{1,14}的(?=\d)|(?:贷款|按揭)(?:成数|比例)",
    re.IGNORECASE,
)


def derives(
    reading: Reading,
    figures: Figures,
    quantity: Quantity,
    index: CaseIndex,
    scores: dict[Candidate, float],
    *,
    of_all: bool = False,
) -> tuple[str, ...]:
    """Ids of the facts that the figure follows from; empty where it follows from none that the sentence speaks of.

    ``of_all``: a share of all incomes is spoken of, whatever share the words name.
    """
    spoken, implied = spoken_of(reading, figures, quantity, index)
    named = (
        quantity.kind == "percent"
        and not of_all
        and not COINS.search(quantity.span)
        and _is_named(reading, index, scores)
    )
    if named and not tells_apart(reading.text):
        return ()  # the sentence names the share itself
    text = _without_hedge(reading.text, quantity)
    loose = ANAPHORA.match(text) or DRAWN.search(text)
    shares = shares_named(reading, figures, index) or (spoken if loose else [])
    for value, used in _results(text, quantity, spoken, implied, shares):
        if any(_fits(quantity, said, value) for said in quantity.values):
            return ids_of(used)
    return ()


def tells_apart(text: str) -> bool:
    """Whether a text tells what a share lacks, or what is left of it."""
    return bool(DIFFERENCE.search(text) or REST.search(text))


_HEDGE = re.compile(
    r"\b(?:just |slightly |well |somewhat |a (?:little|bit|shade|touch|good deal) )?"
    r"(?:over|under|above|below|more than|less than|up to|within)\s*(?:[A-Z]{3}|[€$£¥])?\s*$"
)


def _without_hedge(text: str, quantity: Quantity) -> str:
    """The text without the words that say how exact the figure is: "just over 50,000" reckons nothing."""
    if quantity.hedge == "exact":
        return text
    before = text[: quantity.start]
    return _HEDGE.sub(lambda hedge: " " * len(hedge.group()), before) + text[quantity.start :]


def ids_of(used: Iterable[Candidate]) -> tuple[str, ...]:
    """The facts behind the values; figures that only the sentence says have none."""
    return tuple(dict.fromkeys(candidate.fact.id for candidate in used if candidate.fact.id)) or ("",)


def _is_named(reading: Reading, index: CaseIndex, scores: dict[Candidate, float]) -> bool:
    """Whether one share of the case is named by all that the sentence names: then no other is worked out."""
    named = {key for candidate in index.candidates for key in candidate.keys if key.startswith("c:")}
    said = {key for token in reading.tokens for key in token.keys if key in named and not token.plain}
    return any(
        score >= 0.5 and c.measure.kind == "percent" and not c.benchmark and said <= set(c.keys)
        for c, score in scores.items()
    )


def _results(
    text: str, quantity: Quantity, spoken: list[Candidate], implied: list[Candidate], shares: list[Candidate]
) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    every = [*spoken, *implied]
    lasting = [c for c in implied if quantity.kind == "time" and "c:instalment" in c.keys]
    if quantity.kind in ("money", "", "percent", "time", "times"):
        if _SUM.search(text):
            yield from _sums(quantity, every)
        if DIFFERENCE.search(text):
            yield from _differences(text, quantity, every)
    share = quantity.worded and 0 < quantity.value < 1
    if share or (quantity.kind in ("percent", "times", "", "time") and _RATIO.search(text)):
        yield from _ratios(
            text,
            quantity,
            every
            if COINS.search(quantity.span) or MARGIN.search(text) or _OWN_PART.search(text)
            else [*spoken, *lasting],
        )
    if (share or quantity.kind == "percent") and OF_INCOME.search(text):
        yield from _of_income(quantity, every)
    if quantity.kind == "" and quantity.period == "month":  # of what is counted over a year
        yield from ((c.value / 12, (c,)) for c in spoken if c.measure.kind == "count" and c.value > 12)
    if quantity.kind in ("money", ""):
        yield from _wholes(quantity, every, whole=bool(_SUM.search(text)))
        yield from _parts(quantity, every, shares, drawn=bool(DRAWN.search(text)))
        if limit_words(text) or _WOULD.search(text):
            yield from _targets(quantity, every)
        if _EACH.search(text) or _SUM.search(text) or _OF_ONE.match(text, quantity.end):
            yield from _each(quantity, every)
        yield from _priced(quantity, every)


def _alike(quantity: Quantity, candidate: Candidate) -> bool:
    measure = candidate.measure
    if quantity.kind == "money":
        return measure.kind == "money" and quantity.unit in ("", measure.unit)
    if quantity.kind == "time":
        return measure.kind == "time" and measure.unit == quantity.unit
    return (
        measure.kind == quantity.kind
        if quantity.kind
        else measure.kind in ("count", "money", "percent", "time", "times")
    )


def _sums(quantity: Quantity, spoken: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    alike = [candidate for candidate in spoken if _alike(quantity, candidate) and not candidate.benchmark]
    for size in (2, 3, 4):
        for group in combinations(alike[:7], size):
            if len({c.measure.kind for c in group}) == 1 and len({c.fact.id for c in group}) == size:
                yield sum((c.value for c in group), Decimal(0)), group
                if quantity.period == "month" and any(c.measure.period == "year" for c in group):
                    monthly = (c.value / 12 if c.measure.period == "year" else c.value for c in group)
                    yield sum(monthly, Decimal(0)), group


def _differences(
    text: str, quantity: Quantity, spoken: list[Candidate]
) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    alike = [candidate for candidate in spoken if _alike(quantity, candidate)]
    for first, second in combinations(alike, 2):
        if first.measure.kind == second.measure.kind and first.measure.unit == second.measure.unit:
            yield abs(first.value - second.value), (first, second)
    if not AFTER.search(text):
        return
    values = [candidate for candidate in alike[:7] if not candidate.benchmark]
    for first in values:
        for size in (2, 3, 4):
            for group in combinations([c for c in values if c is not first], size):
                if all(c.measure.kind == first.measure.kind for c in group):
                    yield first.value - sum((c.value for c in group), Decimal(0)), (first, *group)


_WOULD = re.compile(r"\b(?:would|could|if|to (?:meet|reach|bring|get|keep|stay|lift|satisfy|respect))\b", re.IGNORECASE)
_OF_ONE = re.compile(r"\s*an? [a-z]+")  # "52 cents a kilometre"
_EACH = re.compile(r"\b(?:per|each|every|apiece|a head|a piece)\b|每|[人户]均|平均|单[车店户台人机]", re.IGNORECASE)


def _targets(quantity: Quantity, spoken: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    """An amount scaled until its ratio meets the benchmark, and what is lacking or to spare: "15,000 more profit"."""
    ratios = [c for c in spoken if c.measure.kind in ("percent", "times") and c.benchmark and c.value > 0]
    for limit in ratios:
        own = limit.fact.value
        if not isinstance(own, Decimal) or own <= 0:
            continue
        for amount in (c for c in spoken if _alike(quantity, c) and c.measure.kind == "money" and not c.benchmark):
            for value in (amount.value * limit.value / own, amount.value * own / limit.value):
                yield value, (amount, limit)
                yield abs(value - amount.value), (amount, limit)
            if limit.measure.kind == "percent":
                most = amount.value * limit.value / 100
                yield most, (amount, limit)
                others = (c for c in spoken if c.measure.kind == "money" and c is not amount and not c.benchmark)
                yield from ((abs(other.value - most), (amount, limit, other)) for other in others)


_PRICE = re.compile(r"每([\u4e00-\u9fff])|单([件位户台]|价)|\bper ([a-z]+)\b", re.IGNORECASE)


def _priced(quantity: Quantity, spoken: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    """So many at a price for each: 85 亩 at 900 each."""
    for price in (c for c in spoken if c.measure.kind == "money" and _alike(quantity, c)):
        if unit := _PRICE.search(price.fact.label):
            for count in (c for c in spoken if c.measure.kind == "count" and c.fact.unit in unit.groups()):
                yield price.value * count.value, (price, count)


def _each(quantity: Quantity, spoken: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    """An amount for each of what is counted: turnover a hectolitre, pay a head."""
    for count in (c for c in spoken if c.measure.kind == "count" and c.value > 1 and not c.benchmark):
        for amount in (c for c in spoken if c.measure.kind in ("money", "count") and _alike(quantity, c)):
            yield amount.value * count.value, (amount, count)
            if amount.fact.unit != count.fact.unit:
                yield amount.value / count.value, (amount, count)


def _parts(
    quantity: Quantity, spoken: list[Candidate], shares: list[Candidate], *, drawn: bool
) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    """A share of an amount, 88 % of a limit of 1,500; where something is drawn, the limit and what is left of it."""
    for share in (c for c in shares if c.measure.kind == "percent" and not c.benchmark):
        for amount in (c for c in spoken if c.measure.kind in ("money", "count") and _alike(quantity, c)):
            yield amount.value * share.value / 100, (amount, share)
            if (limit := share.fact.benchmark) and isinstance(limit.value, Decimal):
                yield amount.value * abs(share.value - limit.value) / 100, (amount, share)
            yield amount.value * (100 - share.value) / 100, (amount, share)
            if share.value > 0:
                yield amount.value * 100 / share.value, (amount, share)
            if drawn and share.value > 0:
                yield amount.value * 100 / share.value - amount.value, (amount, share)


_JOINT = re.compile(
    r"\b(?:joint\w*|combined|together|total|both|household|altogether)\b|合计|共同|两人|家庭", re.IGNORECASE
)


def _ratios(text: str, quantity: Quantity, spoken: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    """One value over another; one of them is what the sentence speaks of most."""
    scale = 100 if quantity.kind == "percent" else 1
    for first, second in permutations(spoken[:7], 2):
        if not _comparable(first, second) or not _leads(first, second, spoken):
            continue
        if first.measure.kind == "percent" and (quantity.points or quantity.kind == ""):
            continue
        yield from ((ratio * scale, (first, second)) for ratio in _ratios_of(text, quantity, first, second))
        if quantity.kind == "time" and (often := _OFTEN.get((quantity.unit, second.measure.period))):
            yield first.value / second.value * often, (first, second)
    for share in (c for c in spoken if c.measure.kind == "percent"):
        if quantity.kind == "percent":
            yield 100 - share.value, (share,)
        elif quantity.kind == "" and 0 < quantity.value < 1:
            yield 1 - share.value / 100, (share,)


def _leads(first: Candidate, second: Candidate, spoken: list[Candidate]) -> bool:
    """Whether one of the two is what the sentence speaks of most, or a figure it has worked out itself."""
    return any(each in spoken[:2] or not each.fact.id for each in (first, second))


def _ratios_of(text: str, quantity: Quantity, first: Candidate, second: Candidate) -> Iterator[Decimal]:
    """One over the other, by how much it differs, its part of both, and of a year of the other."""
    yield first.value * _periods(first, second) / second.value
    if quantity.kind in ("percent", "") and (DIFFERENCE.search(text) or _NOT_ALL.search(text)):
        yield abs(first.value - second.value) / second.value
    if _JOINT.search(text) and first.value + second.value:
        yield first.value / (first.value + second.value)
    if first.measure.period.rstrip("?") == "month" and _YEARLY.search(text):
        yield first.value / (second.value * 12)


_NOT_ALL = re.compile(r"\b(?:not|un(?:used|sold|drawn|paid|filled|let|spent))\b", re.IGNORECASE)
_YEARLY = re.compile(r"annual|year|年")
_OFTEN = {("years", period): 1 / Decimal(12) for period in ("month", "month?", "", "none?")} | {
    ("months", "year"): Decimal(12)
}


def _periods(first: Candidate, second: Candidate) -> Decimal:
    """What brings a month's amount and a year's to one period."""
    one, two = (c.measure.period for c in (first, second))
    return (
        SCALES[two] / SCALES[one] if one in SCALES and two in SCALES and first.measure.kind == "money" else Decimal(1)
    )


OF_INCOME = re.compile(
    r"占.{0,6}收入|(?:of|from) (?:his|her|their|all|total) (?:\w+ )?(?:income|earnings)", re.IGNORECASE
)


def _of_income(quantity: Quantity, spoken: list[Candidate]) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    """A share of all incomes together: commission of pay and commission."""
    scale = 100 if quantity.kind == "percent" else 1
    money = [c for c in spoken if c.measure.kind == "money" and not c.benchmark]
    incomes = [c for c in money if INCOMES & set(c.keys)][:4]
    for size in (2, 3):
        for group in combinations(incomes, size):
            total = sum((c.value for c in group), Decimal(0))
            alike = {(c.measure.unit, c.measure.period.rstrip("?")) for c in group}
            if len(alike) == 1 and total:
                yield from ((c.value / total * scale, (c, *group)) for c in money if c.value < total)


def _bases(shares: list[Candidate], every: list[Candidate]) -> Iterator[Candidate]:
    """Amounts that the label of a share names: 广告投放占回款."""
    for share in shares:
        yield from (c for c in every if c.measure.kind == "money" and set(c.keys) & set(share.keys))


def _comparable(first: Candidate, second: Candidate) -> bool:
    one, two = first.measure, second.measure
    return second.value != 0 and one.kind == two.kind and one.unit == two.unit


def _wholes(
    quantity: Quantity, spoken: list[Candidate], *, whole: bool
) -> Iterator[tuple[Decimal, tuple[Candidate, ...]]]:
    """An amount a month or a week over a term or a year, and what of it is interest; an amount spread over a term."""
    terms = [c for c in spoken if c.measure.kind == "time" and c.measure.unit in ("months", "years", "weeks")]
    for amount in (c for c in spoken if c.measure.kind == "money" and _alike(quantity, c)):
        period = amount.measure.period.rstrip("?")
        if amount.value != amount.fact.value and not amount.benchmark:
            yield amount.value, (amount,)  # by another period
        if period in SCALES:
            yield amount.value * 12 / SCALES[period] if period != "year" else amount.value / 12, (amount,)
        for term in terms:
            if period in SCALES and (period != "year" or whole) and (often := times_within(period, term)):
                yield amount.value * often, (amount, term)
                for borrowed in (c for c in spoken if c.measure.kind == "money" and c is not amount):
                    yield amount.value * often - borrowed.value, (amount, term, borrowed)
            for each in {quantity.period or "month", "month"} & set(SCALES):
                if often := times_within(each, term):
                    yield amount.value / often, (amount, term)


def _fits(quantity: Quantity, said: Decimal, value: Decimal) -> bool:
    """A derived figure is as exact as it is written; one without decimals may leave them out."""
    if value <= 0 or not holds(quantity, said, value):
        return said == value and quantity.hedge != "exact"
    if quantity.hedge in ("more", "less"):
        return abs(said - value) <= value * Decimal("0.3")
    return True
