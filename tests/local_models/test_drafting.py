"""Prompts: what the model reads, and the way back from its marks."""

from __future__ import annotations

import pytest

from app.domain.facts import Stance
from app.domain.plan import SentencePlan, Slot
from local_models.drafting import FrameStyle, FreeStyle, from_marks, slot_marks, style_named, to_marks

PLAN = SentencePlan(
    key="history.enquiries_high",
    section="history",
    relation="exceeds",
    stance=Stance.ADVERSE,
    slots=(Slot("history.enquiries_3m", "f1", Stance.ADVERSE), Slot("benchmark.enquiries_3m", "f2")),
    findings=("history.enquiries_high",),
    clause="referral 3.7",
    rule_text="The bureau lists {history.enquiries_3m}, above the usual {benchmark.enquiries_3m}.",
    subject="credit enquiries against the usual number",
    frame="The <bureau|report> lists {history.enquiries_3m}, above the usual {benchmark.enquiries_3m}.",
)
LABELS = {"history.enquiries_3m": "enquiries", "benchmark.enquiries_3m": "usual enquiries"}


def test_marks_carry_no_digit_and_come_back_as_slots() -> None:
    marked = to_marks(PLAN.rule_text, PLAN)
    assert marked == "The bureau lists [A], above the usual [B]."
    assert from_marks(f" {marked}\n", PLAN) == PLAN.rule_text
    assert slot_marks(PLAN) == {"history.enquiries_3m": "A", "benchmark.enquiries_3m": "B"}


def test_braces_and_unknown_marks_of_the_model_make_no_slot() -> None:
    assert from_marks("It {score.points} is [C].", PLAN) == "It (score.points) is [C]."


@pytest.mark.parametrize("name", ["frames", "free"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_prompt_tells_subject_and_side_after_a_shared_part(name: str, language: str) -> None:
    request = style_named(name).request(PLAN, LABELS, language)
    assert request is not None
    rest = request.prompt[request.shared :]
    assert PLAN.subject in rest
    assert ("exceeds" in rest) == (name == "free")  # a frame holds relation and labels already
    assert ("[A] = enquiries" in rest) == (name == "free")
    assert {"en": "against", "zh": "不利"}[language] in rest
    assert request.prompt.startswith("<|im_start|>system") == (name == "free")
    assert rest.startswith("<|im_start|>user") == (name == "free")


def test_the_shared_part_is_the_same_for_every_sentence() -> None:
    style = FrameStyle()
    other = SentencePlan("x", "score", "is", Stance.NEUTRAL, (), (), None, "Words.", "subject", "<Some|Any> words.")
    one, two = style.request(PLAN, LABELS, "en"), style.request(other, {}, "en")
    assert one is not None
    assert two is not None
    assert one.prompt[: one.shared] == two.prompt[: two.shared]
    assert one.prompt != two.prompt


def test_a_sentence_without_choices_is_not_asked_for_in_frames() -> None:
    plain = SentencePlan("x", "score", "is", Stance.NEUTRAL, (), (), None, "Words.", "subject")
    assert FrameStyle().request(plain, {}, "en") is None
    assert FreeStyle().request(plain, {}, "en") is not None


def test_the_examples_teach_no_number() -> None:
    for language in ("en", "zh"):
        request = FreeStyle().request(PLAN, LABELS, language)
        assert request is not None
        assert not any(c.isdigit() for c in request.prompt)
