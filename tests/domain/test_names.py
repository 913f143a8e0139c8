"""Names vary without being another person's."""

from __future__ import annotations

import pytest
from anyascii import anyascii
from hypothesis import given
from hypothesis import strategies as st

from app.domain.names import Likeness, likeness, name_tokens


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Anna Berg", "anna  BERG", Likeness.SAME),
        ("Mrs. Anna Berg", "Anna Berg", Likeness.SAME),
        ("Göran Åström", "Goran Astrom", Likeness.SAME),
        ("Müller, Jürgen", "MULLER JURGEN", Likeness.SAME),
        ("Jürgen Müller", "Mueller Juergen", Likeness.VARIANT),
        ("Berg, Anna", "Anna Berg", Likeness.VARIANT),
        ("Anna Maria Berg", "Anna Berg", Likeness.VARIANT),
        ("A. Berg", "Anna Berg", Likeness.VARIANT),
        ("张伟", "Zhang Wei", Likeness.SAME),
        ("张伟", "Wei ZHANG", Likeness.VARIANT),
        ("李小龙", "LI Xiaolong", Likeness.VARIANT),
        ("Xiaolong Li", "李小龙", Likeness.VARIANT),
        ("Мария Иванова", "Mariya Ivanova", Likeness.SAME),
        ("José García-Márquez", "Jose Garcia Marquez", Likeness.SAME),
        ("O'Brien, Sean", "Sean OBrien", Likeness.VARIANT),
        ("Katarina Lindqvist", "Katarina Lindqvlst", Likeness.VARIANT),
        ("Anna Berg", "Anna Holm", Likeness.DIFFERENT),
        ("Anna Berg", "Erik Berg", Likeness.DIFFERENT),
        ("A. Berg", "B. Berg", Likeness.DIFFERENT),
        ("Berg", "Anna Berg", Likeness.DIFFERENT),
        ("张伟", "张敏", Likeness.DIFFERENT),
        ("王芳", "Zhang Wei", Likeness.DIFFERENT),
        ("Anna Li", "Anna Lu", Likeness.DIFFERENT),
    ],
)
def test_likeness(one: str, other: str, expected: Likeness) -> None:
    assert likeness(one, other, anyascii) is expected


def test_tokens() -> None:
    assert name_tokens("Dr. Zoë Müller-Groß", anyascii) == ("zo", "muller", "gros")
    assert name_tokens("Mr") == ("mr",)
    assert name_tokens(" 123 ") == ()


def test_without_help_other_scripts_stay_as_they_are() -> None:
    assert likeness("Göran Åström", "Goran Astrom") is Likeness.SAME
    assert likeness("张伟", "张伟") is Likeness.SAME
    assert likeness("张伟", "Zhang Wei") is Likeness.DIFFERENT


words = st.lists(st.text("abcdefghiklmnopqrstuvwxyz", min_size=2, max_size=8), min_size=2, max_size=4)


@given(words, st.randoms())
def test_order_never_makes_another_person(parts: list[str], random: object) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert likeness(" ".join(parts), " ".join(shuffled)) is not Likeness.DIFFERENT


@given(words, words)
def test_it_does_not_matter_which_comes_first(one: list[str], other: list[str]) -> None:
    assert likeness(" ".join(one), " ".join(other)) is likeness(" ".join(other), " ".join(one))
