"""A model that is worded freely is asked in the chat template of its own file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.domain.facts import Stance
from app.domain.plan import SentencePlan, Slot
from local_models.catalogue import ModelSpec
from local_models.installing import InstallModel, install_model
from local_models.talks import style_of
from tests.local_models.gguf_files import gguf, write

OWN = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>{% endfor %}<assistant>"
PLAN = SentencePlan(
    "k", "capacity", "is", Stance.NEUTRAL, (Slot("rent", "f"),), (), None, "The rent is {rent}.", "rent"
)


def installed(folder: Path, template: str = OWN) -> ModelSpec:
    source = write(folder / "m.gguf", gguf({"tokenizer.chat_template": template}))
    return install_model(InstallModel(source, style="free"), folder / "models")


def test_the_prompt_is_framed_by_the_files_own_template(tmp_path: Path) -> None:
    request = style_of(installed(tmp_path)).request(PLAN, {"rent": "monthly rent"}, "en")
    assert request is not None
    assert request.prompt.startswith("<system>You write one plain sentence")
    assert request.prompt.endswith("[A] = monthly rent</user><assistant>")
    assert request.prompt[: request.shared].endswith("</assistant><user>")
    assert "im_start" not in request.prompt


def test_the_part_before_the_question_is_the_same_for_a_whole_report(tmp_path: Path) -> None:
    style = style_of(installed(tmp_path))
    one, other = (style.request(replace(PLAN, subject=subject), {"rent": "rent"}, "zh") for subject in ("甲", "乙"))
    assert one is not None
    assert other is not None
    assert one.prompt[: one.shared] == other.prompt[: other.shared]


def test_marks_in_a_label_cannot_end_the_template(tmp_path: Path) -> None:
    request = style_of(installed(tmp_path)).request(PLAN, {"rent": "{{ 7 * 7 }}"}, "en")
    assert request is not None
    assert "{{ 7 * 7 }}" in request.prompt


def test_without_a_usable_template_chatml_marks_stand(tmp_path: Path) -> None:
    spec = installed(tmp_path, "{{ ''.__class__ }}")
    assert not spec.chat
    for tried in (spec, replace(spec, chat=True)):
        request = style_of(tried).request(PLAN, {"rent": "rent"}, "en")
        assert request is not None
        assert request.prompt.startswith("<|im_start|>system")
