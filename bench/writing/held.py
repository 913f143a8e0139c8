"""Held-out sentence plans in English and Chinese, and the cases that put them before the desk.

English names come of ``local_models/wording/material.toml``, part ``held``, Chinese ones of ``plans/zh.toml``; neither
is in any lesson or phrase that ships. Each plan becomes a finding of its own code with facts that the catalogue of its
case knows by those names, and a phrase without a frame, as a lender's own rule would: what happens then is the desk's.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.facts import Catalogue, FactDefinition, FactValue, Kind, Source, SourceKind, Stance, new_fact
from app.domain.findings import Finding, Materiality
from app.domain.phrases import Entry, Phrase, PhraseBook
from app.ports import Workspace
from data.phrases import load_phrases
from local_models.wording.material import Material, Named
from tests.doubles import MemoryWorkspace, as_workspace

CHINESE = Path(__file__).resolve().parent / "plans" / "zh.toml"
MARKS = "ABCD"
_KINDS = {
    "money": Kind.MONEY, "percent": Kind.PERCENT, "months": Kind.MONTHS, "years": Kind.YEARS, "days": Kind.DAYS,
    "date": Kind.DATE, "text": Kind.TEXT, "grade": Kind.TEXT, "count": Kind.COUNT, "things": Kind.COUNT,
    "points": Kind.NUMBER, "times": Kind.NUMBER,
}  # fmt: skip
_NOUNS = {"points": {"en": ("point", "points"), "zh": ("分",)}, "times": {"en": ("times",), "zh": ("倍",)}}
_TEXTS = {
    "text": ("partnership", "limited company", "retail agreement", "freelance contract"),
    "grade": tuple("ABCDEF"),
}
_CHINESE_TEXTS = ("个人独资企业", "有限责任公司", "合伙企业", "个体工商户")
_PLAIN = {
    "exceeds": "The {} of [A] is above the {} of [B].",
    "below": "The {} of [A] is below the {} of [B].",
    "equals": "The {} of [A] agrees with the {} of [B].",
    "contradicts": "The {} of [A] contradicts the {} of [B].",
}
_RANGES = {  # kind -> least, most, decimal places
    "money": (120, 9800, 2), "percent": (4, 96, 1), "months": (2, 110, 0), "years": (2, 28, 0), "days": (3, 88, 0),
    "things": (2, 14, 0), "count": (2, 19, 0), "points": (310, 790, 0), "times": (2, 9, 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thing:
    """What a slot of a plan stands for."""

    name: str
    kind: str
    noun: str = ""  # what follows its number


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """What a sentence has to say; ``said`` is one right way, with marks [A], [B] and its full stop."""

    language: str
    subject: str
    stance: str
    relation: str  # is | exceeds | below | equals | contradicts | rises | falls | absent | met | unmet
    things: tuple[Thing, ...]  # one a slot
    said: str
    unslotted: tuple[str, ...] = ()  # names that have no slot

    @property
    def names(self) -> tuple[str, ...]:
        """Whatever it is about."""
        return (*(thing.name for thing in self.things), *self.unslotted, self.subject)


@dataclass(frozen=True, slots=True)
class HeldCase:
    """A case of held-out plans, assessed and ready to be drafted."""

    workspace: Workspace
    case_id: str
    phrases: PhraseBook
    plans: Mapping[str, HeldPlan]  # by finding
    values: Mapping[str, tuple[FactValue, ...]]  # of each finding's slots


def held_plans(language: str, count: int, seed: int = 7) -> list[HeldPlan]:
    """``count`` different plans of a language, spread over the relations; the same seed gives the same ones."""
    return list(_english(count, seed) if language == "en" else Chinese().plans(count, seed))


def _english(count: int, seed: int) -> Iterator[HeldPlan]:
    for lesson in Material().lessons(count, seed, "held"):
        things = tuple(Thing(each.name, each.kind, _noun_of(each)) for each in lesson.slots if each.kind)
        bare = tuple(each.name for each in lesson.slots if not each.kind)
        names = bare or ((lesson.subject,) if lesson.relation == "absent" else ())
        said = lesson.sentence
        if len(things) == 2 and said.index("[B]") < said.index("[A]"):  # a rule sentence has its slots in order
            said = _PLAIN[lesson.relation].format(*(thing.name for thing in things))
        yield HeldPlan("en", lesson.subject, lesson.stance, lesson.relation, things, said, names)


def _noun_of(thing: Named) -> str:
    return thing.name if thing.kind == "things" else ""


class Chinese:
    """Plans drawn from the Chinese file."""

    def __init__(self, path: Path = CHINESE) -> None:
        self._data: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))

    def plans(self, count: int, seed: int) -> Iterator[HeldPlan]:
        draw = random.Random(seed)
        seen: set[tuple[object, ...]] = set()
        makers = (
            *(self._value,) * 5, *(self._pair,) * 6, self._agree, self._agree, *(self._change,) * 2,
            *(self._missing,) * 2, self._met, *(self._listed,) * 2,
        )  # fmt: skip
        while len(seen) < count:
            plan = draw.choice(makers)(draw)
            key = (plan.subject, plan.stance, plan.relation, plan.things)
            if key not in seen:
                seen.add(key)
                yield plan

    def _value(self, draw: random.Random) -> HeldPlan:
        thing = _thing(draw.choice(self._data["single"]))
        return self._said(draw, "is", _side(draw), (thing,), "things" if thing.noun else "is", thing.name)

    def _pair(self, draw: random.Random) -> HeldPlan:
        first, second, kind = _cells(draw.choice(self._data["pair"]))
        relation = draw.choices(("exceeds", "below", "equals"), (5, 5, 1))[0]
        return self._said(draw, relation, _side(draw), (Thing(first, kind), Thing(second, kind)), relation, first)

    def _agree(self, draw: random.Random) -> HeldPlan:
        first, second, kind = _cells(draw.choice(self._data["agree"]))
        relation, stance, say = draw.choice(
            (("contradicts", "adverse", "contradicts"), ("equals", "favourable", "agrees"))
        )
        return self._said(draw, relation, stance, (Thing(first, kind), Thing(second, kind)), say, f"{first}与{second}")

    def _change(self, draw: random.Random) -> HeldPlan:
        name, kind = _cells(draw.choice(self._data["change"]))
        relation = draw.choice(("rises", "falls"))
        before, now = Thing(f"此前的{name}", kind), Thing(f"目前的{name}", kind)
        return self._said(draw, relation, _side(draw), (before, now), relation, name, (name,))

    def _missing(self, draw: random.Random) -> HeldPlan:
        name = draw.choice(self._data["missing"])
        return self._said(draw, "absent", _side(draw), (), "absent", name, (name,))

    def _met(self, draw: random.Random) -> HeldPlan:
        names = _cells(draw.choice(self._data["met"]))
        relation, stance = draw.choice((("met", "favourable"), ("unmet", "adverse")))
        return self._said(draw, relation, stance, (), relation, f"{names[1]}与{names[0]}", names)

    def _listed(self, draw: random.Random) -> HeldPlan:
        things = tuple(_thing(row) for row in draw.sample(self._data["single"], draw.choice((2, 2, 3, 3, 4))))
        return self._said(draw, "is", _side(draw), things, "listed", draw.choice(("收入", "资产", "经营", "稳定性")))

    def _said(
        self,
        draw: random.Random,
        relation: str,
        stance: str,
        things: tuple[Thing, ...],
        say: str,
        subject: str,
        names: Sequence[str] = (),
    ) -> HeldPlan:
        text = draw.choice(self._data["say"][say])
        shown = [
            f"[{mark}]" if each.noun else f"{each.name}[{mark}]" for mark, each in zip(MARKS, things, strict=False)
        ]
        text = text.replace("{list}", "、".join(shown))
        named = list(names) if say in {"rises", "falls", "absent", "met", "unmet"} else [each.name for each in things]
        for mark, name in zip("LM", named, strict=False):
            text = text.replace(f"{{{mark}}}", name)
        text += draw.choice(self._data["side"][stance])
        return HeldPlan("zh", subject, stance, relation, things, f"{text}。", tuple(names))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split("|")]


def _thing(row: str) -> Thing:
    name, kind, *noun = _cells(row)
    return Thing(name, kind, noun[0] if noun else "")


def _side(draw: random.Random) -> str:
    return draw.choice(("adverse", "favourable", "neutral"))


def held_case(plans: Sequence[HeldPlan], seed: int = 7) -> HeldCase:
    """One case with a finding for each plan; the values keep the plan's relation."""
    language, draw = plans[0].language, random.Random(seed)
    definitions: list[FactDefinition] = []
    entries: dict[str, Entry] = {}
    nouns: dict[str, dict[str, tuple[str, ...]]] = {}
    made: list[tuple[Finding, list[tuple[str, FactValue, str]]]] = []
    for at, plan in enumerate(plans):
        code = f"held.p{at:03d}"
        names = tuple(f"{code}.{letter}" for letter in MARKS[: len(plan.things)].lower())
        for name, thing in zip(names, plan.things, strict=True):
            definitions.append(FactDefinition(name, _KINDS[thing.kind], {language: thing.name}))
            noun = {language: (thing.noun,)} if thing.noun else _NOUNS.get(thing.kind)
            if noun:
                nouns[name] = noun
        text = plan.said
        for mark, name in zip(MARKS, names, strict=False):
            text = text.replace(f"[{mark}]", f"{{{name}}}")
        entries[code] = Entry({language: plan.subject}, {language: (Phrase(text),)})
        currency = "EUR" if language == "en" else "CNY"
        facts = [
            (name, value, currency if thing.kind == "money" else _KINDS[thing.kind].value)
            for name, value, thing in zip(names, _values(plan, draw), plan.things, strict=True)
        ]
        finding = Finding(code, code, "capacity", Stance(plan.stance), Materiality.MAJOR, (), relation=plan.relation)
        made.append((finding, facts))
    phrases = PhraseBook(entries, nouns, sha256="held").over(load_phrases())
    return _stored(plans, made, Catalogue(definitions), phrases, language)


def _stored(
    plans: Sequence[HeldPlan],
    made: Sequence[tuple[Finding, list[tuple[str, FactValue, str]]]],
    catalogue: Catalogue,
    phrases: PhraseBook,
    language: str,
) -> HeldCase:
    workspace = MemoryWorkspace(catalogue)
    with workspace.transaction() as stores:
        case = stores.cases.add(
            reference="held", applicant="", product="instalment-loan", amount=None, currency="EUR", term_months=None,
            received_on=None, language=language,
        )  # fmt: skip
        findings = []
        for finding, named in made:
            source = Source(SourceKind.PERSON, person="held")
            facts = [new_fact(case.id, name, value, unit, source) for name, value, unit in named]
            stores.facts.add(facts)
            findings.append(replace(finding, facts=tuple(fact.id for fact in facts)))
        stores.findings.replace(case.id, findings)
    by_finding = {finding.id: plan for (finding, _), plan in zip(made, plans, strict=True)}
    values = {finding.id: tuple(value for _, value, _ in named) for finding, named in made}
    return HeldCase(as_workspace(workspace), case.id, phrases, by_finding, values)


def _values(plan: HeldPlan, draw: random.Random) -> list[FactValue]:
    """One a slot, so that they stand to each other as the plan says."""
    values = [_value(thing.kind, draw, plan.language) for thing in plan.things]
    if len(values) != 2 or plan.relation == "is":
        return values
    if plan.relation == "equals":
        return [values[0], values[0]]
    while values[0] == values[1]:
        values[1] = _value(plan.things[1].kind, draw, plan.language)
    if plan.relation == "contradicts":
        return values
    return sorted(values, key=lambda value: Decimal(str(value)), reverse=plan.relation in {"exceeds", "falls"})


def _value(kind: str, draw: random.Random, language: str) -> FactValue:
    if kind == "date":
        return date(2019, 1, 5) + timedelta(days=draw.randrange(2600))
    if kind in _TEXTS:
        return draw.choice(_CHINESE_TEXTS if language == "zh" and kind == "text" else _TEXTS[kind])
    least, most, places = _RANGES[kind]
    number = Decimal(draw.randrange(least * 10**places, most * 10**places)).scaleb(-places)
    return int(number) if _KINDS[kind] in {Kind.COUNT, Kind.MONTHS, Kind.DAYS} else number
