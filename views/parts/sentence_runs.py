"""A sentence as runs of words and figures, so that every figure can be a chip."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.domain.facts import Stance
from app.domain.sentences import Problem, Sentence

_SLOT = re.compile(r"\{([a-z0-9_.]+)\}")


@dataclass(frozen=True, slots=True)
class TextRun:
    """Words without a figure; ``problem`` is what a check found wrong with them."""

    text: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class FigureRun:
    """A figure that a fact supports."""

    text: str
    fact: str  # fact id
    stance: Stance


Run = TextRun | FigureRun


Look = Callable[[Sentence, str], tuple[str, Stance]]
"""``look(sentence, slot name)`` gives the id of the fact that stands for the slot now, and its stance."""


def sentence_runs(sentence: Sentence, look: Look) -> tuple[Run, ...]:
    """Split the text that stands at the slots of its template.

    A text that does not follow its template (a person's, say) stays one run of words; flagged spans are cut out of it.
    """
    names = _SLOT.findall(sentence.template)
    found = _filled(sentence) if names else None
    if found is None:
        return tuple(_flagged(sentence.text, sentence.problems))
    runs: list[Run] = []
    for index, piece in enumerate(found):
        if index % 2:
            runs.append(FigureRun(piece, *look(sentence, names[index // 2])))
        elif piece:
            runs += _flagged(piece, sentence.problems)
    return tuple(runs)


def _filled(sentence: Sentence) -> tuple[str, ...] | None:
    """Words and slot values by turns, beginning and ending with words; None if the text is not of the template."""
    words = _SLOT.split(sentence.template)[::2]
    pattern = "(.+?)".join(f"({re.escape(word)})" for word in words)
    match = re.fullmatch(pattern, sentence.text, re.DOTALL | re.IGNORECASE)  # a sentence begins large
    return match.groups() if match else None


def _flagged(text: str, problems: tuple[Problem, ...]) -> Iterator[TextRun]:
    spans = {problem.span: problem.kind for problem in problems if problem.span and problem.span in text}
    if not spans:
        yield TextRun(text)
        return
    for piece in re.split("(" + "|".join(re.escape(span) for span in sorted(spans, key=len, reverse=True)) + ")", text):
        if piece:
            yield TextRun(piece, spans.get(piece))
