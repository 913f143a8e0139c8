"""Whether the case speaks at all of what a sentence speaks of: claims without a fact, names not in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.checks.index import CaseIndex
from app.domain.checks.quantities import Figures
from app.domain.checks.reading import Clause, Reading, Token
from app.domain.lexicon import INITIALISMS
from app.domain.sentences import Problem

_HAN = re.compile(r"[\u4e00-\u9fff]")
_TITLE = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Prof)$")


def judge_grounding(reading: Reading, figures: Figures, index: CaseIndex) -> Iterator[Problem]:
    """Names and matters that no text of the case holds; questions, advice and what is not known may hold any."""
    lexicon, language, text = index.lexicon, reading.language, reading.text
    yield from _names(reading, figures, index)
    if lexicon.sign(language, "question").search(text.strip()):
        return
    for clause in reading.clauses:
        if _is_open(reading, clause, index):
            continue
        yield from _strangers(reading, clause, figures, index)


def _is_open(reading: Reading, clause: Clause, index: CaseIndex) -> bool:
    lexicon, language = index.lexicon, reading.language
    return bool(
        lexicon.sign(language, "open").search(reading.text, clause.start, clause.end)
        or lexicon.sign(language, "silent").search(reading.text)
        or (clause.start == 0 and lexicon.sign(language, "open").match(reading.text))
    )


def _strangers(reading: Reading, clause: Clause, figures: Figures, index: CaseIndex) -> Iterator[Problem]:
    """Words of a clause that neither the case holds nor anybody may use freely."""
    spans = figures.spans
    unknown: list[Token] = []
    judging = _judging_spans(reading, index)
    for token in reading.within(clause.start, clause.end):
        if any(token.start < end and token.end > start for start, end in spans):
            continue
        if token.signs and not token.plain and not grounded(token, index):
            yield Problem("unsupported_claim", token.text)
        elif not token.known and not grounded(token, index) and not _is_judging(token, judging, reading.language):
            unknown.append(token)
    if reading.language == "en":
        for token in unknown:
            if token.text[0].islower() and not _HAN.search(token.text):
                yield Problem("unsupported_claim", token.text)
    else:
        yield from _unknown_runs(reading, unknown, index)


def grounded(token: Token, index: CaseIndex) -> bool:
    """Whether the case speaks of it: by concept, by word, or by the very letters."""
    if any(key.startswith("w:un") and f"w:{key[4:]}" in index.vocabulary for key in token.keys):
        return True
    if any(f"w:un{key[2:]}" in index.vocabulary for key in token.keys if key.startswith("w:")):
        return True
    if any(f"c:{name}" in index.vocabulary for name, _ in token.signs):
        return True
    if any(key in index.vocabulary for key in token.keys if key.startswith("w:") and len(key) > 4):
        words = [key for key in token.keys if key.startswith("w:")]
        if all(key in index.vocabulary or key[2:] in index.lexicon.plain["en"] for key in words):
            return True
    return bool(_HAN.search(token.text)) and len(token.text) > 1 and token.text in index.corpus


def _judging_spans(reading: Reading, index: CaseIndex) -> list[tuple[int, int]]:
    """Where words compare, judge, deny, round or fail another check: those are held elsewhere."""
    lexicon, language = index.lexicon, reading.language
    patterns = [lexicon.sign(language, name) for name in _SIGNS] + [lexicon.rule(language, name) for name in _RULES]
    return [match.span() for pattern in patterns for match in pattern.finditer(reading.text)]


_SIGNS = (
    *("favourable", "adverse", "above", "below", "not_above", "not_below", "equal", "keeps", "breaks", "negation"),
    *("about", "little_below", "little_above", "more", "less", "silent", "open"),
)
_RULES = ("overclaim", "decision", "basis", "instruction")
_FAMILIES = frozenset({"family", "supply", "assembly", "anomaly", "ally", "reply"})


def _is_judging(token: Token, spans: list[tuple[int, int]], language: str) -> bool:
    if language == "en" and re.fullmatch(r"\w+ly", token.text) and token.text.lower() not in _FAMILIES:
        return True
    return any(start <= token.start and token.end <= end for start, end in spans)


def _unknown_runs(reading: Reading, unknown: list[Token], index: CaseIndex) -> Iterator[Problem]:
    """In Chinese: runs of two or more signs that no word covers."""
    run = ""
    end = -1
    for token in [*unknown, None]:
        if token is not None and token.start == end and _HAN.search(token.text):
            run += token.text
            end = token.end
            continue
        if len(run) > 1 and run not in index.corpus:
            yield Problem("unsupported_claim", run)
        run, end = (token.text, token.end) if token is not None and _HAN.search(token.text) else ("", -1)


def _names(reading: Reading, figures: Figures, index: CaseIndex) -> Iterator[Problem]:
    """Capitalised words that the case does not hold; in Chinese any Latin word."""
    text, spans = reading.text, figures.spans
    for token in reading.tokens:
        if any(token.start < end and token.end > start for start, end in spans):
            continue
        for match in re.finditer(r"[^\W\d_][\w'’]*", token.text):
            word = match.group()
            if _HAN.search(word) or not word[0].isupper():
                continue
            plain = re.sub(r"['’]s$", "", word)
            if plain in INITIALISMS or plain.lower() in index.corpus or token.known or _TITLE.match(plain):
                continue
            if any(key in index.vocabulary for key in token.keys):
                continue
            before = text[: token.start].rstrip(" \"“'(")
            opening = not before or before.endswith((".", "!", "?", ":", "•", "-"))
            if opening and not re.match(r" (?:[A-Z][a-z]|\d)", text[token.end :]) and reading.language == "en":
                if _is_judging(token, _judging_spans(reading, index), reading.language) or plain.lower().endswith(
                    ("ing", "ed")
                ):
                    continue
                yield Problem("unsupported_claim", word)
                continue
            if not _is_judging(token, _judging_spans(reading, index), reading.language):
                yield Problem("unsupported_name", word)
