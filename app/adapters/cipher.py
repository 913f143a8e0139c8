"""AES-256-GCM under the workspace's data key (NIST SP 800-38D), one subkey a file or record."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import EnvironmentFault

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class AesGcmCipher:
    """Seals bytes as nonce, ciphertext and tag. The key is derived from the data key, which the database uses too.

    Nonces are random: with the 2**32 seals that one key may make, a workspace can hold millions of gigabytes at the
    chunk size of ``data.originals``.
    """

    def __init__(self, data_key: bytes) -> None:
        if len(data_key) != KEY_BYTES:
            raise ValueError(f"the data key has {KEY_BYTES} bytes")
        derived = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=b"caseworth originals").derive(
            data_key
        )
        self._aead = AESGCM(derived)

    def seal(self, name: str, plain: bytes) -> bytes:
        """Encrypt; only ``open`` under the same name and key gives ``plain`` back."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, name.encode())

    def open(self, name: str, sealed: bytes) -> bytes:
        """Decrypt; raises ``EnvironmentFault`` when the bytes were damaged or sealed under another name or key."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError) as exc:
            raise EnvironmentFault(
                f"The encrypted content {name} is damaged or belongs to another workspace.",
                remedy="Put back this file from the last backup of the workspace folder.",
            ) from exc
