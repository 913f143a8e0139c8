"""Chat templates: used as they are written, and harmless whatever they try."""

from __future__ import annotations

import pytest

import local_models.chat as chat
from app.errors import InputError
from local_models.chat import ChatFrame, chat_frame, render_chat
from tests.local_models.gguf_files import CHATML

NO_SYSTEM = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "[{{ m.role }}]{{ m.content | trim }}{% endfor %}[model]"
)


def test_a_template_frames_the_question_without_seeing_it() -> None:
    frame = chat_frame(CHATML, "Be plain.", [("Ready?", "Yes.")])
    assert frame.before == (
        "<|im_start|>system\nBe plain.<|im_end|>\n<|im_start|>user\nReady?<|im_end|>\n"
        "<|im_start|>assistant\nYes.<|im_end|>\n<|im_start|>user\n"
    )
    assert frame.around("{{ 7 * 7 }}").endswith("{{ 7 * 7 }}<|im_end|>\n<|im_start|>assistant\n")


def test_a_template_without_a_system_turn_gets_its_word_with_the_first_question() -> None:
    frame = chat_frame(NO_SYSTEM, "Be plain.", [("Ready?", "Yes.")], {"bos_token": "<bos>"})
    assert frame == ChatFrame("<bos>[user]Be plain.\n\nReady?[assistant]Yes.[user]", "[model]")


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "unsafe"),
        ("{{ messages.append(1) }}", "unsafe"),
        ("{% include '/etc/passwd' %}", "no loader"),
        ("{{ lipsum.__globals__['os'].system('true') }}", "unsafe"),
        ("{{ 'a' * 10 ** 9 }}", "memory"),
        ("{% for i in range(99999) %}{{ messages }}{% endfor %}", "64,000 characters"),
        ("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}", "Recursion"),
        ("{% for", "Syntax"),
        ("{{ raise_exception('no') }}", "no"),
    ],
)
def test_a_hostile_or_broken_template_costs_its_child_only(template: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        render_chat(template, [("user", "hi")])


def test_a_template_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "SECONDS", 1.0)
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    with pytest.raises(InputError, match="not done after 1 second"):
        render_chat(endless, [("user", "hi")])


@pytest.mark.parametrize("template", ["Hello.", "{{ messages }}{{ messages }}", "{{ messages[0].content }}"])
def test_a_template_that_loses_or_repeats_its_turns_is_not_used(template: str) -> None:
    with pytest.raises(InputError, match="leaves out or repeats"):
        chat_frame(template, "Be plain.", [("Ready?", "Yes.")])
