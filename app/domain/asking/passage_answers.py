"""Which passages of a case's documents answer a question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.domain.asking.passages import Passage
from app.domain.asking.question import AskWords, Question, Want, phrases_of
from app.domain.asking.terms import terms_of
from app.domain.figures import find_figures

ENOUGH = 0.75  # share of what a question asks for that a passage must say
OUTSTANDING = 3.0  # standard deviations by which a passage that means what is asked is nearer than the others
_FUSION = 60  # the constant of reciprocal ranks
_TOPIC, _WORD, _SYNONYM = 2.0, 1.5, 0.6  # weights of the terms that are looked for
_MONTH = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?|spring|summer|autumn|winter|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b|月|日|年|春|夏|秋|冬",
    re.IGNORECASE,
)
_NEEDS_FIGURE = {Want.MUCH, Want.COUNT, Want.SHARE, Want.LONG}


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage with how much of the question it says."""

    passage: Passage
    coverage: float  # 0..1
    score: float


def terms_asked(question: Question, words: AskWords) -> Mapping[str, float]:
    """The terms that passages are looked up by, each with its weight; other words for a topic count less."""
    asked: dict[str, float] = {}
    for name in question.topics:
        for phrase in phrases_of(words.topics[name]):
            own = terms_of(phrase)
            weight = _TOPIC if set(own) <= question.stems else _SYNONYM
            for term in own:
                asked[term] = max(asked.get(term, 0.0), weight / len(own))
    return asked | {term: _WORD * weight for term, weight in question.left.items()}


def fused(*rankings: Sequence[int]) -> dict[int, float]:
    """Numbers with the sum of their reciprocal ranks, as of Cormack, Clarke and Büttcher (SIGIR 2009)."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, number in enumerate(ranking, start=1):
            scores[number] = scores.get(number, 0.0) + 1 / (_FUSION + rank)
    return scores


def rank_passages(
    question: Question, found: Sequence[tuple[Passage, float, float]], words: AskWords
) -> list[RankedPassage]:
    """Those of the found passages that say what is asked for, best first.

    Each comes with its score, and by how many standard deviations it stands out in meaning: one that does stands for
    half of the words.
    """
    kept = []
    for passage, score, standing in found:
        share = coverage(question, passage, words)
        needed = ENOUGH / 2 if standing >= OUTSTANDING else ENOUGH
        if share >= needed and _tells(question, passage):
            kept.append(RankedPassage(passage, share, score))
    return sorted(kept, key=lambda each: (-each.coverage, -each.score))


def coverage(question: Question, passage: Passage, words: AskWords) -> float:
    """Share of the question's topics and words that stand in the passage."""
    held = set(passage.terms)
    told = [any(_stands(phrase, held) for phrase in phrases_of(words.topics[name])) for name in question.topics]
    whole = len(told) + sum(question.left.values())
    return (sum(told) + sum(weight for term, weight in question.left.items() if term in held)) / whole if whole else 0.0


def _stands(phrase: str, held: set[str]) -> bool:
    terms = _said(phrase)
    return bool(terms) and terms <= held


@lru_cache(maxsize=4096)  # phrases of topics, asked for with every passage
def _said(phrase: str) -> frozenset[str]:
    return frozenset(terms_of(phrase))


def _tells(question: Question, passage: Passage) -> bool:
    """Whether the passage has what is asked for: a time, a figure, a text that says more than was asked."""
    if question.want is Want.WHEN:
        return bool(_MONTH.search(passage.text)) or any(figure.day for figure in find_figures(passage.text))
    if question.want in _NEEDS_FIGURE:
        return bool(find_figures(passage.text))
    return question.want is not Want.WHY or len(passage.terms) > 8
