"""What a text claims of which fact: a right figure under a wrong name, and a comparison that its figures belie."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from app.domain.facts import Fact
from app.domain.figures import Figure, matching_facts
from app.domain.sentences import Problem

REACH = {"en": 45, "zh": 18}  # characters between a name and its figure
COUNT_REACH = 14  # the same where the figure has no unit
_CLAUSE_END = re.compile(
    r"[;；。()（）]|[,，、](?!\d)|\b(?:but|while|whereas|yet|and|against|above|below|over|exceed(?:s|ing)|within|than)\b|[而但与高低超]"
)
_MULTIPLE = re.compile(r"\s?(?:times\b|倍)")
_AMBIGUOUS = frozenset({"over"})  # "over the term" compares nothing


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that name facts: a figure of the unit beside them must be the value of one of those."""

    pattern: Mapping[str, str]  # language -> regular expression
    unit: str  # "money", "percent", "months", "years", "days" or "count"
    facts: tuple[str, ...]  # names; one that ends with a dot or underscore covers all that begin so


CUES = (
    Cue(
        {
            "en": r"net (?:monthly )?income|monthly income|income|salary|earnings|take-home pay",
            "zh": "月净收入|月收入|净收入|收入|工资",
        },
        "money",
        ("income.",),
    ),
    Cue(
        {
            "en": r"requested amount|loan amount|amount requested|asks for|requests|applied for|request is for",
            "zh": "申请金额|申请贷款|贷款金额",
        },
        "money",
        ("request.amount", "offer.amount"),
    ),
    Cue({"en": "price of the goods|goods price|purchase price", "zh": "商品价格"}, "money", ("request.goods_price",)),
    Cue(
        {"en": "instalments?|monthly payment", "zh": "月供|每月还款|月还款|分期"},
        "money",
        ("loan.instalment", "debt.undisclosed_instalment", "debt.instalments_monthly", "offer.instalment"),
    ),
    Cue({"en": "assets", "zh": "资产"}, "money", ("assets.",)),
    Cue({"en": "outstanding debts?|debts? outstanding", "zh": "未偿债务"}, "money", ("debt.outstanding",)),
    Cue({"en": "gambling", "zh": "博彩"}, "money", ("cashflow.gambling_monthly",)),
    Cue({"en": "living expenses|living costs", "zh": "生活支出"}, "money", ("expenses.", "ratio.disposable_after")),
    Cue({"en": "(?:interest )?rate", "zh": "利率"}, "percent", ("loan.rate_pct",)),
    Cue({"en": "limit", "zh": "上限"}, "percent", ("limit.",)),
    Cue({"en": "probability of default|PD", "zh": "违约概率"}, "percent", ("score.pd_pct",)),
    Cue(
        {"en": "instalments?|DSR|debt[- ]service ratio|debt-to-income|DTI", "zh": "月供收入比|月供"},
        "percent",
        ("ratio.dsr_", "offer.dsr_pct"),
    ),
    Cue({"en": "price financed|loan[- ]to[- ]value|LTV", "zh": "融资比例"}, "percent", ("ratio.financed_pct",)),
    Cue({"en": "(?:loan |requested )?term", "zh": "申请期限|贷款期限|期限"}, "months", ("request.term_months",)),
    Cue(
        {"en": "in employment|employed|in (?:the )?job|in work|seniority", "zh": "工作年限|已工作"},
        "years",
        ("employment.",),
    ),
    Cue({"en": "overdraft|overdrawn", "zh": "透支"}, "days", ("cashflow.overdraft_days",)),
    Cue({"en": "past due|late|overdue|arrears", "zh": "逾期"}, "days", ("history.",)),
    Cue({"en": "enquir(?:y|ies)|inquir(?:y|ies)", "zh": "查询"}, "count", ("history.enquiries_", "benchmark.")),
    Cue({"en": "accounts?", "zh": "个账户"}, "count", ("history.accounts", "history.delinquent_accounts")),
    Cue({"en": "returned (?:payments?|items?)", "zh": "退票"}, "count", ("cashflow.returned_items",)),
    Cue({"en": "points(?! for)|score (?:is|of)", "zh": "评分[为是]?"}, "count", ("score.points",)),
)


def contradicted(text: str, figures: Sequence[Figure], facts: Sequence[Fact], language: str) -> Iterator[Problem]:
    """Figures that stand beside the name of a fact and are none of the values that go by that name.

    A name counts when it is the nearest before or after the figure in the same clause and the units agree. Names of
    which the case has no fact say nothing.
    """
    for figure in figures:
        named = _named(text, figure, facts, language)
        if named and not matching_facts(figure, named):
            nearest = min(named, key=lambda fact: (fact.value == 0, _distance(figure, fact), fact.name))
            yield Problem("contradicted_figure", figure.span, nearest.id, _shown(nearest))


def belied(
    figures: Sequence[Figure], comparisons: Sequence[tuple[str, int, int]], facts: Sequence[Fact]
) -> Iterator[Problem]:
    """Comparisons of two figures of one unit that go the other way; ``comparisons`` are word, direction and place.

    Direction +1 says that the first figure is above the second, -1 that it is not.
    """
    for first, second in pairwise(figures):
        between = [c for c in comparisons if first.end <= c[2] < second.start and c[0].lower() not in _AMBIGUOUS]
        if len(between) != 1 or not _one_unit(first, second) or len(first.values) != 1 or len(second.values) != 1:
            continue
        word, way, _ = between[0]
        above = first.values[0] > second.values[0]
        if above != (way > 0):
            sign = ">" if above else "<" if first.values[0] < second.values[0] else "="
            found = matching_facts(first, facts)
            yield Problem(
                "contradicted_relation", word, found[0].id if found else None, f"{first.span} {sign} {second.span}"
            )


def _one_unit(first: Figure, second: Figure) -> bool:
    return _kind(first.unit) == _kind(second.unit) != "date"


def _kind(unit: str) -> str:
    return "money" if unit == "money" or re.fullmatch("[A-Z]{3}", unit) else unit


def _named(text: str, figure: Figure, facts: Sequence[Fact], language: str) -> list[Fact]:
    """The facts that the nearest name goes for; none where no name stands in the clause."""
    nearest: tuple[int, list[Fact]] = (REACH[language] + 1, [])
    for cue in CUES:
        if not _agrees(figure, cue.unit) or _MULTIPLE.match(text, figure.end):
            continue
        meant = [fact for fact in facts if _is_meant(fact, cue)]
        for match in re.finditer(_bounded(cue.pattern[language], language), text, re.IGNORECASE):
            gap = _gap(text, match.start(), match.end(), figure)
            near = gap is not None and (cue.unit != "count" or gap <= COUNT_REACH)
            if meant and gap is not None and near and gap < nearest[0]:
                nearest = (gap, meant)
    return nearest[1]


def _bounded(pattern: str, language: str) -> str:
    return rf"\b(?:{pattern})\b" if language == "en" else f"(?:{pattern})"


def _gap(text: str, start: int, end: int, figure: Figure) -> int | None:
    """Characters between a name and the figure; null when a clause ends, or another figure stands, between them."""
    between = text[end : figure.start] if end <= figure.start else text[figure.end : start]
    if (end > figure.start and start < figure.end) or _CLAUSE_END.search(between) or re.search(r"\d", between):
        return None
    return len(between)


def _agrees(figure: Figure, unit: str) -> bool:
    kind = _kind(figure.unit)
    return kind == unit or (unit == "count" and kind == "") or (unit == "years" and kind == "months")


def _is_meant(fact: Fact, cue: Cue) -> bool:
    named = any(fact.name == name or (name[-1] in "._" and fact.name.startswith(name)) for name in cue.facts)
    unit = "count" if fact.unit in {"count", "number"} else _kind(fact.unit)
    return named and unit == cue.unit and isinstance(fact.value, Decimal | int)


def _distance(figure: Figure, fact: Fact) -> Decimal:
    return min(abs(value - Decimal(str(fact.value))) for value in figure.values)


def _shown(fact: Fact) -> str:
    return f"{fact.value} {fact.unit}"
