"""The header of a GGUF file, read without llama.cpp: pure Python, bounded, for files nobody has vouched for.

Every count, length, depth and offset is held against a limit and against the size of the file before anything is read
or kept. The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little endian).
"""

from __future__ import annotations

import math
import stat
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

from app.errors import InputError

MOST_KEYS, MOST_TENSORS = 4_096, 65_536
MOST_ITEMS = 4_000_000  # of one array: vocabularies of today have a quarter of a million
LONGEST_NAME = 255  # bytes of a key or of a tensor's name
LONGEST_TEXT = 1 << 20  # bytes of a string, chat templates among them
LARGEST_HEADER = 256 << 20  # bytes before the first tensor
DEEPEST = 2  # arrays in arrays
KEPT_ITEMS = 1_024  # of an array; what a longer one holds is passed over, its place is kept

_POOLED, _RANKS = (1, 2, 3), 4  # llama_pooling_type: by the mean, the first, the last token; to rank

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 10: "Q", 11: "q", 12: "d"}
_BOOL, _STRING, _ARRAY = 7, 8, 9
_TYPES = {  # ggml type -> name, values a block, bytes a block
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17),
}  # fmt: skip
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS",
    22: "IQ3_XS", 23: "IQ3_XXS", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS",
    32: "BF16",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LongArray:
    """An array that is passed over: how many items, and where the first begins."""

    kind: int
    count: int
    at: int


@dataclass(frozen=True, slots=True)
class Tensor:
    name: str
    shape: tuple[int, ...]
    kind: str  # name of its ggml type
    offset: int  # from the beginning of the data
    size: int  # bytes

    @property
    def values(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of itself."""

    version: int
    size: int  # bytes of the file
    data_at: int  # where the tensors begin
    values: dict[str, Any]
    tensors: tuple[Tensor, ...]
    bos: str = ""  # the marks a chat template may ask for
    eos: str = ""

    @property
    def architecture(self) -> str:
        return self._text("general.architecture")

    @property
    def kind(self) -> str:
        """``model``, or what else the file holds: ``adapter``, ``mmproj``, ``imatrix``."""
        return self._text("general.type") or "model"

    @property
    def title(self) -> str:
        return self._text("general.name")

    @property
    def licence(self) -> str:
        return self._text("general.license")

    @property
    def languages(self) -> tuple[str, ...]:
        found = self.values.get("general.languages")
        return tuple(item for item in found if isinstance(item, str)) if isinstance(found, tuple) else ()

    @property
    def chat_template(self) -> str:
        return self._text("tokenizer.chat_template")

    @property
    def parts(self) -> int:
        """Files the model is split into."""
        return max(self._number("split.count"), 1)

    @property
    def parameters(self) -> int:
        return sum(tensor.values for tensor in self.tensors)

    @property
    def quantisation(self) -> str:
        """As the file says; where it does not, the type that holds most of the values."""
        said = _FILE_TYPES.get(self._number("general.file_type", -1))
        if said:
            return said
        held = Counter[str]()
        for tensor in self.tensors:
            held[tensor.kind] += tensor.values
        return held.most_common(1)[0][0] if held else ""

    @property
    def context(self) -> int:
        """Tokens the model was trained to read at once; 0 where the file does not say."""
        return self._own("context_length")

    @property
    def layers(self) -> int:
        return self._own("block_count")

    @property
    def vocabulary(self) -> int:
        tokens = self.values.get("tokenizer.ggml.tokens")
        return tokens.count if isinstance(tokens, LongArray) else len(tokens) if isinstance(tokens, tuple) else 0

    @property
    def width(self) -> int:
        """Values a token is held by."""
        return self._own("embedding_length")

    @property
    def embeds(self) -> bool:
        """Whether it tells what texts mean: it says how its tokens are put together, or each reads those behind it."""
        pooled = self._own("pooling_type") in _POOLED
        return pooled or self.values.get(f"{self.architecture}.attention.causal") is False

    @property
    def ranks(self) -> bool:
        """Whether it ranks texts for a question, and tells no meanings."""
        return self._own("pooling_type") == _RANKS

    @property
    def cache_bytes(self) -> int:
        """Bytes of the cache that one token of context takes, at 16 bits a value."""
        heads = self._own("attention.head_count")
        of_keys = self._own("attention.key_length") or (self.width // heads if heads else 0)
        of_values = self._own("attention.value_length") or of_keys
        kept = self.values.get(f"{self.architecture}.attention.head_count_kv", heads)
        each = [n for n in kept if isinstance(n, int)] if isinstance(kept, tuple) else [kept] * self.layers
        return sum(max(int(n), 0) for n in each if isinstance(n, int)) * (of_keys + of_values) * 2

    def _own(self, name: str) -> int:
        return self._number(f"{self.architecture}.{name}")

    def _number(self, key: str, default: int = 0) -> int:
        found = self.values.get(key, default)
        if isinstance(found, tuple):  # one a layer: the largest counts
            found = max((n for n in found if isinstance(n, int)), default=default)
        return found if isinstance(found, int) and -1 <= found < 1 << 40 else default

    def _text(self, key: str) -> str:
        found = self.values.get(key)
        return found if isinstance(found, str) else ""


def read_header(path: Path) -> Header:
    """Read the header of a file; nothing is loaded. Raises ``InputError`` that says what is wrong with it."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise InputError("model", f"{path.name} is not a file.", remedy="Name a .gguf file.")
        with path.open("rb") as handle:
            return _Reading(handle, about.st_size).header()
    except _MalformedError as exc:
        message = f"{path.name} is not a GGUF file that can be used: {exc}."
        raise InputError("model", message, remedy="Copy it again from where it was published.") from exc
    except OSError as exc:
        message = f"{path} cannot be read: {exc.strerror or exc}."
        raise InputError("model", message, remedy="Check the name and the rights.") from exc


def marks_of(header: Header) -> dict[str, str]:
    """The marks of the vocabulary that a chat template may use."""
    return {"bos_token": header.bos, "eos_token": header.eos}


class _MalformedError(Exception):
    """The header breaks the format or a limit."""


class _Reading:
    """One pass over a header."""

    def __init__(self, handle: BinaryIO, size: int) -> None:
        self._handle, self._size, self._at = handle, size, 0

    def header(self) -> Header:
        if self._take(4) != b"GGUF":
            raise _MalformedError("it does not begin with GGUF")
        (version,) = self._unpack("I")
        if version not in (2, 3):
            raise _MalformedError(f"its version is {version}; 2 and 3 are read, little endian")
        tensors, keys = self._unpack("QQ")
        if keys > MOST_KEYS or tensors > MOST_TENSORS:
            raise _MalformedError(f"it declares {keys:,} keys and {tensors:,} tensors")
        values = self._values(keys)
        alignment = values.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 8 <= alignment <= 65_536 or alignment % 8:
            raise _MalformedError(f"its alignment is {alignment!r}")
        placed = tuple(self._tensor(alignment) for _ in range(tensors))
        data_at = -(-self._at // alignment) * alignment
        _check_places(placed, self._size - data_at)
        marks = (self._token(values, "bos"), self._token(values, "eos"))
        return Header(version, self._size, data_at, values, placed, *marks)

    def _values(self, count: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for _ in range(count):
            key = self._text(LONGEST_NAME)
            if key in values:
                raise _MalformedError(f"the key {key!r} stands twice")
            (kind,) = self._unpack("I")
            values[key] = self._value(kind, 0)
        return values

    def _value(self, kind: int, depth: int) -> Any:
        if kind in _NUMBERS:
            return self._unpack(_NUMBERS[kind])[0]
        if kind == _BOOL:
            return self._take(1) != b"\0"
        if kind == _STRING:
            return self._text(LONGEST_TEXT)
        if kind == _ARRAY:
            return self._array(depth + 1)
        raise _MalformedError(f"a value has the unknown type {kind}")

    def _array(self, depth: int) -> Any:
        kind, count = self._unpack("IQ")
        if depth > DEEPEST or count > MOST_ITEMS:
            raise _MalformedError(f"an array of {count:,} items stands {depth} deep")
        if count <= KEPT_ITEMS:
            return tuple(self._value(kind, depth) for _ in range(count))
        if kind == _ARRAY:
            raise _MalformedError(f"an array holds {count:,} arrays")
        skipped = LongArray(kind, count, self._at)
        for _ in self._items(kind, count):
            pass
        return skipped

    def _items(self, kind: int, count: int) -> Iterator[str]:
        """Pass over numbers at once, over strings one by one; the strings are yielded."""
        if kind == _STRING:
            for _ in range(count):
                yield self._text(LONGEST_TEXT)
            return
        if kind != _BOOL and kind not in _NUMBERS:
            raise _MalformedError(f"an array has the unknown type {kind}")
        self._skip(count * struct.calcsize(f"<{_NUMBERS.get(kind, 'B')}"))

    def _tensor(self, alignment: int) -> Tensor:
        name = self._text(LONGEST_NAME)
        (dimensions,) = self._unpack("I")
        if not 1 <= dimensions <= 4:
            raise _MalformedError(f"the tensor {name!r} has {dimensions} dimensions")
        shape = self._unpack("Q" * dimensions)
        kind, offset = self._unpack("IQ")
        if kind not in _TYPES:
            raise _MalformedError(f"the tensor {name!r} has the unknown type {kind}")
        label, block, size = _TYPES[kind]
        if not all(shape) or math.prod(shape) > 1 << 48 or shape[0] % block or offset % alignment:
            raise _MalformedError(f"the tensor {name!r} has an impossible shape or place")
        return Tensor(name, shape, label, offset, math.prod(shape) // block * size)

    def _token(self, values: dict[str, Any], mark: str) -> str:
        """The text of the beginning or end mark, looked up in the vocabulary."""
        number, tokens = values.get(f"tokenizer.ggml.{mark}_token_id"), values.get("tokenizer.ggml.tokens")
        if not isinstance(number, int) or number < 0:
            return ""
        if isinstance(tokens, tuple):
            found = tokens[number] if number < len(tokens) else ""
            return found if isinstance(found, str) else ""
        if not isinstance(tokens, LongArray) or tokens.kind != _STRING or number >= tokens.count:
            return ""
        self._handle.seek(tokens.at)
        self._at = tokens.at
        return next(text for at, text in enumerate(self._items(_STRING, number + 1)) if at == number)

    def _text(self, longest: int) -> str:
        (length,) = self._unpack("Q")
        if length > longest:
            raise _MalformedError(f"a text of {length:,} bytes stands where {longest:,} are allowed")
        try:
            return self._take(length).decode()
        except UnicodeDecodeError as exc:
            raise _MalformedError("a text in it is not UTF-8") from exc

    def _unpack(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{form}", self._take(struct.calcsize(f"<{form}")))

    def _skip(self, count: int) -> None:
        self._reach(count)
        self._handle.seek(self._at)

    def _take(self, count: int) -> bytes:
        self._reach(count)
        data = self._handle.read(count)
        if len(data) < count:
            raise _MalformedError("it became shorter while it was read")
        return data

    def _reach(self, count: int) -> None:
        self._at += count
        if self._at > self._size:
            raise _MalformedError(f"it ends at byte {self._size:,}, within its header")
        if self._at > LARGEST_HEADER:
            raise _MalformedError(f"its header is longer than {LARGEST_HEADER:,} bytes")


def _check_places(tensors: tuple[Tensor, ...], room: int) -> None:
    """Tensors lie within the file, apart from each other, each under a name of its own."""
    if len({tensor.name for tensor in tensors}) < len(tensors):
        raise _MalformedError("two tensors have one name")
    ordered = sorted(tensors, key=lambda tensor: tensor.offset)
    for tensor in ordered:
        if tensor.offset + tensor.size > room:
            raise _MalformedError(f"the tensor {tensor.name!r} ends behind the end of the file, which is cut off")
    for one, other in pairwise(ordered):
        if one.offset + one.size > other.offset:
            raise _MalformedError(f"the tensors {one.name!r} and {other.name!r} overlap")
