"""Sealed bytes open only whole, under their own name and key."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.cipher import NONCE_BYTES, TAG_BYTES, AesGcmCipher
from app.errors import EnvironmentFault

KEY = bytes(range(32))
CIPHER = AesGcmCipher(KEY)


@given(name=st.text(max_size=20), plain=st.binary(max_size=200))
def test_what_is_sealed_opens_under_its_name(name: str, plain: bytes) -> None:
    sealed = CIPHER.seal(name, plain)
    assert CIPHER.open(name, sealed) == plain
    assert len(sealed) == NONCE_BYTES + len(plain) + TAG_BYTES


def test_the_same_bytes_never_look_the_same_twice() -> None:
    assert len({CIPHER.seal("a", b"plain") for _ in range(100)}) == 100


@settings(max_examples=60)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_found(place: int, bit: int) -> None:
    sealed = bytearray(CIPHER.seal("a", b"twelve hundred euros"))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(EnvironmentFault, match="damaged") as caught:
        CIPHER.open("a", bytes(sealed))
    assert caught.value.remedy


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27, 30])
def test_a_cut_off_one_is_found(length: int) -> None:
    with pytest.raises(EnvironmentFault):
        CIPHER.open("a", CIPHER.seal("a", b"some plain text")[:length])


def test_another_name_or_key_opens_nothing() -> None:
    sealed = CIPHER.seal("a", b"plain")
    with pytest.raises(EnvironmentFault):
        CIPHER.open("b", sealed)
    with pytest.raises(EnvironmentFault):
        AesGcmCipher(bytes(32)).open("a", sealed)


def test_the_data_key_itself_is_not_used() -> None:
    """The database is encrypted under it; the two must not share a key."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sealed = CIPHER.seal("a", b"plain")
    with pytest.raises(InvalidTag):
        AESGCM(KEY).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], b"a")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_our_own_fault(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        AesGcmCipher(bytes(length))
