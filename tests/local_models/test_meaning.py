"""Models that tell what texts mean: the real thing in its child process, and one that talks nonsense."""

from __future__ import annotations

import base64
import math
import struct
import sys
import textwrap
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import Cancelled, EnvironmentFault, InputError
from local_models.catalogue import BUNDLED, EMBEDDING, find_model, meaning_model
from local_models.gguf import read_header
from local_models.installing import InstallModel, install_model
from local_models.meaning import MeaningModel
from tests.local_models.gguf_files import gguf, write

ENCODER = {
    "general.architecture": "bert",
    "bert.context_length": 512,
    "bert.block_count": 2,
    "bert.embedding_length": 64,
    "bert.attention.head_count": 4,
    "bert.attention.causal": False,
    "tokenizer.chat_template": None,
}
SPEC = replace(BUNDLED, name="meanings", kind=EMBEDDING, adapter=None, adapter_sha256="", style="free")
NONSENSE = """
import json, sys
def say(message):
    print(json.dumps(message), flush=True)
json.loads(sys.stdin.readline())
say({"ready": {"runtime": "scripted 1"}})
for line in sys.stdin:
    asked = json.loads(line)
    say({"id": asked["id"], "answer": {"text": sys.argv[1], "stopped": "stop"}})
"""


@pytest.fixture(scope="module")
def model() -> Iterator[MeaningModel]:
    """The bundled language model, whose file says nothing of meanings: the mean of its tokens."""
    with MeaningModel(SPEC, threads=1) as made:
        yield made


def _likeness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.model
def test_meanings_are_of_length_one_and_the_same_in_whatever_company(model: MeaningModel) -> None:
    together = model.embed(["The rent is 650 euros.", "What rent does she pay?", "A cat sleeps."])
    (alone,) = model.embed(["What rent does she pay?"])
    assert all(math.isclose(_likeness(each, each), 1.0, rel_tol=1e-5) for each in together)
    assert together[1] == alone
    assert _likeness(together[1], together[0]) > _likeness(together[1], together[2])


@pytest.mark.model
def test_a_text_longer_than_the_context_and_an_empty_one_have_a_meaning(model: MeaningModel) -> None:
    long, empty = model.embed(["loan " * 5_000, ""])
    assert len(long) == len(empty) > 1


@pytest.mark.model
def test_what_is_asked_can_be_cancelled_and_asked_again(model: MeaningModel) -> None:
    texts = [f"entry {number} " * 60 for number in range(400)]
    timer = threading.Timer(0.5, model.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        model.embed(texts)
    assert len(model.embed(texts[:1])) == 1


@pytest.mark.model
def test_what_the_model_wants_before_a_text_goes_before_it(model: MeaningModel) -> None:
    prefixed = MeaningModel(replace(SPEC, before_question="query: "), threads=1)
    try:
        assert prefixed.embed(["rent"], question=True) == model.embed(["query: rent"])
        assert prefixed.embed(["rent"]) == model.embed(["rent"])
    finally:
        prefixed.close()


@pytest.mark.parametrize("said", ["no base64!", "", base64.b64encode(struct.pack("<3f", 1, 0, 0)).decode()])
def test_an_answer_that_is_none_is_told(said: str, tmp_path: Path) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(textwrap.dedent(NONSENSE), encoding="utf-8")
    model = MeaningModel(SPEC, command=[sys.executable, str(worker), said])
    try:
        with pytest.raises(EnvironmentFault, match="model of meaning meanings gives no answer"):
            model.embed(["one", "two"])
    finally:
        model.close()


def test_an_imported_encoder_is_listed_for_meanings_and_words_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "tiny-encoder.gguf", gguf(ENCODER))
    folder = tmp_path / "models"
    spec = install_model(InstallModel(source, before_question="query: "), folder)
    assert (spec.kind, spec.before_question, spec.chat) == (EMBEDDING, "query: ", False)
    assert meaning_model(folder) == spec
    with pytest.raises(InputError, match="words nothing"):
        find_model(spec.name, folder)


def test_a_language_model_is_none_for_meanings_unless_its_file_says_so(tmp_path: Path) -> None:
    assert not read_header(write(tmp_path / "words.gguf")).embeds
    pooled = gguf({"llama.pooling_type": 3})
    assert read_header(write(tmp_path / "pooled.gguf", pooled)).embeds
    assert meaning_model(tmp_path) is None


def test_a_model_that_ranks_and_a_style_for_meanings_are_refused(tmp_path: Path) -> None:
    ranks = write(tmp_path / "ranks.gguf", gguf(ENCODER | {"bert.pooling_type": 4}))
    with pytest.raises(InputError, match="ranks texts"):
        install_model(InstallModel(ranks), tmp_path / "models")
    encoder = write(tmp_path / "encoder.gguf", gguf(ENCODER))
    with pytest.raises(InputError, match="in no style"):
        install_model(InstallModel(encoder, style="free"), tmp_path / "models")
