"""Lessons that pass the checks, and the prompt that both the lessons and the desk use."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.domain.checking import Setting, check_worded, vocabulary_of
from app.domain.facts import Stance
from app.domain.plan import SentencePlan, Slot
from local_models.wording.material import Lesson, Material

_MARK = re.compile(r"\[([A-D])\]")


def prompt_of(notes: str) -> str:
    """The turn that is left open for the sentence."""
    return f"<|im_start|>user\n{notes}<|im_end|>\n<|im_start|>assistant\n"


def plan_of(lesson: Lesson) -> SentencePlan:
    """The sentence plan that the notes stand for."""
    stance, letters = Stance(lesson.stance), "abcd"[: len(lesson.slots)]
    slots = tuple(Slot(f"slot.{letter}", letter, stance) for letter in letters)
    named = " ".join(f"{thing.name} {{{slot.name}}}" for thing, slot in zip(lesson.slots, slots, strict=True))
    return SentencePlan(
        key=lesson.notes,
        section="capacity",
        relation=lesson.relation,
        stance=stance,
        slots=slots,
        findings=(),
        clause=None,
        rule_text=f"{lesson.subject} {named}",
        subject=lesson.subject,
    )


def template_of(sentence: str) -> str:
    """The sentence with the plan's slots in place of its marks."""
    return _MARK.sub(lambda match: f"{{slot.{match.group(1).lower()}}}", sentence)


def _names(lesson: Lesson) -> tuple[str, ...]:
    """What is named word for word: two like names repeat words that the sentence does not."""
    return tuple(thing.name for thing in lesson.slots)


def sound_lessons(material: Material, count: int, seed: int) -> list[Lesson]:
    """``count`` lessons whose sentences pass the checks themselves."""
    words = vocabulary_of(material.words())
    sound: list[Lesson] = []
    for lesson in material.lessons(2 * count, seed):
        plan = plan_of(lesson)
        setting = Setting("en", words | vocabulary_of([plan.rule_text]), allowed=_names(lesson))
        if check_worded(template_of(lesson.sentence), plan, setting).passed:
            sound.append(lesson)
        if len(sound) == count:
            break
    return sound


def accepted(sentence: str, lesson: Lesson, words: frozenset[str], before: Sequence[str] = ()) -> list[str]:
    """Why the checks refuse a sentence for the lesson's plan; empty when they do not."""
    plan = plan_of(lesson)
    setting = Setting("en", words | vocabulary_of([plan.rule_text]), before, _names(lesson))
    problems = check_worded(template_of(sentence), plan, setting).problems
    return [f"{problem.kind}: {problem.span}" for problem in problems]
