"""Small GGUF files, whole or with what a test asks for."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
VALUES: dict[str, Any] = {
    "general.architecture": "llama",
    "general.name": "House Model",
    "general.license": "apache-2.0",
    "general.file_type": 2,
    "llama.context_length": 8192,
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.ggml.tokens": ("<s>", "</s>", "a", "b"),
    "tokenizer.ggml.bos_token_id": 0,
    "tokenizer.ggml.eos_token_id": 1,
    "tokenizer.chat_template": CHATML,
}
TENSORS: tuple[tuple[str, tuple[int, ...], int], ...] = (("token_embd.weight", (64, 4), 2), ("norm.weight", (64,), 0))
_SIZES = {0: (1, 4), 2: (32, 18)}


def text(words: str) -> bytes:
    raw = words.encode()
    return struct.pack("<Q", len(raw)) + raw


def value(found: Any) -> bytes:
    """With its type before it."""
    if isinstance(found, bool):
        return struct.pack("<IB", 7, found)
    if isinstance(found, int):
        return struct.pack("<II", 4, found)
    if isinstance(found, str):
        return struct.pack("<I", 8) + text(found)
    if isinstance(found, bytes):  # raw: type and body as the test wants them
        return found
    items = [value(item) for item in found]
    kind = struct.unpack("<I", items[0][:4])[0]
    return struct.pack("<IIQ", 9, kind, len(items)) + b"".join(item[4:] for item in items)


def gguf(
    values: Mapping[str, Any] | None = None,
    tensors: Sequence[tuple[str, tuple[int, ...], int]] = TENSORS,
    *,
    version: int = 3,
) -> bytes:
    """The bytes of a file; a value of None leaves its key out."""
    said = {key: found for key, found in (VALUES | dict(values or {})).items() if found is not None}
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(said))
    head += b"".join(text(key) + value(found) for key, found in said.items())
    offset, body = 0, b""
    for name, shape, kind in tensors:
        head += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        head += struct.pack("<IQ", kind, offset)
        block, size = _SIZES[kind]
        count = 1
        for side in shape:
            count *= side
        body += b"\1" * (count // block * size)
        body += b"\0" * (-len(body) % 32)
        offset = len(body)
    return head + b"\0" * (-len(head) % 32) + body


def write(path: Path, content: bytes | None = None) -> Path:
    path.write_bytes(gguf() if content is None else content)
    return path
