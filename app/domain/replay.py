"""What repeating a past draft found; ``Replay.to_json`` is what ``caseworth replay --json`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.domain.report import Report
from app.domain.sentences import Author, Sentence


class Sameness(StrEnum):
    """How something that shaped the draft then stands to what is here now."""

    SAME = "same"
    DIFFERS = "differs"
    MISSING = "not installed"
    UNRECORDED = "not recorded"  # the package was written by a version that did not record it


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that shapes a draft: "program", "phrases", "plan", "model", "runtime", "style", "prompts", ..."""

    what: str
    state: Sameness
    then: str = ""  # version or SHA-256
    now: str = ""
    note: str = ""

    def to_json(self) -> dict[str, str | None]:
        return {
            "what": self.what,
            "state": self.state.value,
            "then": self.then or None,
            "now": self.now or None,
            "note": self.note or None,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """A sentence that did not come out as it stands in the package; a null text: there was, or is, none."""

    key: str
    section: str
    why: str
    then: str | None
    now: str | None

    def to_json(self) -> dict[str, str | None]:
        return {"key": self.key, "section": self.section, "why": self.why, "then": self.then, "now": self.now}


@dataclass(frozen=True, slots=True)
class Replay:
    """The answer for one package. Sentences that people wrote, edited or removed are not repeated, only counted."""

    case_id: str
    language: str
    settings: tuple[Setting, ...]
    differences: tuple[Difference, ...]
    same: int  # sentences that came out as they were
    by_person: int
    unworded: int  # sentences of the model's that no model was here to word again

    @property
    def identical(self) -> bool | None:
        """Null where nothing differs as far as could be seen, but the model is not here to tell of its sentences."""
        return False if self.differences else None if self.unworded else True

    def to_json(self) -> dict[str, Any]:
        return {
            "case": self.case_id,
            "language": self.language,
            "identical": self.identical,
            "sentences": {
                "same": self.same,
                "different": len(self.differences),
                "by_person": self.by_person,
                "not_worded": self.unworded,
            },
            "settings": [setting.to_json() for setting in self.settings],
            "differences": [difference.to_json() for difference in self.differences],
        }


def compare(then: Report, now: Report, removed: Sequence[str], *, worded: bool) -> tuple[list[Difference], int, int]:
    """The sentences that differ, how many are the same, and how many the missing model leaves open.

    ``removed`` are keys of sentences that a person took out; ``worded`` says whether the model of then was asked.
    """
    before = {sentence.key: sentence for sentence in then.sentences if sentence.author is not Author.PERSON}
    edited = {sentence.key for sentence in then.sentences} - before.keys() | set(removed)
    after = {sentence.key: sentence for sentence in now.sentences if sentence.key not in edited}
    asked = {key for key in before if not worded and _of_model(before[key])}
    differences = list(_differences(before, {key: one for key, one in after.items() if key not in asked}, asked))
    if not differences:
        differences = list(_moved(list(before), [key for key in after if key in before], before))
    return differences, len(before) - len(asked) - sum(d.then is not None for d in differences), len(asked)


def _of_model(sentence: Sentence) -> bool:
    """Whether the model's words are in it, or were refused."""
    return sentence.author is Author.MODEL or sentence.rejected is not None


def _differences(before: dict[str, Sentence], after: dict[str, Sentence], asked: set[str]) -> Iterator[Difference]:
    for key, old in before.items():
        new = after.get(key)
        if key in asked:
            continue
        if new is None:
            yield Difference(key, old.section, "the plan has no such sentence now", old.text, None)
        elif why := _why(old, new):
            yield Difference(key, old.section, why, _told(old), _told(new))
    for key, new in after.items():
        if key not in before:
            yield Difference(key, new.section, "the report has no such sentence", None, new.text)


def _why(old: Sentence, new: Sentence) -> str:
    """Why two sentences of one plan are not the same; empty where they are."""
    if (old.author, old.text, old.template, old.rejected) == (new.author, new.text, new.template, new.rejected):
        return ""
    if old.author is not new.author:
        return f"then: {_origin(old)}; now: {_origin(new)}"
    if old.template == new.template and old.text != new.text:
        return "a value or its form differs"
    if old.author is Author.MODEL:
        return "the model worded it otherwise"
    return "the rule sentence differs" if old.template != new.template else "the model's refused wording differs"


def _origin(sentence: Sentence) -> str:
    if sentence.author is Author.MODEL:
        return "worded by the model"
    return f"by rule ({sentence.fallback})" if sentence.fallback else "by rule"


def _told(sentence: Sentence) -> str:
    """The text, and the refused wording behind it."""
    return sentence.text if sentence.rejected is None else f"{sentence.text} [refused: {sentence.rejected}]"


def _moved(before: Sequence[str], after: Sequence[str], sentences: dict[str, Sentence]) -> Iterator[Difference]:
    """The first sentence that stands in another place, where all are there and the order differs."""
    for old, new in zip(before, after, strict=False):
        if old != new:
            text = sentences[old].text
            yield Difference(old, sentences[old].section, "the sentences stand in another order", text, text)
            return
