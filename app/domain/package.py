"""The signed package (``.cwz``): which files it holds, its manifest, its signatures, its one possible byte form."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = "caseworth-package/1"
PAYLOAD_TYPE = "application/vnd.caseworth.manifest+json"
MANIFEST = "manifest.json"
REPORT_PDF = "report.pdf"
SEALED = "package.sealed"  # the event of a sealing
EVENTS = "events.jsonl"
JSON_FILES = (
    "decision.json",
    "facts.json",
    "findings.json",
    "report.json",
    "scorecard.json",
    "policy.json",
    "model.json",
)
CONTENTS = (*JSON_FILES, EVENTS, REPORT_PDF)
SIGNATURES = "signatures/"
SIZE_LIMIT = 256 * 1024 * 1024  # bytes of the file, and of all its parts together
JSON_LIMIT = 8 * 1024 * 1024  # bytes of one part that is not the PDF
FILE_LIMIT = 64  # parts

_SIGNATURE_NAME = re.compile(r"signatures/([a-z0-9-]{1,80})\.(json|pem)")
_PEM_HEAD, _PEM_FOOT = b"-----BEGIN PUBLIC KEY-----\n", b"\n-----END PUBLIC KEY-----\n"
_ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_MADE_BY = 0x0314  # Unix, zip 2.0
_NEEDS = 20
_DATE = 0x0021  # 1980-01-01, the first day a zip can name
_MODE = 0o100644 << 16


class PackageError(ValueError):
    """The bytes are not a package in its one form; the message says where they differ."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as the manifest names them; ``key`` is the SHA-256 of the Ed25519 SubjectPublicKeyInfo, hex."""

    person: str
    role: str
    key: str

    def to_json(self) -> dict[str, str]:
        return {"person": self.person, "role": self.role, "key": self.key}

    @property
    def stem(self) -> str:
        """File name of the signature: the person in ASCII where that says anything, and the start of the key."""
        plain = unicodedata.normalize("NFKD", self.person).encode("ascii", "ignore").decode().lower()
        words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
        return f"{words}-{self.key[:8]}" if words else self.key[:8]


def manifest(case_id: str, sealed_at: str, signers: tuple[Signer, ...], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Manifest over every file but the manifest and the signatures; JSON-ready.

    ``sealed_at`` is an ISO 8601 time in UTC.
    """
    return {
        "format": FORMAT,
        "case": case_id,
        "sealed_at": sealed_at,
        "signers": [signer.to_json() for signer in signers],
        "files": [
            {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for path, content in sorted(files.items())
        ],
    }


def pre_authentication_encoding(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """What a DSSE signature is made over (PAE, DSSE v1.0.2 protocol): ``DSSEv1 <len> <type> <len> <payload>``."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def key_id(public_key_pem: bytes) -> str:
    """Hex SHA-256 of an Ed25519 key's SubjectPublicKeyInfo (RFC 8410), the name keys go by.

    Raises ``PackageError`` unless the PEM is exactly what OpenSSL writes for such a key.
    """
    body = public_key_pem.removeprefix(_PEM_HEAD).removesuffix(_PEM_FOOT)
    try:
        spki = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        spki = b""
    exact = _PEM_HEAD + base64.b64encode(spki) + _PEM_FOOT == public_key_pem
    if not exact or len(spki) != 44 or not spki.startswith(_ED25519_SPKI):
        raise PackageError("not the PEM of an Ed25519 public key")
    return hashlib.sha256(spki).hexdigest()


def is_signature_name(name: str) -> bool:
    """Whether a part of that name may stand in ``signatures/``."""
    return _SIGNATURE_NAME.fullmatch(name) is not None


def in_order(names: set[str] | frozenset[str]) -> list[str]:
    """Order of the parts in the archive: manifest, contents, signatures by name, then anything else by name."""
    known = [MANIFEST, *CONTENTS]
    return [name for name in known if name in names] + sorted(names - set(known))


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """Return the one zip of these files: fixed order, fixed date, stored, no extra fields, no comment.

    Stored, because deflate gives other bytes with another zlib; so the same files are the same bytes everywhere,
    and a reader can tell any change of the container by making it again. Raises ``PackageError`` past the limits.
    """
    if len(files) > FILE_LIMIT or sum(map(len, files.values())) > SIZE_LIMIT:
        raise PackageError("the package would be larger than 256 MiB or hold more than 64 files")
    bodies, directory, offset = [], [], 0
    for name in in_order(frozenset(files)):
        local, central = _headers(name, files[name], offset)
        bodies += [local, files[name]]
        directory.append(central)
        offset += len(local) + len(files[name])
    entries = b"".join(directory)
    end = _END.pack(b"PK\5\6", 0, 0, len(directory), len(directory), len(entries), offset, 0)
    return b"".join([*bodies, entries, end])


def _headers(name: str, content: bytes, offset: int) -> tuple[bytes, bytes]:
    raw, crc, size = name.encode("ascii"), zlib.crc32(content), len(content)
    local = _LOCAL.pack(b"PK\3\4", _NEEDS, 0, 0, 0, _DATE, crc, size, size, len(raw), 0)
    central = _CENTRAL.pack(
        b"PK\1\2", _MADE_BY, _NEEDS, 0, 0, 0, _DATE, crc, size, size, len(raw), 0, 0, 0, 0, _MODE, offset
    )
    return local + raw, central + raw


def read_archive(data: bytes) -> dict[str, bytes]:
    """Return the parts of an archive that ``write_archive`` made, or one with changes inside its parts.

    Walks the parts from the first byte and reads no more than there is. It doesn't check: compare
    ``write_archive(read_archive(data))`` with ``data`` for that. Raises ``PackageError`` where the walk fails.
    """
    files: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\3\4":
        if len(files) >= FILE_LIMIT:
            raise PackageError("it holds more than 64 files")
        name, start, end = _part_at(data, at)
        if name in files:
            raise PackageError(f"it holds {name} twice")
        files[name] = data[start:end]
        at = end
    if not files or data[at : at + 4] != b"PK\1\2":
        raise PackageError(f"no part of a package at byte {at}")
    return files


def _part_at(data: bytes, at: int) -> tuple[str, int, int]:
    """Name, start and end of the content of the part whose header stands at ``at``."""
    if at + _LOCAL.size > len(data):
        raise PackageError(f"cut short at byte {at}")
    _, _, flags, method, _, _, _, packed, size, name_length, extra = _LOCAL.unpack_from(data, at)
    start = at + _LOCAL.size + name_length
    if flags or method or extra or packed != size or start + size > len(data):
        raise PackageError(f"the header at byte {at} is not one of a package")
    name = data[at + _LOCAL.size : start]
    if not name.isascii() or not name.decode().isprintable():
        raise PackageError(f"the name at byte {at} is not one of a package")
    return name.decode(), start, start + size
