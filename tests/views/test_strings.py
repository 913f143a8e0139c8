"""The texts: both languages have the same keys and the same names to fill in."""

from __future__ import annotations

import string
from collections.abc import Iterator

import pytest

from views import strings
from views.strings import LANGUAGES, has_text, texts, tr, use_language


@pytest.fixture(autouse=True)
def _back_to_english() -> Iterator[None]:
    yield
    use_language("en")


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert set(texts("en")) == set(texts("zh"))


@pytest.mark.parametrize("key", sorted(texts("en")))
def test_both_languages_fill_in_the_same_names(key: str) -> None:
    assert _names(texts("en")[key]) == _names(texts("zh")[key])


def test_no_text_is_blank() -> None:
    assert [key for code in LANGUAGES for key, text in texts(code).items() if not text.strip()] == []


def test_the_language_in_force_speaks() -> None:
    assert tr("rail.queue") == "Queue"
    use_language("zh")
    assert tr("rail.queue") == "队列"


def test_names_are_filled_in() -> None:
    assert tr("queue.count", count="1,234") == "1,234 cases"


def test_an_unknown_key_is_a_fault() -> None:
    assert not has_text("no.such")
    with pytest.raises(KeyError):
        tr("no.such")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="no texts in 'fr'"):
        use_language("fr")


def test_a_key_in_two_files_is_refused(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "xx.toml").write_text('a = "1"\n')
    (folder / "case_xx.toml").write_text('a = "2"\n')
    monkeypatch.setattr(strings, "_FOLDER", folder)
    with pytest.raises(ValueError, match="a stands in another file already"):
        texts("xx")
    texts.cache_clear()
