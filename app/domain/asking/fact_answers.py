"""Which facts of a case a question asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.domain.asking.question import AskWords, Question, Topic, Want
from app.domain.asking.terms import terms_of
from app.domain.document_facts import field_of
from app.domain.facts import Catalogue, Fact, FactDefinition, Kind

ENOUGH = 0.8  # share of what a question asks for that a fact must cover
_TOPIC = 2.0  # weight of a topic; that of a word that is left is one
_UNTOLD = 0.39  # weight of words that a fact may not leave untold: a name, a figure, one that is not soft
_ORDER, _LABEL = 0.01, 0.3  # a place further down a topic's list costs, words of the question in the label bring
_LIKE_LABEL = 0.75  # share of a label that a question without a topic must say

_FIT: Mapping[Want, frozenset[Kind]] = {
    Want.NAME: frozenset({Kind.TEXT}),
    Want.WHEN: frozenset({Kind.DATE}),
    Want.WHO: frozenset({Kind.TEXT}),
    Want.WHERE: frozenset({Kind.TEXT, Kind.CATEGORY}),
    Want.LONG: frozenset({Kind.MONTHS, Kind.YEARS, Kind.DAYS, Kind.NUMBER}),
    Want.SHARE: frozenset({Kind.PERCENT, Kind.NUMBER, Kind.COUNT}),
    Want.COUNT: frozenset({Kind.COUNT, Kind.MONTHS, Kind.DAYS, Kind.YEARS, Kind.NUMBER}),
    Want.MUCH: frozenset({Kind.MONEY, Kind.PERCENT, Kind.NUMBER, Kind.COUNT, Kind.MONTHS, Kind.DAYS}),
    Want.WHY: frozenset(),
}
_PERIODS = ("period", "tax_year")  # texts that tell a time


@dataclass(frozen=True, slots=True)
class RankedFact:
    """A fact with how much of the question it covers, and how well it does."""

    fact: Fact
    topic: str  # "" where its label alone was asked for
    coverage: float  # 0..1
    score: float


def rank_facts(question: Question, facts: Sequence[Fact], words: AskWords, catalogue: Catalogue) -> list[RankedFact]:
    """The facts that answer the question, best first; prohibited bases are never among them."""
    found = []
    values = _values_by_topic(question, facts, words)
    for fact in facts:
        definition = catalogue.get(fact.name)
        if definition is not None and definition.prohibited_basis is None and _fits(question, definition):
            ranked = _ranked(question, fact, definition, words, catalogue, values)
            if ranked is not None:
                found.append(ranked)
    return sorted(found, key=lambda each: (-each.score, each.fact.name, each.fact.id))


def _fits(question: Question, definition: FactDefinition) -> bool:
    kinds = _FIT.get(question.want)
    if kinds is None:
        return True
    told = question.want is Want.WHEN and definition.name.endswith(_PERIODS)
    return told or definition.kind in kinds


def _ranked(
    question: Question,
    fact: Fact,
    definition: FactDefinition,
    words: AskWords,
    catalogue: Catalogue,
    values: Mapping[str, frozenset[str]],
) -> RankedFact | None:
    label = _label_terms(definition, question.language, catalogue)
    own = [(name, _place(fact.name, words.topics[name])) for name in question.topics]
    best = min(((place, name) for name, place in own if place is not None), default=None)
    like = len(question.stems & label) / len(label) if label else 0.0
    if best is None and (question.topics or like < _LIKE_LABEL):
        return None
    covered = {name for name, place in own if place is not None}
    covered |= {other for name in covered for other in words.topics[name].also}
    if like == 1.0:
        covered |= set(question.topics)
    known = label | frozenset(terms_of(str(fact.value))) | _kind_terms(fact.name, catalogue)
    known = known.union(*(values.get(name, frozenset()) for name in covered))
    untold = sum(weight for term, weight in question.left.items() if term not in known)
    coverage = _share(question, covered, known, label_only=best is None)
    told = best is not None and words.topics[best[1]].zero_is_no
    asks_more = question.want is Want.WHETHER and not told and definition.kind is not Kind.BOOLEAN and coverage < 1
    asks_more |= question.want is Want.WHAT and definition.kind is Kind.TEXT and coverage < 1
    unnamed = question.head is not None and question.head not in known
    if coverage < ENOUGH or untold >= _UNTOLD or asks_more or unnamed:
        return None
    if best is None:
        return RankedFact(fact, "", coverage, coverage + _LABEL * like)
    whole_label = _LABEL if like == 1.0 else 0.0
    return RankedFact(fact, best[1], coverage, coverage - _ORDER * best[0] + whole_label)


def _values_by_topic(question: Question, facts: Sequence[Fact], words: AskWords) -> dict[str, frozenset[str]]:
    """Topic -> the terms of its texts: how long she is at a company may be asked with the company's name."""
    wanted = {other for name in question.topics for other in (name, *words.topics[name].also)}
    return {
        name: frozenset(
            term
            for fact in facts
            if isinstance(fact.value, str) and _place(fact.name, words.topics[name]) is not None
            for term in terms_of(fact.value)
        )
        for name in wanted
    }


def _place(name: str, topic: Topic) -> int | None:
    """Where the fact stands in the topic's lists; None where it does not."""
    if name in topic.facts:
        return topic.facts.index(name)
    field = field_of(name)
    if field is None:
        return None
    for wanted in (f"{field[0]}.{field[1]}", field[1]):
        if wanted in topic.fields:
            return len(topic.facts) + topic.fields.index(wanted)
    return None


def _label_terms(definition: FactDefinition, language: str, catalogue: Catalogue) -> frozenset[str]:
    """The terms of its label in the question's language; of a field of a document without the name of its kind."""
    field = field_of(definition.name)
    if field is not None and catalogue.papers is not None:
        return _said(catalogue.papers.kinds[field[0]].field(field[1]).label[language])
    return _said(definition.label.get(language, ""))


@lru_cache(maxsize=4096)  # labels are few, and asked for with every question
def _said(label: str) -> frozenset[str]:
    return frozenset(terms_of(label))


def _kind_terms(name: str, catalogue: Catalogue) -> frozenset[str]:
    field = field_of(name)
    if field is None or catalogue.papers is None:
        return frozenset()
    return _said(" ".join(catalogue.papers.kinds[field[0]].label.values()))


def _share(question: Question, covered: Collection[str], known: frozenset[str], *, label_only: bool) -> float:
    """Share of the question's topics and words that the fact covers, by weight."""
    whole = _TOPIC * len(question.topics) + sum(question.left.values())
    if not whole:
        return 1.0 if label_only else 0.0
    told = sum(_TOPIC for name in question.topics if name in covered)
    return (told + sum(weight for term, weight in question.left.items() if term in known)) / whole
