"""The walk through a frame: a model with tokens of a few bytes, whose wishes are told, stands for llama.cpp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_models.frame_walk import CancelledError, FrameWalk, InexactError, Part, read_frame
from local_models.grammar import frame_grammar

END = 0


@dataclass
class Spelling:
    """Evaluator whose tokens are runs of ``width`` bytes; it keeps what was evaluated and in which batches."""

    width: int = 1
    cache: bytes = b""
    batches: list[int] = field(default_factory=list)
    cancel_after: int = 99
    words: list[bytes] = field(default_factory=lambda: [b"\0"])

    def tokenize(self, text: str) -> list[int]:
        raw = text.encode()
        return [self._number(raw[at : at + self.width]) for at in range(0, len(raw), self.width)]

    def _number(self, word: bytes) -> int:
        if word not in self.words:
            self.words.append(word)
        return self.words.index(word)

    def piece(self, token: int) -> bytes:
        return self.words[token]

    def end_token(self) -> int:
        return END

    def evaluate(self, tokens: Sequence[int]) -> bool:
        if len(self.batches) >= self.cancel_after:
            return False
        self.batches.append(len(tokens))
        self.cache += b"".join(self.words[token] for token in tokens)
        return True

    def rewind(self, count: int) -> None:
        self.cache = self.cache[: len(self.cache) - count * self.width]


def walk(model: Spelling, frame: str, wish: str) -> str:
    """The sentence of a model that takes the token of ``wish`` where it can, else the first."""

    def pick(tokens: Sequence[int]) -> int:
        after = len(model.cache)
        wanted = [t for t in tokens if t != END and wish.encode().startswith(model.cache + model.piece(t))]
        assert after or model.batches == []
        return wanted[0] if wanted else tokens[0]

    parts = read_frame(frame_grammar(frame))
    assert parts is not None
    return "".join(FrameWalk(model, pick, []).walk(parts))


@pytest.mark.parametrize(
    ("frame", "parts"),
    [
        ("It is <above|over> [A].", (("It is ",), ("above", "over"), (" [A].",))),
        ("<a|b><c|>", (("a", "b"), ("c", ""))),
        ('say "<x|y>" \\ and\nmore', (('say "',), ("x", "y"), ('" \\ and\nmore',))),
    ],
)
def test_the_grammar_of_a_frame_is_read_back(frame: str, parts: tuple[Part, ...]) -> None:
    assert read_frame(frame_grammar(frame)) == parts


@pytest.mark.parametrize(
    "grammar", ['root ::= "a" [a-z]*\n', 'root ::= head "a"\nhead ::= "b"\n', 'other ::= "a"\n', "("]
)
def test_any_other_grammar_is_none(grammar: str) -> None:
    assert read_frame(grammar) is None


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize(
    "wish",
    ["It is above [A].", "It is over [A].", "It is over the usual [A].", "It is well above [A]."],
)
def test_the_wished_reading_is_taken_whatever_the_tokens(width: int, wish: str) -> None:
    assert walk(Spelling(width), "It is <above|over|over the usual|well above> [A].", wish) == wish


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("wish", ["收入稳定，有利。", "收入不稳定，有利。", "收入稳定。"])
def test_characters_of_several_bytes_are_never_torn(width: int, wish: str) -> None:
    assert walk(Spelling(width), "收入<稳定|不稳定><，有利|>。", wish) == wish


def test_what_follows_the_last_choice_is_not_evaluated() -> None:
    model = Spelling()
    assert walk(model, "It is <above|over> all that follows here.", "It is o").startswith("It is over all")
    assert model.cache == b"It is "


def test_forced_words_go_in_one_batch_with_the_prompt() -> None:
    model = Spelling()
    parts = read_frame(frame_grammar("It is <above|over> the <limit|usual> level."))
    assert parts is not None
    text = "".join(FrameWalk(model, lambda tokens: tokens[0], [END, END]).walk(parts))
    assert text in {f"It is {a} the {b} level." for a in ("above", "over") for b in ("limit", "usual")}
    assert len(model.batches) == 2
    assert model.batches[0] == len("It is ") + 2


def test_a_choice_that_ends_the_text_is_weighed_against_the_end() -> None:
    assert walk(Spelling(), "over<| again>", "over again") == "over again"
    assert walk(Spelling(), "over<| again>", "") == "over"


def test_tokens_that_do_not_spell_the_frame_are_refused() -> None:
    class Lossy(Spelling):
        def tokenize(self, text: str) -> list[int]:
            return super().tokenize(text.lower())

    with pytest.raises(InexactError):
        walk(Lossy(), "It <is|was>.", "")


def test_a_cancel_ends_the_walk() -> None:
    with pytest.raises(CancelledError):
        walk(Spelling(cancel_after=1), "It <is|was> so <far|near>.", "It is so far.")


@given(
    parts=st.lists(
        st.lists(st.text("abü收 ", max_size=4), min_size=1, max_size=3, unique=True), min_size=1, max_size=4
    ),
    width=st.integers(1, 3),
    data=st.data(),
)
def test_every_walk_is_a_reading_and_the_cache_a_beginning_of_it(
    parts: list[list[str]], width: int, data: st.DataObject
) -> None:
    model = Spelling(width)
    walked = FrameWalk(model, lambda tokens: data.draw(st.sampled_from(tokens)), [])
    settled = list(walked.walk([tuple(part) for part in parts]))
    assert all(words in part for words, part in zip(settled, parts, strict=True))
    assert "".join(settled).encode().startswith(model.cache)
