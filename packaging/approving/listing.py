"""Every file of a folder with its SHA-256, in the form that ``sha256sum --check`` reads; signing and checking it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

OF_INSTALLATION = {"installed", "uninstall"}
"""What the archive for Linux adds beside the program when it installs it: its list of files and its remover."""


@dataclass(frozen=True, slots=True)
class Differences:
    """How a folder differs from its list; empty where it is what was listed."""

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.added)


def digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_of(folder: Path) -> list[Path]:
    """The files of a folder, without links, sorted by their path as it is written in the list."""
    found = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return sorted(found, key=lambda file: file.relative_to(folder).as_posix())


def links_of(folder: Path) -> dict[str, str]:
    """The links of a folder and what they point to. Raises ``SystemExit`` for one that leads out of it."""
    found = {}
    for link in sorted(folder.rglob("*")):
        if link.is_symlink():
            if not link.resolve().is_relative_to(folder.resolve()):
                raise SystemExit(f"{link} leads out of the folder, to {link.readlink()}.")
            found[link.relative_to(folder).as_posix()] = link.readlink().as_posix()
    return found


def sums(folder: Path) -> str:
    """One line a file: digest, two blanks, path."""
    return "".join(f"{digest(file)}  {file.relative_to(folder).as_posix()}\n" for file in files_of(folder))


def links(folder: Path) -> str:
    """One line a link: path, tabulator, target."""
    return "".join(f"{link}\t{target}\n" for link, target in links_of(folder).items())


def compare(folder: Path, listed: str, linked: str = "", *, apart: frozenset[str] = frozenset()) -> Differences:
    """Hold a folder against a list of ``sums`` and one of ``links``; files named in ``apart`` may be there besides."""
    wanted = {line[66:]: line[:64] for line in listed.splitlines()}
    pointed = dict(line.split("\t", 1) for line in linked.splitlines())
    found = {line[66:]: line[:64] for line in sums(folder).splitlines()}
    links_found = links_of(folder)
    return Differences(
        missing=tuple(sorted((wanted.keys() - found.keys()) | (pointed.keys() - links_found.keys()))),
        changed=tuple(
            sorted(
                [name for name in wanted.keys() & found.keys() if wanted[name] != found[name]]
                + [name for name in pointed.keys() & links_found.keys() if pointed[name] != links_found[name]]
            )
        ),
        added=tuple(sorted((found.keys() - wanted.keys() - apart) | (links_found.keys() - pointed.keys()))),
    )


def sign(text: bytes, key_pem: bytes) -> tuple[bytes, bytes]:
    """The Ed25519 signature (64 bytes) of a text and the public key in PEM. Raises ``SystemExit`` for another key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    key = load_pem_private_key(key_pem, None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SystemExit("The key is none of Ed25519: make one with `openssl genpkey -algorithm ed25519`.")
    return key.sign(text), key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def is_signed(text: bytes, signature: bytes, public_pem: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(public_pem)
    if not isinstance(key, Ed25519PublicKey):
        return False
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def fingerprint(public_pem: bytes) -> str:
    """SHA-256 of the key's public half (SubjectPublicKeyInfo, DER), by which a key goes."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    key = load_pem_public_key(public_pem)
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
