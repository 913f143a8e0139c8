"""What passages mean is told once and kept, however often it is stopped."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.domain.asking.passages import Passage
from app.errors import Cancelled
from app.usecases.embed_passages import TOGETHER, embed_passages
from tests.doubles import MemoryWorkspace

DOCUMENT = "a" * 64


class Counting:
    """Tells of each text its length, and keeps what it was asked."""

    def __init__(self, sha256: str = "c" * 64) -> None:
        self.name, self.sha256 = "counting", sha256
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], *, question: bool = False) -> list[list[float]]:
        self.asked += texts
        return [[float(len(text)), 1.0] for text in texts]


def passages(count: int) -> list[Passage]:
    return [Passage(DOCUMENT, f"Line {number} of the letter.", row=number) for number in range(count)]


def test_each_passage_is_told_once_and_doubles_share_a_meaning() -> None:
    held, model = MemoryWorkspace(), Counting()
    twice = [*passages(3), Passage(DOCUMENT, "Line 0 of the letter.", row=9)]
    assert embed_passages(twice, held, model) == 3
    assert embed_passages(passages(5), held, model) == 2
    assert model.asked == [each.words for each in passages(5)]


def test_another_model_tells_anew() -> None:
    held = MemoryWorkspace()
    embed_passages(passages(2), held, Counting())
    assert embed_passages(passages(2), held, Counting("d" * 64)) == 2


def test_what_was_told_before_a_stop_is_kept() -> None:
    held, model = MemoryWorkspace(), Counting()

    def stop(done: int, total: int | None, what: str) -> None:
        assert total == 3 * TOGETHER
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        embed_passages(passages(3 * TOGETHER), held, model, stop)
    assert embed_passages(passages(3 * TOGETHER), held, model) == 2 * TOGETHER
