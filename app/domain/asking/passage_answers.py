"""Which passages of a case's documents answer a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.domain.asking.passages import Passage
from app.domain.asking.question import COMMON, SOFT, AskWords, Question, Want, phrases_of
from app.domain.asking.terms import terms_of
from app.domain.figures import find_figures

ENOUGH = 0.75  # share of what a question asks for that a passage must say
_BY_MEANING = 0.5  # the same of a passage that means what is asked
OUTSTANDING = 3.0  # standard deviations by which a passage that means what is asked is nearer than the others
_FUSION = 60  # the constant of reciprocal ranks
_TOPIC, _WORD, _SYNONYM = 2.0, 1.5, 0.6  # weights of the terms that are looked for
_MONTH = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?|spring|summer|autumn|winter|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b|\b(?:19|20)\d\d\b|月|日|年|春|夏|秋|冬",
    re.IGNORECASE,
)
_LASTS = re.compile(r"\b(?:years?|months?|weeks?|days?|since)\b|[年月周天日]", re.IGNORECASE)
_SHARES = re.compile(r"%|\bper ?cent|\bshare|百分|成", re.IGNORECASE)
_NUMBERS = re.compile(r"number|号", re.IGNORECASE)  # a question for one that names something
_NUMBER = re.compile(r"(?<![\d.,-])(?!(?:19|20)\d\d\b)[A-Z]*\d[\dA-Z]{3,}(?![.,]?\d)")
_TOTAL = re.compile(r"\b(?:in total|altogether|all together|overall|on average)\b|一共|总共|合计|平均", re.IGNORECASE)
_PLACE = re.compile(r"\b(?:in|at|on|near|under|behind|beside)\b|[在市省县区路街]", re.IGNORECASE)
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
    for names in question.named:
        for phrase in _phrases(names, words):
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

    Each comes with its score, and by how many standard deviations it stands out in meaning: one that does needs half of
    the words alone, but all names and figures. Who, and whether at all, words alone can say.
    """
    kept = []
    for passage, score, standing in found:
        share = coverage(question, passage, words)
        needed = _BY_MEANING if standing >= OUTSTANDING and _may_mean(question, passage) else ENOUGH
        if share >= needed and _says_of_it(question, passage, words, needed) and _tells(question, passage):
            kept.append(RankedPassage(passage, share, score))
    return sorted(kept, key=lambda each: (-each.coverage, -each.score))


def _may_mean(question: Question, passage: Passage) -> bool:
    names = {term for term, weight in question.left.items() if weight > COMMON}
    return question.want not in (Want.WHETHER, Want.WHO, Want.NAME) and names <= set(passage.terms)


def coverage(question: Question, passage: Passage, words: AskWords) -> float:
    """Share of the question's topics and words that stand in the passage."""
    return _share(question.left, passage, _told(question, passage, words))


def _told(question: Question, passage: Passage, words: AskWords) -> list[bool]:
    """Of each topic whether the passage speaks of it."""
    held = set(passage.terms)
    return [any(_stands(phrase, held) for phrase in _phrases(names, words)) for names in question.named]


def _phrases(names: Sequence[str], words: AskWords) -> Iterator[str]:
    for name in names:
        yield from phrases_of(words.topics[name])


def _share(left: Mapping[str, float], passage: Passage, told: Sequence[bool]) -> float:
    held = set(passage.terms)
    whole = len(told) + sum(left.values())
    return (sum(told) + sum(weight for term, weight in left.items() if term in held)) / whole if whole else 0.0


def _says_of_it(question: Question, passage: Passage, words: AskWords, needed: float) -> bool:
    """Whether it says what the question names, enough of what it asks of names and figures, and more than itself."""
    held = set(passage.terms)
    if held <= question.stems or (question.head is not None and question.head not in held):
        return False
    told = _told(question, passage, words)
    if question.want in _NEEDS_FIGURE and not any(told) and not _own_words(question, held):
        return False  # of whom, and not of what
    common = {term: weight for term, weight in question.left.items() if SOFT < weight <= COMMON}
    return not (told or common) or _share(common, passage, told) >= needed


def _own_words(question: Question, held: set[str]) -> bool:
    return any(term in held for term, weight in question.left.items() if weight <= COMMON)


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
    if question.want is Want.NAME and _NUMBERS.search(question.text):
        return bool(_NUMBER.search(passage.text))
    if _TOTAL.search(question.text):
        return False  # a sum of several is in no passage
    if question.want is Want.WHERE:
        whence = "from" in question.stems and "from" in passage.terms
        return whence or bool(_PLACE.search(passage.text))
    unit = {Want.LONG: _LASTS, Want.SHARE: _SHARES}.get(question.want)
    if unit is not None and not unit.search(passage.text):
        return False
    if question.want in _NEEDS_FIGURE:
        return bool(find_figures(passage.text))
    return question.want is not Want.WHY or len(passage.terms) > 8
