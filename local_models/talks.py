"""How each model is spoken to: in the chat template of its own file where the list says so, else in ChatML marks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from app.errors import InputError
from app.wording_ports import DraftingStyle
from local_models.catalogue import ModelSpec
from local_models.chat import chat_frame
from local_models.drafting import FreeStyle, Talk, style_named
from local_models.gguf import marks_of, read_header

Examples = Sequence[tuple[str, str]]


def style_of(spec: ModelSpec) -> DraftingStyle:
    """The drafting style of a model, in its own marks."""
    if spec.chat and spec.style == "free":
        return FreeStyle(talk_of(spec.file))
    return style_named(spec.style)


def talk_of(file: Path) -> Talk:
    """How the file's chat template frames a question; null where it cannot, so that ChatML marks are used."""

    def talk(system: str, examples: Examples) -> tuple[str, str] | None:
        return _framed(file, system, tuple(examples))

    return talk


@lru_cache(64)
def _framed(file: Path, system: str, examples: tuple[tuple[str, str], ...]) -> tuple[str, str] | None:
    """A template that hangs costs its time once, not once a sentence."""
    try:
        header = read_header(file)
        frame = chat_frame(header.chat_template, system, examples, marks_of(header))
    except InputError:
        return None
    return frame.before, frame.after
