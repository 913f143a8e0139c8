"""A sentence as the engine reads it: its language, words with the concepts they name, and clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.domain.checks.lexicon import LONGEST_PHRASE, Lexicon
from app.domain.checks.stems import stem

_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")
_BREAK = {
    "en": re.compile(
        r"[;:()—–]|,(?!\d)|\s-\s|\b(?:but|while|whereas|although|though|yet(?! to\b)|however|and|because|"
        r"so that|which|despite|in spite of|"
        r"notwithstanding|nevertheless|even if|even though)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[；：（）()。]|[,，、](?!\d{3})|但是|但|而且|然而|虽然|尽管|并且|而(?!且|言|来)|不过|且(?!慢)"),
}
_HARD = {
    "en": re.compile(
        r"[;:()—–]|\s-\s|,(?=\s(?:but|while|whereas|although|though|yet(?! to\b)|which))|"
        r"\b(?:but|while|whereas|although|though|yet(?! to\b)|however|despite|in spite of)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[；：。]|但是|但|然而|虽然|尽管|不过|而(?!且|言|来)"),
}


@dataclass(frozen=True, slots=True)
class Token:
    """One word or phrase; ``keys`` are what labels and sentences are matched by."""

    start: int
    end: int
    text: str
    keys: tuple[str, ...]
    signs: tuple[tuple[str, int], ...] = ()  # concepts with +1, or -1 for the contrary
    plain: bool = False  # claims nothing of itself
    common: bool = False  # any report may use it

    @property
    def known(self) -> bool:
        return self.plain or self.common or bool(self.signs)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the sentence; ``hard`` where a contrast parts it from what stands before."""

    start: int
    end: int
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence, read."""

    text: str
    language: str
    tokens: tuple[Token, ...]
    clauses: tuple[Clause, ...]

    def within(self, start: int, end: int) -> Iterator[Token]:
        return (token for token in self.tokens if token.start >= start and token.end <= end)

    def clause_at(self, place: int) -> Clause:
        return next((clause for clause in self.clauses if clause.start <= place < clause.end), self.clauses[-1])

    def side(self, place: int) -> Clause:
        """The stretch between contrasts that holds ``place``."""
        at = next((i for i, clause in enumerate(self.clauses) if clause.start <= place < clause.end), 0)
        first = last = at
        while first > 0 and not self.clauses[first].hard:
            first -= 1
        while last + 1 < len(self.clauses) and not self.clauses[last + 1].hard:
            last += 1
        return Clause(self.clauses[first].start, self.clauses[last].end)


def language_of(text: str, otherwise: str) -> str:
    """By the script that prevails; ``otherwise`` where there is neither."""
    han, words = len(_HAN.findall(text)), len(re.findall(r"[A-Za-z]{2,}", text))
    if han == words == 0:
        return otherwise
    return "zh" if han >= max(2, words) else "en"


def read(text: str, lexicon: Lexicon, otherwise: str = "en") -> Reading:
    """Read one sentence."""
    language = language_of(text, otherwise)
    tokens = sorted(keys_of(text, lexicon), key=lambda token: token.start)
    return Reading(text, language, tuple(tokens), tuple(_clauses(text, language)))


def keys_of(text: str, lexicon: Lexicon) -> list[Token]:
    """The tokens of a label or a note."""
    return [
        *_chinese(text, lexicon),
        *english_tokens(text, lexicon),
        *_numbered(text),
        *_year_before(text),
        *_pairs(text),
    ]


def english_tokens(text: str, lexicon: Lexicon) -> Iterator[Token]:
    words = [part for match in _WORD.finditer(text) for part in _latin_parts(text, match)]
    found = [stem(word.group()) for word in words]
    phrases = lexicon.english
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
            signs = phrases.get(tuple(found[at : at + length]))
            if signs and _close(text, words[at : at + length]):
                break
        else:
            length, signs = 1, ()
        part = found[at : at + length]
        keys = [f"c:{name}" for name, _ in signs] + [f"w:{each}" for each in part if len(each) > 1]
        first, last = words[at], words[at + length - 1]
        strict = any(lexicon.concepts[name].strict for name, _ in signs)
        is_plain = all(lexicon.is_plain(w.group(), as_it_stands=strict) for w in words[at : at + length])
        is_plain = is_plain or any(lexicon.concepts[name].free for name, _ in signs)
        is_common = all(lexicon.is_plain(w.group()) or lexicon.is_common(w.group()) for w in words[at : at + length])
        said = text[first.start() : last.end()]
        yield Token(first.start(), last.end(), said, tuple(keys), signs, is_plain, is_common)
        at += length


def _pairs(text: str) -> Iterator[Token]:
    """Every two Chinese signs that stand together: by them labels are met that no word list knows."""
    for at in range(len(text) - 1):
        if _HAN.match(text[at]) and _HAN.match(text[at + 1]):
            yield Token(at, at + 2, text[at : at + 2], (f"b:{text[at : at + 2]}",), (), True)


_ORDINALS = {"first": "1", "primary": "1", "main": "1", "second": "2", "third": "3", "1st": "1", "2nd": "2", "3rd": "3"}
_ORDINALS |= {"第一": "1", "第二": "2", "第三": "3"}
_NUMBERED = re.compile(
    r"(?<![\d.,])(?P<year>(?:19|20)\d\d)(?![\d.,]\d|\d|\s?(?:%|EUR|USD|GBP|CNY|SEK|€|元))|"
    r"\b(?P<ordinal>first|primary|second|third|1st|2nd|3rd)\b"
    r"|(?P<han>第[一二三])|(?<=[^\W\d] )(?P<digit>[1-9])(?![\d.,%]| ?(?:months|years|days|%|[A-Z]{3}))",
    re.IGNORECASE,
)


def _numbered(text: str) -> Iterator[Token]:
    """Years, and what tells one of several from the others: "applicant 2", "the second applicant"."""
    for match in _NUMBERED.finditer(text):
        word = match.group()
        key = f"y:{word}" if match.group("year") else f"n:{_ORDINALS.get(word.lower(), word)}"
        yield Token(match.start(), match.end(), word, (key,), (), True)


_YEAR_BEFORE = re.compile(
    r"\b(?:the|a) (?:previous|prior|preceding) year\b|\bthe year (?:before|prior)\b|"
    r"\ba year (?:earlier|before)\b|上一年|上年|前一年|上年度|去年同期"
)


_LAST_YEAR = re.compile(r"\b(?:last|past|latest|most recent) year\b(?!s)|去年|最近一年度", re.IGNORECASE)


def _year_before(text: str) -> Iterator[Token]:
    """ "The year before", where the text names a year."""
    year = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    for match in _YEAR_BEFORE.finditer(text):
        keys = ("t:year before", f"y:{int(year.group()) - 1}") if year else ("t:year before",)
        yield Token(match.start(), match.end(), match.group(), keys, (), True)
    for match in _LAST_YEAR.finditer(text):
        yield Token(match.start(), match.end(), match.group(), ("t:last year",), (), True)


def _latin_parts(text: str, match: re.Match[str]) -> Iterator[re.Match[str]]:
    """The word, or its Latin parts where it runs into Chinese."""
    if not _HAN.search(match.group()):
        yield match
        return
    yield from (m for m in re.compile(r"[A-Za-zÀ-ÿ]+").finditer(text, match.start(), match.end()))


def _close(text: str, words: list[re.Match[str]]) -> bool:
    return all(text[a.end() : b.start()].strip(" \u00a0") in ("", "-", "/", "_") for a, b in pairwise(words))


def _chinese(text: str, lexicon: Lexicon) -> Iterator[Token]:
    at, end = 0, len(text)
    while at < end:
        if not _HAN.match(text[at]):
            at += 1
            continue
        for length in range(min(lexicon.longest_chinese, end - at), 0, -1):
            word = text[at : at + length]
            if word in lexicon.chinese_words:
                break
        else:
            length, word = 1, text[at]
        signs = lexicon.chinese.get(word, ())
        plain = word in lexicon.plain["zh"] or any(lexicon.concepts[name].free for name, _ in signs)
        keys = [f"c:{name}" for name, _ in signs] + ([f"h:{word}"] if len(word) > 1 or signs else [])
        if not signs and not plain and at + 1 < end and _HAN.match(text[at + 1]):
            keys.append(f"h:{text[at : at + 2]}")
        yield Token(at, at + length, word, tuple(keys), signs, plain, word in lexicon.common.get("zh", ()))
        at += length


def _clauses(text: str, language: str) -> Iterator[Clause]:
    at, hard = 0, False
    for match in _BREAK[language].finditer(text):
        if match.start() > at and text[at : match.start()].strip():
            yield Clause(at, match.start(), hard)
            hard = False
            at = match.start()
        hard = hard or bool(_HARD[language].match(text, match.start()))
    yield Clause(at, len(text), hard)
