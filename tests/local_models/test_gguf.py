"""The header of a model file: what it says is read, and whatever is malformed is refused before anything is loaded."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from app.errors import InputError
from local_models.catalogue import BUNDLED
from local_models.gguf import LongArray, read_header
from tests.local_models.gguf_files import gguf, text, write


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    header = read_header(write(tmp_path / "m.gguf"))
    assert (header.architecture, header.kind, header.title, header.licence) == (
        "llama",
        "model",
        "House Model",
        "apache-2.0",
    )
    assert (header.context, header.layers, header.vocabulary, header.quantisation) == (8192, 2, 4, "Q4_0")
    assert header.parameters == 64 * 4 + 64
    assert (header.bos, header.eos) == ("<s>", "</s>")
    assert "message.role" in header.chat_template
    assert header.data_at + 64 * 4 // 32 * 18 + 16 + 64 * 4 <= header.size


def test_the_cache_of_a_token_is_two_heads_of_keys_and_values_in_each_layer(tmp_path: Path) -> None:
    header = read_header(write(tmp_path / "m.gguf"))
    assert header.cache_bytes == 2 * 2 * (16 + 16) * 2
    a_layer_each = gguf({"llama.attention.head_count_kv": (2, 1)})
    assert read_header(write(tmp_path / "n.gguf", a_layer_each)).cache_bytes == (2 + 1) * (16 + 16) * 2


def test_a_long_vocabulary_is_passed_over_and_its_marks_are_still_found(tmp_path: Path) -> None:
    words = tuple(f"w{number}" for number in range(5000))
    content = gguf({"tokenizer.ggml.tokens": words, "tokenizer.ggml.bos_token_id": 4321, "tokenizer.x": (1,) * 2000})
    header = read_header(write(tmp_path / "m.gguf", content))
    assert isinstance(header.values["tokenizer.ggml.tokens"], LongArray)
    assert (header.vocabulary, header.bos) == (5000, "w4321")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "ends at byte 0"),
        (b"PK\x03\x04" + b"\0" * 60, "does not begin with GGUF"),
        (b"GGUF" + struct.pack("<I", 1) + b"\0" * 60, "version is 1"),
        (b"GGUF" + struct.pack(">I", 3) + b"\0" * 60, "little endian"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1), "tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 60), "keys"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1 << 62), "a text of"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("k") + struct.pack("<IQ", 8, 1 << 40), "a text of"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("k") + struct.pack("<IIQ", 9, 4, 1 << 50), "an array of"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("k") + struct.pack("<IIQ", 9, 4, 1 << 21), "ends at byte"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("k") + b"".join([struct.pack("<IIQ", 9, 9, 1)] * 9), "deep"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("k") + struct.pack("<I", 77), "unknown type 77"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + (text("k") + struct.pack("<IB", 7, 1)) * 2, "stands twice"),
        (gguf({"general.alignment": 3}), "alignment"),
        (gguf(tensors=[("t", (64,), 0), ("t", (64,), 0)]), "one name"),
        (gguf(tensors=[("t", (63,), 2)]), "impossible shape"),
        (gguf()[:-40], "cut off"),
    ],
)
def test_what_breaks_the_format_or_a_limit_is_refused_by_name(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        read_header(write(tmp_path / "bad.gguf", content))
    assert "bad.gguf" in str(caught.value)


def test_tensors_may_not_overlap(tmp_path: Path) -> None:
    content = gguf(tensors=[("one", (64,), 0), ("two", (64,), 0)])
    at = content.index(text("two")) + len(text("two")) + 4 + 8 + 4
    with pytest.raises(InputError, match="overlap"):
        read_header(write(tmp_path / "m.gguf", content[:at] + struct.pack("<Q", 32) + content[at + 8 :]))


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a file"):
        read_header(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_header(tmp_path / "none.gguf")


def test_a_mutated_header_is_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    """Two thousand files with bytes flipped, cut, doubled or set to extremes."""
    whole, rolls, refused = gguf(), random.Random(20261122), 0
    extremes = [b"\xff" * 8, b"\0" * 8, struct.pack("<Q", 1 << 63), struct.pack("<Q", 1 << 31), struct.pack("<Q", 257)]
    for _ in range(2000):
        content = bytearray(whole)
        for _ in range(rolls.randint(1, 4)):
            at = rolls.randrange(len(content))
            deed = rolls.randrange(4)
            if deed == 0:
                content[at] ^= 1 << rolls.randrange(8)
            elif deed == 1:
                content[at : at + 8] = rolls.choice(extremes)
            elif deed == 2:
                del content[at:]
                content += b"\0"
            else:
                content[at:at] = content[: rolls.randrange(64)]
        try:
            header = read_header(write(tmp_path / "m.gguf", bytes(content)))
        except InputError:
            refused += 1
            continue
        assert sum(tensor.size for tensor in header.tensors) <= header.size
        assert (header.parameters, header.cache_bytes) >= (0, 0)
        assert isinstance(header.quantisation + header.architecture + header.licence + header.bos, str)
    assert refused > 1000


@pytest.mark.model
@pytest.mark.skipif(not BUNDLED.file.exists(), reason="the bundled model is not fetched")
def test_the_bundled_model_is_what_the_list_says() -> None:
    header = read_header(BUNDLED.file)
    assert (header.architecture, header.layers, header.context) == ("llama", 30, 8192)
    assert header.licence.lower() == BUNDLED.licence.lower()
    assert header.parameters == 134_515_008
