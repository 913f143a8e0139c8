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
GAP = "..."  # in a phrase: other words may stand here
_WIDEST = 6  # words or signs that a gap holds at most
_JOINTS = frozenset("的了是在有和与吗呢吧给把被对从到这那我你他她它")  # signs that stand between words, never within
_CHOOSES = re.compile(r"\b(?:last|first|most|least)\W*$", re.IGNORECASE)  # among several: no passage tells it alone
_NUMBERS = {"two": "2", "three": "3", "six": "6", "twelve": "12", "twenty-four": "24", "thirty-six": "36"}
_NUMBERS |= {"三个月": "3个月", "六个月": "6个月", "十二个月": "12个月", "二十四个月": "24个月", "半年": "6个月"}
_NUMBERS |= {"四个月": "4个月", "两个月": "2个月", "past year": "past 12 months", "last year": "last 12 months"}
_NUMBER = re.compile(
    "|".join(rf"\b{word}\b" if word.isascii() else word for word in sorted(_NUMBERS, key=len)[::-1]), re.I
)

_NAMED = re.compile(
    r"^\W*(?:(?:what|which)\s+((?:[\w'-]+\s+){0,3}?[\w'-]+)\s+(?:is|are|was|were|do|does|did|has|have|had|will|would|can)\b"
    r"|(?:what|how \w+|when|where)(?:\s+(?:is|are|was|were)|'s)\s+(?:the|an?|her|his|their|its)\s+"
    r"((?:[\w'-]+\s+){0,3}?[\w'-]+)(?=\s+(?:of|at|for|in|on|with|from|to|that|which|by)\b|\s*[?.]?$))",
    re.IGNORECASE,
)


class Want(StrEnum):
    NAME = "name"  # or a number that is one: of an account, of a contract
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
    said: tuple[str, ...] = ()  # how passages say it though nobody asks so: "days past due"
    turns: Mapping[Want, str] = field(default_factory=dict)  # how long she is at her employer: another topic


@dataclass(frozen=True)
class AskWords:
    """The words of questions, as ``data/asking`` holds them."""

    topics: Mapping[str, Topic]
    prohibited: Mapping[str, Mapping[str, tuple[str, ...]]]  # basis -> language -> phrases
    prohibited_alone: Mapping[str, Mapping[str, tuple[str, ...]]]  # the same, where no topic is named
    wants: Mapping[str, tuple[tuple[Want, re.Pattern[str]], ...]]  # language -> what it wants, by what stands in it
    plain: Mapping[str, frozenset[str]]  # language -> stems or signs that say nothing of what is asked for
    soft: Mapping[str, frozenset[str]]  # language -> those that say little
    elsewhere: Mapping[str, frozenset[str]]  # language -> those of somebody or something else: brother, previous

    @cached_property
    def english(self) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        """Stems of a phrase -> names of topics; of a basis behind a mark."""
        return self._named("en", lambda phrase: tuple(tokens(phrase)))

    @cached_property
    def chinese(self) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        return self._named("zh", lambda phrase: tuple(plain(phrase)))

    @cached_property
    def gapped(self) -> Mapping[str, tuple[tuple[tuple[tuple[str, ...], ...], str], ...]]:
        """Language -> pieces of the phrases with gaps, the longest first, and their topic."""
        found: dict[str, list[tuple[tuple[tuple[str, ...], ...], str]]] = {each: [] for each in LANGUAGES}
        for topic in self.topics.values():
            for language in LANGUAGES:
                for phrase in filter(lambda each: GAP in each, topic.phrases.get(language, ())):
                    parts = (part.strip() for part in phrase.split(GAP))
                    pieces = tuple(tuple(tokens(part) if language == "en" else plain(part)) for part in parts)
                    found[language].append((pieces, topic.name))
        return {each: tuple(sorted(held, key=lambda one: -sum(map(len, one[0])))) for each, held in found.items()}

    def make_ready(self) -> None:
        """Work out what every question needs, before the first is asked."""
        _ = self.english, self.chinese, self.gapped

    def _named(self, language: str, key: Callable[[str], tuple[str, ...]]) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        found: dict[tuple[str, ...], tuple[str, ...]] = {}
        listed: list[tuple[str, Iterable[str]]] = [(t.name, t.phrases.get(language, ())) for t in self.topics.values()]
        listed += [(f"!{basis}", phrases.get(language, ())) for basis, phrases in self.prohibited.items()]
        listed += [(f"?{basis}", phrases.get(language, ())) for basis, phrases in self.prohibited_alone.items()]
        for name, phrases in listed:
            for phrase in phrases:
                if GAP in phrase:
                    continue
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
    named: tuple[tuple[str, ...], ...]  # each topic with those that were turned into it
    left: Mapping[str, float]  # terms that are neither of a topic nor plain, with what each weighs
    stems: frozenset[str]  # every word of it, the plain ones too
    head: str | None = None  # the term of what is asked for by its own name, where it is of no topic: the mileage
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
    want = _want(clean, words, spoken)
    named: dict[str, list[str]] = {}
    for name in found:
        if name[0] not in "!?":
            named.setdefault(words.topics[name].turns.get(want, name), []).append(name)
    topics = tuple(named)
    basis = next((name[1:] for name in found if name[0] == "!" or (name[0] == "?" and not topics)), None)
    turned = any(
        plain(phrase) in plain(clean)
        for names in named.values()
        for name in names
        for phrase in words.topics[name].reverse.get(spoken, ())
    )
    return Question(
        clean,
        language or spoken,
        want,
        topics,
        tuple(tuple(dict.fromkeys((topic, *names))) for topic, names in named.items()),
        {term: weight for term, weight in _weighed(rest, words, spoken, names).items() if term not in without}
        | ({"last": 1.0} if _CHOOSES.search(clean) else {}),
        frozenset(tokens(clean)) if spoken == "en" else frozenset(pairs(plain(clean))),
        _head(clean, rest, words),
        basis,
        turned,
    )


def _head(text: str, rest: Collection[str], words: AskWords) -> str | None:
    """The last word of what an English question names: "what is the mileage of the car"."""
    found = _NAMED.search(text)
    for word in reversed(tokens(found[1] or found[2]) if found else []):
        if word not in words.plain["en"]:
            return word if word in rest else None
    return None


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
        common = len(word) == 1 if is_han(word) else language == "en" and not word[0].isdigit() and word not in names
        weight = SOFT if word in words.soft[language] else COMMON if common else 1.0
        if word in names or word in words.elsewhere[language]:
            weight = 1.0
        found |= {term: weight / len(own) for term in own}
    return found


def _want(text: str, words: AskWords, language: str) -> Want:
    low = plain(text) if language == "en" else text
    return next((want for want, pattern in words.wants[language] if pattern.search(low)), Want.WHAT)


def _topics_en(text: str, words: AskWords) -> tuple[list[str], list[str]]:
    """Names of the topics, the longest phrase at each place, and the words that are left."""
    stems = tokens(text)
    longest = max(map(len, words.english), default=0)
    found, gone = _with_gaps(stems, words.gapped["en"])
    rest: list[str] = []
    at = 0
    while at < len(stems):
        if at in gone:
            at += 1
            continue
        taken = _longest(stems, at, longest, words.english)
        if taken:
            found += words.english[tuple(stems[at : at + taken])]
            at += taken
            continue
        if stems[at] not in words.plain["en"]:
            rest.append(stems[at])
        at += 1
    return found, rest


def _with_gaps(
    signs: Sequence[str], phrases: Sequence[tuple[tuple[tuple[str, ...], ...], str]]
) -> tuple[list[str], set[int]]:
    """Topics of the phrases with gaps that stand in it, and the places they take."""
    found: list[str] = []
    gone: set[int] = set()
    for pieces, name in phrases:
        places = _places(signs, pieces)
        if places and not gone & places:
            found.append(name)
            gone |= places
    return found, gone


def _places(signs: Sequence[str], pieces: Sequence[tuple[str, ...]]) -> set[int]:
    """Where the pieces stand one after the other, no further apart than a gap is wide; empty where they do not."""
    for start in range(len(signs)):
        taken: set[int] = set()
        at, reach = start, start
        for piece in pieces:
            at = next((n for n in range(at, reach + 1) if tuple(signs[n : n + len(piece)]) == piece), -1)
            if at < 0:
                break
            taken |= set(range(at, at + len(piece)))
            at += len(piece)
            reach = at + _WIDEST
        else:
            return taken
    return set()


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
    found, gone = _with_gaps(signs, words.gapped["zh"])
    left, at = [""], 0
    while at < len(signs):
        if at in gone:
            left.append("")
            at += 1
            continue
        taken = _longest(signs, at, longest, words.chinese)
        if taken and _plain_at(run, at, words.plain["zh"]) > taken:
            taken = 0
        if taken:
            found += words.chinese[signs[at : at + taken]]
        skipped = taken or _plain_at(run, at, words.plain["zh"])
        within = skipped == 1 and not taken and left[-1] and run[at] not in _JOINTS
        if within and at + 1 not in gone and _strange(run, at + 1, longest, words):
            skipped = 0  # a plain sign within a strange word
        if skipped:
            left.append("")
        else:
            left[-1] += run[at]
        at += skipped or 1
    return found, list(filter(None, left))


def _strange(run: str, at: int, longest: int, words: AskWords) -> bool:
    """Whether what stands there begins no phrase and no plain word."""
    known = _longest(tuple(run), at, longest, words.chinese) or _plain_at(run, at, words.plain["zh"])
    return at < len(run) and not known


def _plain_at(run: str, at: int, known: frozenset[str]) -> int:
    return next((size for size in range(5, 0, -1) if len(run) >= at + size and run[at : at + size] in known), 0)


def phrases_of(topic: Topic) -> Iterator[str]:
    """In every language, so that a Chinese question finds an English passage; pieces with gaps are none."""
    for language in LANGUAGES:
        yield from (phrase for phrase in topic.phrases.get(language, ()) if GAP not in phrase)
    yield from topic.said
