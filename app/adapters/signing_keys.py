"""A person's signing keys: Ed25519 for the package, ECDSA P-256 with a self-issued certificate for the PDF.

One file a person holds both private keys as PKCS#8, encrypted under a passphrase that follows from the workspace's
data key, and the certificate. Without the workspace's key the file is useless.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.package import key_id
from app.errors import EnvironmentFault, InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.x509 import Certificate

_PEM = re.compile(rb"-----BEGIN ([A-Z ]+)-----\n[A-Za-z0-9+/=\n]+-----END \1-----\n")
_CERTIFICATE_YEARS = 10
_REMEDY = "Restore the workspace's keys folder from a backup, or make new keys and tell those who trust the old ones."


@dataclass(frozen=True, slots=True)
class PersonSigner:
    """Signs as one person in one role; meets ``ports.Signer``."""

    person: str
    role: str
    _package_key: Ed25519PrivateKey = field(repr=False)
    _pdf_key: EllipticCurvePrivateKey = field(repr=False)
    _certificate: Certificate = field(repr=False)

    def sign(self, payload: bytes) -> bytes:
        """Raw Ed25519 signature (64 bytes)."""
        return self._package_key.sign(payload)

    def public_key_pem(self) -> bytes:
        """SubjectPublicKeyInfo of the Ed25519 key."""
        return _public_pem(self._package_key)

    def key_id(self) -> str:
        """Fingerprint of the Ed25519 key, as packages name it."""
        return key_id(self.public_key_pem())

    def certificate_pem(self) -> bytes:
        """Certificate of the P-256 key, for PDF readers that keep a list of trusted signers."""
        from cryptography.hazmat.primitives.serialization import Encoding

        return self._certificate.public_bytes(Encoding.PEM)

    def sign_pdf(self, pdf: bytes, *, at: datetime, reason: str) -> bytes:
        """PAdES B-B signature over the whole file, as an incremental update; ``at`` is the claimed time."""
        from app.adapters.pades import sign_pdf

        return sign_pdf(pdf, self._pdf_key, self._certificate, at=at, reason=reason)


def key_file(keys_dir: Path, person: str) -> Path:
    """Where a person's keys lie; the name is a digest, so that any name of a person is a good file name."""
    return keys_dir / f"{hashlib.sha256(person.encode()).hexdigest()[:24]}.pem"


def create_signer(
    keys_dir: Path, data_key: bytes, person: str, role: str, *, at: datetime | None = None
) -> PersonSigner:
    """Make and store the person's keys; ``at`` starts the certificate's ten years (default: now).

    Raises ``InputError`` if the name is blank or the person has keys already, ``EnvironmentFault`` if they cannot
    be written.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    path = key_file(keys_dir, person)
    if not person.strip():
        raise InputError("person", "Signing keys need the name of a person.", remedy="Set your name in the settings.")
    if path.exists():
        raise InputError("person", f"{person} has signing keys already.", remedy="Use those.")
    package_key, pdf_key = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
    certificate = _self_issued(person, key_id(_public_pem(package_key)), pdf_key, at or datetime.now(UTC))
    signer = PersonSigner(person, role, package_key, pdf_key, certificate)
    _store(path, _encrypted(signer, _passphrase(data_key, person)))
    return signer


def load_signer(keys_dir: Path, data_key: bytes, person: str, role: str) -> PersonSigner:
    """Read the person's keys. Raises ``EnvironmentFault`` when they are missing, damaged or of another workspace."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    path = key_file(keys_dir, person)
    package_pem, pdf_pem, certificate_pem = _blocks(path, person)
    try:
        package_key = load_pem_private_key(package_pem, _passphrase(data_key, person))
        pdf_key = load_pem_private_key(pdf_pem, _passphrase(data_key, person))
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        whole = certificate.public_key() == pdf_key.public_key()
        certificate.verify_directly_issued_by(certificate)
        named = _key_named(certificate)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, LookupError) as exc:
        raise _damaged(path, person) from exc
    if not isinstance(package_key, ed25519.Ed25519PrivateKey) or not isinstance(pdf_key, ec.EllipticCurvePrivateKey):
        raise _damaged(path, person)
    if not whole or named != key_id(_public_pem(package_key)):
        raise _damaged(path, person)
    return PersonSigner(person, role, package_key, pdf_key, certificate)


def ensure_signer(keys_dir: Path, data_key: bytes, person: str, role: str) -> PersonSigner:
    """Load the person's keys, or make them where there are none yet."""
    if key_file(keys_dir, person).exists():
        return load_signer(keys_dir, data_key, person, role)
    return create_signer(keys_dir, data_key, person, role)


def trusted_keys(path: Path) -> frozenset[str]:
    """Fingerprints of the public keys in a PEM file, or in the ``*.pem`` files of a folder.

    Raises ``InputError`` where a file is missing or holds anything else, so that no key is overlooked in silence.
    """
    files = sorted(path.glob("*.pem")) if path.is_dir() else [path]
    if not files:
        raise InputError("trusted", "The folder holds no .pem file.", file=str(path))
    return frozenset(_fingerprint(file) for file in files)


def _fingerprint(file: Path) -> str:
    try:
        return key_id(file.read_bytes().replace(b"\r\n", b"\n"))
    except (OSError, ValueError) as exc:
        raise InputError(
            "trusted",
            "This is not the public key of a signer.",
            remedy="Give the .pem file that the signer's workspace exported.",
            file=str(file),
        ) from exc


def _public_pem(key: Ed25519PrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _passphrase(data_key: bytes, person: str) -> bytes:
    """HKDF-SHA256 of the data key; bound to the person, so that files cannot be swapped."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = b"caseworth signing keys\0" + person.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(data_key).hex().encode()


def _self_issued(person: str, package_key_id: str, key: EllipticCurvePrivateKey, at: datetime) -> Certificate:
    """Certificate for signing documents; its subject's serial number is the person's Ed25519 key id."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    start = at.astimezone(UTC).replace(microsecond=0) - timedelta(days=1)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, _fitting(person)),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, package_key_id),
        ]
    )
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
    ) | {"encipher_only": False, "decipher_only": False}
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=366 * _CERTIFICATE_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _fitting(person: str) -> str:
    """A common name holds 64 characters (X.520), counted as bytes of UTF-8 by those who read it strictly."""
    raw = person.encode()
    return person if len(raw) <= 64 else raw[:61].decode(errors="ignore") + "…"


def _key_named(certificate: Certificate) -> str:
    """The Ed25519 key id in the subject."""
    from cryptography.x509.oid import NameOID

    return str(certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value)


def _encrypted(signer: PersonSigner, passphrase: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    protection = BestAvailableEncryption(passphrase)
    keys = (signer._package_key, signer._pdf_key)  # noqa: SLF001 (this module owns the class)
    private = (key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection) for key in keys)
    return b"".join([*private, signer.certificate_pem()])


def _store(path: Path, content: bytes) -> None:
    """Write readable by the owner only, and put it in place in one step."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as exc:
        with contextlib.suppress(OSError):
            part.unlink()
        raise EnvironmentFault(
            f"The signing keys could not be written to {path.parent}: {exc.strerror}.",
            remedy="Free some space or mend the folder's permissions.",
        ) from exc


def _blocks(path: Path, person: str) -> tuple[bytes, bytes, bytes]:
    try:
        content = path.read_bytes()
    except FileNotFoundError as exc:
        raise EnvironmentFault(f"{person} has no signing keys in this workspace.", remedy=_REMEDY) from exc
    except OSError as exc:
        raise EnvironmentFault(f"The signing keys of {person} cannot be read: {exc.strerror}.", remedy=_REMEDY) from exc
    found = [match.group(0) for match in _PEM.finditer(content)]
    if len(found) != 3 or b"".join(found) != content:
        raise _damaged(path, person)
    return found[0], found[1], found[2]


def _damaged(path: Path, person: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"The signing keys of {person} ({path.name}) are damaged or belong to another workspace.", remedy=_REMEDY
    )
