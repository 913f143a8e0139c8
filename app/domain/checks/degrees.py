"""Whether what a sentence calls high or low, much used or hardly, stands so to its benchmark."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.checks.direction import stands_to
from app.domain.checks.index import CaseIndex
from app.domain.checks.reading import Clause, Reading, Token
from app.domain.sentences import Problem

_LEAST = 0.45  # how clearly the words beside it must name the fact
_AHEAD = 28  # characters from the word of degree to what it is said of
_COPULA = re.compile(
    r"\b(?:is|are|was|were|looks?|seems?|remains?|stands?|appears?|stays?|proves?|been|runs?)(?: [\w-]+){0,2} $",
    re.IGNORECASE,
)
_DENIED = re.compile(r"(?:\b(?:not|no|never|nor|far from|anything but|hardly|less)|n't)\b[\w ]{0,12}$", re.IGNORECASE)
_OTHER = {"above": "below", "below": "above"}


def judge_degrees(reading: Reading, index: CaseIndex) -> Iterator[Problem]:
    """ "Utilisation is low" of 88 % where 30 % is the limit; "the card is hardly used"."""
    lexicon, text = index.lexicon, reading.text
    if lexicon.sign(reading.language, "question").search(text.strip()):
        return
    for clause in reading.clauses:
        if lexicon.sign(reading.language, "open").search(text, clause.start, clause.end):
            continue
        for name, side in (("high", "above"), ("low", "below")):
            for match in lexicon.sign(reading.language, name).finditer(text, clause.start, clause.end):
                said = _OTHER[side] if _DENIED.search(text, clause.start, match.start()) else side
                fact = _said_of(reading, clause, match.span(), index)
                if fact and stands_to(index.by_id[fact]) == _OTHER[said]:
                    yield Problem("contradicted_relation", match.group(), fact, _expected(fact, index))
                    return


def _said_of(reading: Reading, clause: Clause, span: tuple[int, int], index: CaseIndex) -> str:
    """The one fact with a benchmark that the word of degree is said of; nothing where it is part of a name."""
    start, end = span
    if any(reading.text[start:end].lower() in label for label in index.labels):
        return ""
    if _COPULA.search(reading.text, clause.start, start):
        near = list(reading.within(clause.start, end))
    else:
        near = list(reading.within(start, min(clause.end, end + _AHEAD)))
    return _clearest(near, index)


def _clearest(tokens: list[Token], index: CaseIndex) -> str:
    scores = {fact: score for fact, score in index.mentioned(tokens).items() if stands_to(index.by_id[fact])}
    best = max(scores.values(), default=0.0)
    named = [fact for fact, score in scores.items() if score >= max(_LEAST, 0.8 * best)]
    return named[0] if len(named) == 1 else ""


def _expected(fact: str, index: CaseIndex) -> str:
    held = index.by_id[fact]
    return f"{stands_to(held)} {held.benchmark.against}" if held.benchmark else ""
