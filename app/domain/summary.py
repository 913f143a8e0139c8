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
    """Keys of what a summary may say, the most needed first: the recommendation, then each side by weight in turn."""
    recommended = [plan.key for plan in plans if plan.section == "recommendation"]
    asked = [plan.key for plan in plans if plan.section == "request"][:1]
    others = [plan for plan in plans if plan.key not in (*recommended, *asked)]
    by_weight = sorted(others, key=lambda plan: -plan.materiality)
    against = [plan.key for plan in by_weight if plan.stance is Stance.ADVERSE]
    favourable = [plan.key for plan in by_weight if plan.stance is Stance.FAVOURABLE]
    first = [*against[:1], *favourable[:1], *asked]
    further = [*against[1:4], *favourable[1:3]]
    return (*recommended[:1], *first, *further)


def summary(sentences: Iterable[Sentence], keys: Sequence[str], language: str) -> tuple[Sentence, ...]:
    """The sentences of the keys that stand and fit: the request, the recommendation, what is against, what is for.

    Passed over is a sentence that is flagged, longer than what is left, or has no figure that was not said yet.
    """
    standing = {s.key: s for s in sentences if s.state is not State.FLAGGED}
    left = MOST_CHARACTERS if language == "zh" else MOST_WORDS
    taken: list[Sentence] = []
    said: set[str] = set()
    for sentence in (standing[key] for key in keys if key in standing):
        figures = set(slot_names(sentence.template))
        known = bool(figures) and figures <= said
        if not known and length(sentence.text, language) <= left:
            taken.append(sentence)
            said |= figures
            left -= length(sentence.text, language)
    return tuple(sorted(taken, key=_place))


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
