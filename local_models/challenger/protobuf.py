"""Reads the wire format of protocol buffers, so that an ONNX file can be judged before any runtime sees it.

https://protobuf.dev/programming-guides/encoding/. Only what ONNX uses: varints, 64-bit and 32-bit words, and
length-delimited fields. Anything out of bounds raises ``ValueError``.
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _WORD64, _LENGTH, _WORD32 = 0, 1, 2, 5
_LONGEST_VARINT = 10

Field = tuple[int, int | bytes]
"""Number of a field and its value: an unsigned whole number, or the bytes of a text, a message or packed numbers."""


def read_message(data: bytes) -> Iterator[Field]:
    """The fields of a message in the order they stand."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        value: int | bytes
        if kind == _VARINT:
            value, at = _varint(data, at)
        elif kind in (_WORD64, _WORD32):
            size = 8 if kind == _WORD64 else 4
            value, at = _bytes(data, at, size), at + size
        elif kind == _LENGTH:
            size, at = _varint(data, at)
            value, at = _bytes(data, at, size), at + size
        else:
            raise ValueError(f"wire type {kind}")
        yield number, value


def signed(value: int) -> int:
    """A varint read as a signed 64-bit number."""
    return value - (1 << 64) if value >= 1 << 63 else value


def packed(data: bytes) -> list[int]:
    """The signed whole numbers of a packed field."""
    out, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        out.append(signed(value))
    return out


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(_LONGEST_VARINT):
        if at + shift >= len(data):
            break
        byte = data[at + shift]
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value & ((1 << 64) - 1), at + shift + 1
    raise ValueError("a number does not end")


def _bytes(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise ValueError("a field is longer than its message")
    return data[at : at + size]
