"""What a case says of some facts, in lines: what a closed question holds a sentence against."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from app.domain.checks.casebook import CaseFact, CheckedCase
from app.domain.facts import Stance
from app.domain.lexicon import MARKUP

MOST_FACTS = 6
_SIDES = {
    "en": {Stance.ADVERSE: "speaks against", Stance.FAVOURABLE: "speaks for", Stance.NEUTRAL: ""},
    "zh": {Stance.ADVERSE: "不利", Stance.FAVOURABLE: "有利", Stance.NEUTRAL: ""},
}
_RELATIONS = {"en": {}, "zh": {"above": "高于", "below": "低于", "equal": "等于"}}
_UNTOLD = frozenset({"text", "count", "date", "boolean", ""})


def told(case: CheckedCase, facts: Collection[str]) -> tuple[str, ...]:
    """A line for each of the facts, at most ``MOST_FACTS``, and for each finding that rests on one of them.

    A text that speaks to the model is left out: it is data, and no model reads it as anything else.
    """
    wanted = list(facts)[:MOST_FACTS]
    lines = [*_facts(case, wanted), *(one.text for one in case.findings if set(one.facts) & set(wanted))]
    return tuple(line for line in dict.fromkeys(lines) if not MARKUP.search(line))


def _facts(case: CheckedCase, wanted: Collection[str]) -> Iterator[str]:
    for fact in case.facts:
        if fact.id in wanted:
            side = _SIDES[case.language][fact.stance]
            parts = [_line(fact, case.language), f"({fact.note})" if fact.note else "", side and f", {side}"]
            yield " ".join(filter(None, parts)).replace(" ,", ",")


def _line(fact: CaseFact, language: str) -> str:
    shown = fact.raw or (fact.value.isoformat() if isinstance(fact.value, date) else str(fact.value))
    unit = "" if fact.unit in _UNTOLD or fact.unit in shown else f" {fact.unit}"
    bench = fact.benchmark
    if bench is None or bench.value is None:
        return f"{fact.label}: {shown}{unit}"
    relation = _RELATIONS[language].get(bench.relation, bench.relation)
    return f"{fact.label}: {shown}{unit} ({relation} {bench.against} {bench.value})"
