"""The summary on top of a report: its own sentences, the weightiest of each side, as many as fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from app.domain.facts import Stance
from app.domain.plan import SentencePlan
from app.domain.rendering import slot_names
from app.domain.sentences import Sentence, State

MOST_WORDS = 80
MOST_CHARACTERS = 160  # of a Chinese summary; about as long to read
_HAN = re.compile(r"[\u3400-\u9fff]")


def ranked(plans: Sequence[SentencePlan]) -> tuple[str, ...]:
    """Keys of what a summary may say, the most needed first: the recommendation, then each side by weight."""
    recommended = [plan.key for plan in plans if plan.section == "recommendation"]
    asked = [plan.key for plan in plans if plan.section == "request"][:1]
    others = [plan for plan in plans if plan.key not in (*recommended, *asked)]
    by_weight = sorted(others, key=lambda plan: (-plan.materiality, plan.section == "score"))
    against = [plan.key for plan in by_weight if plan.stance is Stance.ADVERSE]
    favourable = [plan.key for plan in by_weight if plan.stance is Stance.FAVOURABLE]
    return (*recommended[:1], *against[:4], *favourable[:3], *asked)


def summary(sentences: Iterable[Sentence], keys: Sequence[str], language: str) -> tuple[Sentence, ...]:
    """The sentences of the keys that stand and fit: the request, the recommendation, what is against, what is for.

    Passed over is a sentence that is flagged, longer than what is left, or has no figure that was not said yet.
    """
    standing = {s.key: s for s in sentences if s.state is not State.FLAGGED}
    by_place: dict[int, list[Sentence]] = {place: [] for place in range(4)}
    for key in keys:
        if key in standing:
            by_place[_place(standing[key])].append(standing[key])
    made = _Summary(language)
    asked, recommended, against, favourable = by_place.values()
    for side in (recommended, against, favourable, asked):
        made.take(side, 1)  # one of each before the second of any
    for side in (against, favourable):
        made.take(side, len(side))
    return tuple(sorted(made.taken, key=_place))


class _Summary:
    """A summary in the making."""

    def __init__(self, language: str) -> None:
        self.taken: list[Sentence] = []
        self._language = language
        self._left = MOST_CHARACTERS if language == "zh" else MOST_WORDS
        self._said: set[str] = set()  # facts whose figures were said

    def take(self, candidates: Sequence[Sentence], most: int) -> None:
        """Take the first that fit and say something new, at most so many."""
        for sentence in candidates:
            figures = set(slot_names(sentence.template))
            known = sentence in self.taken or (bool(figures) and figures <= self._said)
            if most and not known and length(sentence.text, self._language) <= self._left:
                self.taken.append(sentence)
                self._said |= figures
                self._left -= length(sentence.text, self._language)
                most -= 1


def summary_json(sentences: Sequence[Sentence], language: str) -> Mapping[str, object]:
    return {
        "sentences": [sentence.key for sentence in sentences],
        "text": ("" if language == "zh" else " ").join(sentence.text for sentence in sentences),
    }


def length(text: str, language: str) -> int:
    """Words of an English text; of a Chinese one characters, a figure or a Latin word as one."""
    if language != "zh":
        return len(text.split())
    return len(_HAN.findall(text)) + len(re.findall(r"[0-9A-Za-z][0-9A-Za-z.,]*", text))


def _place(sentence: Sentence) -> int:
    if sentence.section == "request":
        return 0
    if sentence.section == "recommendation":
        return 1
    return 2 if sentence.stance is Stance.ADVERSE else 3
