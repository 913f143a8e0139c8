"""A question understood: its language, what it wants, the topics it names and the words that are left."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from app.domain.asking.terms import is_han, pairs, plain, terms_of, tokens

LANGUAGES = ("en", "zh")
LONGEST = 500  # characters of a question
SOFT, COMMON = 0.2, 0.4  # weight of a word that says little, of one without a capital; of a name or figure it is one
_NUMBERS = {"two": "2", "three": "3", "six": "6", "twelve": "12", "twenty-four": "24", "thirty-six": "36"}
_NUMBERS |= {"三个月": "3个月", "六个月": "6个月", "十二个月": "12个月", "二十四个月": "24个月", "半年": "6个月"}
_NUMBERS |= {"四个月": "4个月", "两个月": "2个月", "past year": "past 12 months", "last year": "last 12 months"}
_NUMBER = re.compile(
    "|".join(rf"\b{word}\b" if word.isascii() else word for word in sorted(_NUMBERS, key=len)[::-1]), re.I
)


class Want(StrEnum):
    WHY = "why"
    WHEN = "when"
    WHO = "who"
    WHERE = "where"
    LONG = "long"  # how long
    SHARE = "share"  # what percentage
    COUNT = "count"  # how many
    MUCH = "much"  # how much
    WHETHER = "whether"  # is there, does she
    WHAT = "what"


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing people ask about, and the facts and fields that tell it, best first."""

    name: str
    phrases: Mapping[str, tuple[str, ...]]  # language -> phrases
    facts: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()  # of documents: "end_date", or of one kind "lease.rent"
    also: tuple[str, ...] = ()  # topics that an answer about this one covers
    zero_is_no: bool = False
    reverse: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # phrases that ask for the contrary


@dataclass(frozen=True)
class AskWords:
    """The words of questions, as ``data/asking`` holds them."""

    topics: Mapping[str, Topic]
    prohibited: Mapping[str, Mapping[str, tuple[str, ...]]]  # basis -> language -> phrases
    prohibited_alone: Mapping[str, Mapping[str, tuple[str, ...]]]  # the same, where no topic is named
    wants: Mapping[str, tuple[tuple[Want, re.Pattern[str]], ...]]  # language -> what it wants, by what stands in it
    plain: Mapping[str, frozenset[str]]  # language -> stems or signs that say nothing of what is asked for
    soft: Mapping[str, frozenset[str]]  # language -> those that say little

    @cached_property
    def english(self) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        """Stems of a phrase -> names of topics; of a basis behind a mark."""
        return self._named("en", lambda phrase: tuple(tokens(phrase)))

    @cached_property
    def chinese(self) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        return self._named("zh", lambda phrase: tuple(plain(phrase)))

    def _named(self, language: str, key: Callable[[str], tuple[str, ...]]) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        found: dict[tuple[str, ...], tuple[str, ...]] = {}
        listed: list[tuple[str, Iterable[str]]] = [(t.name, t.phrases.get(language, ())) for t in self.topics.values()]
        listed += [(f"!{basis}", phrases.get(language, ())) for basis, phrases in self.prohibited.items()]
        listed += [(f"?{basis}", phrases.get(language, ())) for basis, phrases in self.prohibited_alone.items()]
        for name, phrases in listed:
            for phrase in phrases:
                made = key(phrase)
                if name not in found.get(made, ()):
                    found[made] = (*found.get(made, ()), name)
        return found


@dataclass(frozen=True)
class Question:
    """What a question asks for."""

    text: str
    language: str
    want: Want
    topics: tuple[str, ...]
    left: Mapping[str, float]  # terms that are neither of a topic nor plain, with what each weighs
    stems: frozenset[str]  # every word of it, the plain ones too
    basis: str | None = None  # the prohibited basis that it asks for
    reversed: bool = False  # it asks for the contrary of its topic: whether payments were on time


def language_of(text: str) -> str:
    return "zh" if is_han(text) else "en"


def understand(text: str, words: AskWords, language: str | None = None, known: Collection[str] = ()) -> Question:
    """Read a question; ``language`` is that of the answer where the question's own is not to count.

    ``known`` are names that go without saying in this case: the applicant's.
    """
    clean = " ".join(text.split())[:LONGEST]
    spoken = language_of(clean)
    counted = _NUMBER.sub(lambda hit: _NUMBERS[hit.group().lower()], _without_han(clean, known))
    found, rest = _topics_en(counted, words) if spoken == "en" else _topics_zh(counted, words)
    names = {term for word in re.findall(r"(?<=\s)[A-Z][^\W\d_]+", clean) for term in tokens(word)}
    without = {term for name in known for term in terms_of(name)}
    topics = tuple(dict.fromkeys(name for name in found if name[0] not in "!?"))
    basis = next((name[1:] for name in found if name[0] == "!" or (name[0] == "?" and not topics)), None)
    turned = any(
        plain(phrase) in plain(clean) for name in topics for phrase in words.topics[name].reverse.get(spoken, ())
    )
    return Question(
        clean,
        language or spoken,
        _want(clean, words, spoken),
        topics,
        {term: weight for term, weight in _weighed(rest, words, spoken, names).items() if term not in without},
        frozenset(tokens(clean)) if spoken == "en" else frozenset(pairs(plain(clean))),
        basis,
        turned,
    )


def _without_han(text: str, names: Collection[str]) -> str:
    """Chinese names taken out, whose signs may mean something else; others go word by word."""
    for name in filter(is_han, names):
        text = text.replace(name, " ")
    return text


def _weighed(rest: Iterable[str], words: AskWords, language: str, names: Collection[str]) -> dict[str, float]:
    """The terms of what is left; the pairs of a Chinese run share its weight."""
    found: dict[str, float] = {}
    for word in rest:
        own = pairs(word) if is_han(word) else [word]
        common = language == "en" and not is_han(word) and not word[0].isdigit() and word not in names
        weight = SOFT if word in words.soft[language] else COMMON if common else 1.0
        found |= {term: weight / len(own) for term in own}
    return found


def _want(text: str, words: AskWords, language: str) -> Want:
    low = plain(text) if language == "en" else text
    return next((want for want, pattern in words.wants[language] if pattern.search(low)), Want.WHAT)


def _topics_en(text: str, words: AskWords) -> tuple[list[str], list[str]]:
    """Names of the topics, the longest phrase at each place, and the words that are left."""
    stems = tokens(text)
    longest = max(map(len, words.english), default=0)
    found: list[str] = []
    rest: list[str] = []
    at = 0
    while at < len(stems):
        taken = _longest(stems, at, longest, words.english)
        if taken:
            found += words.english[tuple(stems[at : at + taken])]
            at += taken
            continue
        if stems[at] not in words.plain["en"]:
            rest.append(stems[at])
        at += 1
    return found, rest


def _longest(stems: Sequence[str], at: int, longest: int, phrases: Mapping[tuple[str, ...], tuple[str, ...]]) -> int:
    return next((size for size in range(longest, 0, -1) if tuple(stems[at : at + size]) in phrases), 0)


def _topics_zh(text: str, words: AskWords) -> tuple[list[str], list[str]]:
    found: list[str] = []
    rest: list[str] = []
    for token in tokens(text):
        if not is_han(token):
            rest += [token] if token not in words.plain["en"] else []
            continue
        named, left = _runs(token, words)
        found += named
        rest += left
    return found, rest


def _runs(run: str, words: AskWords) -> tuple[list[str], list[str]]:
    signs = tuple(run)
    longest = max(map(len, words.chinese), default=0)
    found: list[str] = []
    left, at = [""], 0
    while at < len(signs):
        taken = _longest(signs, at, longest, words.chinese)
        if taken:
            found += words.chinese[signs[at : at + taken]]
        skipped = taken or _plain_at(run, at, words.plain["zh"])
        if skipped:
            left.append("")
        else:
            left[-1] += run[at]
        at += skipped or 1
    return found, list(filter(None, left))


def _plain_at(run: str, at: int, known: frozenset[str]) -> int:
    return next((size for size in range(5, 0, -1) if len(run) >= at + size and run[at : at + size] in known), 0)


def phrases_of(topic: Topic) -> Iterator[str]:
    """In every language, so that a Chinese question finds an English passage."""
    for language in LANGUAGES:
        yield from topic.phrases.get(language, ())
