"""Passages found by their words in SQL, in memory alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from app.domain.asking.question import Topic
from app.errors import EnvironmentFault
from data.asking_words import FILE, load_ask_words
from data.catalogue import load_catalogue
from data.passage_index import PassageIndex


@pytest.fixture
def index() -> Iterator[PassageIndex]:
    made = PassageIndex()
    yield made
    made.close()


def test_the_passage_with_the_rarer_word_comes_first(index: PassageIndex) -> None:
    index.fill([["loan", "car"], ["loan", "boat"], ["loan", "house"], ["other"]])
    found = index.search({"loan": 1.0, "boat": 1.0}, 10)
    assert found[0][0] == 1
    assert {no for no, _ in found} == {0, 1, 2}


def test_a_weight_counts_and_nothing_finds_nothing(index: PassageIndex) -> None:
    index.fill([["car"], ["boat"]])
    assert index.search({"car": 0.1, "boat": 2.0}, 1)[0][0] == 1
    assert index.search({}, 5) == []
    assert index.search({"ship": 1.0}, 5) == []


def test_filling_again_replaces_and_none_is_allowed(index: PassageIndex) -> None:
    index.fill([["car"]])
    index.fill([])
    assert index.search({"car": 1.0}, 5) == []


def test_it_opens_no_file(index: PassageIndex, tmp_path: Path) -> None:
    with pytest.raises(duckdb.PermissionException):
        index._database.execute(f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'")


def test_topics_name_facts_and_fields_that_exist() -> None:
    catalogue = load_catalogue()
    assert catalogue.papers is not None
    fields = {field.name for kind in catalogue.papers.kinds.values() for field in kind.fields}
    fields |= {f"{kind.id}.{field.name}" for kind in catalogue.papers.kinds.values() for field in kind.fields}

    def strays(topic: Topic) -> set[str]:
        return {name for name in topic.facts if name not in catalogue} | (set(topic.fields) - fields)

    assert {topic.name: strays(topic) for topic in load_ask_words().topics.values() if strays(topic)} == {}


def test_a_broken_file_of_words_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "topics.toml"
    broken.write_text(FILE.read_text(encoding="utf-8").replace('also = ["dsr"]', 'also = ["nothing"]'), "utf-8")
    with pytest.raises(EnvironmentFault, match="nothing"):
        load_ask_words(broken)
