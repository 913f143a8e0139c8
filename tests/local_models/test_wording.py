"""The lessons of the wording model: what they hold, what they keep apart, and that the checks pass them."""

from __future__ import annotations

import hashlib
import re
from itertools import islice
from pathlib import Path

from local_models import wording
from local_models.wording.lessons import plan_of, prompt_of, sound_lessons, template_of
from local_models.wording.material import MANNERS, Material

MATERIAL = Material()
MATERIAL_FOLDER = Path(wording.__file__).parent


def test_the_same_seed_gives_the_same_lessons_and_another_gives_others() -> None:
    first = list(islice(MATERIAL.lessons(60, 3), 60))
    assert first == list(MATERIAL.lessons(60, 3))
    assert first != list(MATERIAL.lessons(60, 4))
    assert len({(lesson.notes, lesson.sentence) for lesson in first}) == 60


def test_each_sentence_has_each_mark_once_and_no_figure() -> None:
    for lesson in MATERIAL.lessons(400, 5):
        marks = re.findall(r"\[([A-D])\]", lesson.sentence)
        assert sorted(marks) == list("ABCD"[: len(lesson.slots)])
        assert not re.search(r"\d|[{}<>|]", lesson.sentence), lesson.sentence
        assert lesson.manner in MANNERS


def test_what_is_held_apart_is_in_no_lesson() -> None:
    taught = {thing.name for lesson in MATERIAL.lessons(1500, 1) for thing in lesson.slots}
    held = {thing.name for lesson in MATERIAL.lessons(150, 1, "held") for thing in lesson.slots}
    assert held
    assert not taught & held


def test_sound_lessons_pass_the_checks_and_read_as_plans() -> None:
    for lesson in sound_lessons(MATERIAL, 40, 2):
        plan = plan_of(lesson)
        assert plan.stance.value == lesson.stance
        assert set(re.findall(r"\{([a-z.]+)\}", template_of(lesson.sentence))) == {slot.name for slot in plan.slots}
        assert prompt_of(lesson.notes).endswith("<|im_start|>assistant\n")


def test_the_adapter_is_the_one_that_was_measured() -> None:
    adapter = MATERIAL_FOLDER / "smollm2-135m-wording-en.gguf"
    assert adapter.read_bytes()[:4] == b"GGUF"
    assert hashlib.sha256(adapter.read_bytes()).hexdigest() in (MATERIAL_FOLDER / "README.md").read_text("utf-8")
