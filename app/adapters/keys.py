"""The workspace's data key: random, wrapped under a key of the OS keyring or under a passphrase, in ``workspace.json``.

The file holds no secret: the format, how to get the wrapping key, the wrapped key, and a check value of the key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.adapters.keyrings import Keyring, KeyringError, KeyringSource, asked, find_keyring
from app.errors import EnvironmentFault, InputError

Passphrase = Callable[[bool], str]
"""``passphrase(new)`` asks the person; ``new`` when one is being chosen."""

FORMAT = 1
PASSPHRASE_FILE = "CASEWORTH_PASSPHRASE_FILE"  # noqa: S105  the name of a variable
SERVICE = "Caseworth workspace"
KEY_BYTES = 32

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**16, 8, 1  # 64 MiB and about a quarter of a second a guess
_SCRYPT_N_LIMIT = 2**20  # a crafted file must not take all memory

_LOST = "Put back the workspace folder's last backup. Without its key nobody can read the workspace."


def create_key(
    workspace_json: Path,
    passphrase: Passphrase | None,
    *,
    keyring: KeyringSource = find_keyring,
    limit_s: float = 15,
) -> bytes:
    """Make a data key, write ``workspace.json`` and return the key.

    A passphrase is used when ``CASEWORTH_PASSPHRASE_FILE`` names one, or when no usable keyring answers within
    ``limit_s``; ``keyring=no_keyring`` leaves the keyring out. Raises ``InputError("passphrase")`` when it is empty,
    ``EnvironmentFault`` when there is neither keyring nor passphrase, or the file is there already.
    """
    if workspace_json.exists():
        raise EnvironmentFault(
            f"{workspace_json.parent} is a workspace already.", remedy="Open it, or choose another folder."
        )
    key = secrets.token_bytes(KEY_BYTES)
    identity = secrets.token_hex(16)
    body = {"format": FORMAT, "workspace": identity, "check": _check(key)}
    body["key"] = _wrapped(key, identity, passphrase, keyring, limit_s)
    _write(workspace_json, body)
    return key


def unlock_key(
    workspace_json: Path,
    passphrase: Passphrase | None,
    *,
    keyring: KeyringSource = find_keyring,
    limit_s: float = 15,
) -> bytes:
    """Return the data key of a workspace; changes nothing on disk.

    Raises ``InputError("passphrase")`` when the passphrase is wrong, ``EnvironmentFault`` when the file is missing or
    damaged, when it is of a newer version, or when the keyring does not give the key.
    """
    body = read_workspace_json(workspace_json)
    lock = body["key"]
    if lock["by"] == "keyring":
        wrapping = _from_keyring(body["workspace"], lock, keyring, limit_s)
        wrong: Exception = EnvironmentFault("The keyring holds another key than this workspace's.", remedy=_LOST)
    else:
        wrapping = _derived(_given(passphrase, new=False), lock["kdf"])
        wrong = InputError("passphrase", "The passphrase is wrong.", remedy="Try again; nothing was changed.")
    key = _unwrapped(lock["wrapped"], wrapping, body["workspace"])
    if key is None:
        raise wrong
    if not hmac.compare_digest(_check(key), body["check"]):
        raise _damaged(workspace_json)
    return key


def change_passphrase(workspace_json: Path, key: bytes, passphrase: str) -> None:
    """Wrap the data key under a new passphrase, in place of what wrapped it; the data stay as they are."""
    body = read_workspace_json(workspace_json)
    body["key"] = _under_passphrase(key, body["workspace"], passphrase)
    _write(workspace_json, body)


def key_is_wrapped_by(workspace_json: Path) -> str:
    """``"keyring"`` or ``"passphrase"``, for the settings and ``doctor``."""
    by: str = read_workspace_json(workspace_json)["key"]["by"]
    return by


def read_workspace_json(path: Path) -> dict[str, Any]:
    """Read and check the file; raises ``EnvironmentFault`` when it is missing, damaged or of a newer version."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise EnvironmentFault(
            f"{path.parent} is not a Caseworth workspace: it has no {path.name}.",
            remedy="Choose the workspace's folder, or make a new one with 'caseworth init'.",
        ) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise _damaged(path) from exc
    try:
        body = json.loads(text)
        if isinstance(body, dict) and isinstance(body.get("format"), int) and body["format"] > FORMAT:
            raise EnvironmentFault(
                f"The workspace {path.parent} was written by a newer version of Caseworth (format {body['format']}; "
                f"this version knows {FORMAT}).",
                remedy="Install that version or a later one. Nothing was changed.",
            )
        if not hmac.compare_digest(body.pop("digest"), _digest(body)):
            raise _damaged(path)
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise _damaged(path) from exc
    return dict(body)


def _wrapped(
    key: bytes, identity: str, passphrase: Passphrase | None, keyring: KeyringSource, limit_s: float
) -> dict[str, Any]:
    if PASSPHRASE_FILE not in os.environ:
        backend = keyring(limit_s)
        wrapping = secrets.token_bytes(KEY_BYTES)
        if backend is not None and _kept(backend, identity, wrapping, limit_s):
            return {"by": "keyring", "service": SERVICE, "wrapped": _wrap(key, wrapping, identity)}
    return _under_passphrase(key, identity, _given(passphrase, new=True))


def _kept(backend: Keyring, identity: str, wrapping: bytes, limit_s: float) -> bool:
    """Store the wrapping key and read it back: some keyrings accept a password and keep nothing."""
    text = base64.b64encode(wrapping).decode()
    try:
        asked(lambda: backend.set_password(SERVICE, identity, text), limit_s)
        return asked(lambda: backend.get_password(SERVICE, identity), limit_s) == text
    except KeyringError:
        return False


def _from_keyring(identity: str, lock: Mapping[str, Any], keyring: KeyringSource, limit_s: float) -> bytes:
    remedy = "Unlock the keyring of your desktop session and start again, as the user who made the workspace."
    backend = keyring(limit_s)
    if backend is None:
        raise EnvironmentFault("This workspace's key is in the OS keyring, and none answers.", remedy=remedy)
    try:
        text = asked(lambda: backend.get_password(lock["service"], identity), limit_s)
    except KeyringError as exc:
        raise EnvironmentFault(f"The OS keyring does not give this workspace's key: {exc}", remedy=remedy) from exc
    if text is None:
        raise EnvironmentFault("The OS keyring does not hold this workspace's key.", remedy=remedy)
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as exc:
        raise EnvironmentFault("What the OS keyring holds for this workspace is no key.", remedy=_LOST) from exc


def _under_passphrase(key: bytes, identity: str, passphrase: str) -> dict[str, Any]:
    kdf = {"name": "scrypt", "n": SCRYPT_N, "r": SCRYPT_R, "p": SCRYPT_P, "salt": secrets.token_hex(16)}
    return {"by": "passphrase", "kdf": kdf, "wrapped": _wrap(key, _derived(passphrase, kdf), identity)}


def _given(passphrase: Passphrase | None, *, new: bool) -> str:
    """The passphrase from the named file, else from the person."""
    named = os.environ.get(PASSPHRASE_FILE)
    if named is not None:
        text = _from_file(Path(named))
    elif passphrase is not None:
        text = passphrase(new)
    else:
        raise EnvironmentFault(
            "A passphrase is needed: no usable OS keyring was found.",
            remedy=f"Name a file that holds it in {PASSPHRASE_FILE}.",
        )
    if not text:
        raise InputError("passphrase", "The passphrase is empty.", remedy="Give one of at least one character.")
    return text


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(
            "passphrase",
            f"The passphrase cannot be read from {path}: {exc}",
            remedy=f"Check the file that {PASSPHRASE_FILE} names: UTF-8 text, readable by you.",
        ) from exc


def _derived(passphrase: str, kdf: Mapping[str, Any]) -> bytes:
    """Wrapping key by scrypt (RFC 7914); the passphrase in NFKC, so that the same keys give the same bytes."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    n, r, p = int(kdf["n"]), int(kdf["r"]), int(kdf["p"])
    if kdf["name"] != "scrypt" or not (2**15 <= n <= _SCRYPT_N_LIMIT and 1 <= r <= 32 and 1 <= p <= 16):
        raise EnvironmentFault("workspace.json names a key derivation that this version does not know.", remedy=_LOST)
    secret = unicodedata.normalize("NFKC", passphrase).encode()
    return Scrypt(salt=bytes.fromhex(kdf["salt"]), length=KEY_BYTES, n=n, r=r, p=p).derive(secret)


def _wrap(key: bytes, wrapping: bytes, identity: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(12)
    return base64.b64encode(nonce + AESGCM(wrapping).encrypt(nonce, key, identity.encode())).decode()


def _unwrapped(wrapped: str, wrapping: bytes, identity: str) -> bytes | None:
    """The data key, or None when ``wrapping`` is not the key it was wrapped under."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sealed = base64.b64decode(wrapped)
    try:
        return AESGCM(wrapping).decrypt(sealed[:12], sealed[12:], identity.encode())
    except (InvalidTag, ValueError):
        return None


def _check(key: bytes) -> str:
    """Value that tells a wrong key from damaged data; it reveals nothing of the key."""
    return hmac.new(key, b"caseworth key check", hashlib.sha256).hexdigest()[:32]


def _digest(body: Mapping[str, Any]) -> str:
    """Checksum that tells a damaged file from a wrong passphrase; it is no protection against forgery."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _damaged(path: Path) -> EnvironmentFault:
    return EnvironmentFault(f"{path} cannot be read or is damaged.", remedy=_LOST)


def _write(path: Path, body: dict[str, Any]) -> None:
    """Write the file whole or not at all."""
    text = json.dumps(body | {"digest": _digest(body)}, indent=2, sort_keys=True) + "\n"
    part = path.with_suffix(".part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as exc:
        part.unlink(missing_ok=True)
        raise EnvironmentFault(
            f"{path} cannot be written: {exc.strerror}.", remedy="Check the disk's free space and the folder's rights."
        ) from exc
