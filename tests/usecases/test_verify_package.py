"""Verifying: what is whole verifies, whatever is changed does not, and no bytes make it fall over."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.package_checker import PackageChecker
from app.adapters.signing_keys import PersonSigner
from app.domain.package import (
    CONTENTS,
    MANIFEST,
    PAYLOAD_TYPE,
    SIZE_LIMIT,
    Signer,
    manifest,
    pre_authentication_encoding,
    read_archive,
    write_archive,
)
from app.domain.verification import Verification
from app.errors import InputError
from app.ports import PdfSignature
from app.usecases.verify_package import verify_package
from tests.decided_case import PERSON, ROLE, PlainRenderer, decided_workspace, export, new_signer

Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> PersonSigner:
    return new_signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def package(signer: PersonSigner, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    workspace, case_id = decided_workspace()
    return export(
        workspace, case_id, tmp_path_factory.mktemp("out") / "a.cwz", signer, PlainRenderer()
    ).path.read_bytes()


@pytest.fixture(scope="module")
def parts(package: bytes) -> Parts:
    return read_archive(package)


@pytest.fixture
def verify(tmp_path: Path) -> Callable[..., Verification]:
    def verified(content: bytes, **arguments: Any) -> Verification:
        path = tmp_path / "a.cwz"
        path.write_bytes(content)
        return verify_package(path, PackageChecker(), **arguments)

    return verified


def resealed(parts: Parts, changes: Parts, signer: PersonSigner, **manifest_changes: Any) -> bytes:
    """The package with other contents, properly signed over again: what a dishonest signer can make."""
    contents = {name: content for name, content in (parts | changes).items() if name in CONTENTS}
    old = json.loads(parts[MANIFEST])
    signed_by = Signer(PERSON, ROLE, signer.key_id())
    made = manifest(old["case"], old["sealed_at"], (signed_by,), contents) | manifest_changes
    payload = rfc8785.dumps(made)
    signature = base64.b64encode(signer.sign(pre_authentication_encoding(payload))).decode()
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": signed_by.key, "sig": signature}],
    }
    seals = {
        f"signatures/{signed_by.stem}.json": rfc8785.dumps(envelope),
        f"signatures/{signed_by.stem}.pem": signer.public_key_pem(),
    }
    return write_archive({**contents, MANIFEST: payload, **seals})


def edited(content: bytes, change: Callable[[Any], Any]) -> bytes:
    """A JSON part after ``change``, canonical again."""
    value = json.loads(content)
    change(value)
    return rfc8785.dumps(value)


def test_a_whole_package_verifies(verify: Any, package: bytes, signer: PersonSigner) -> None:
    found = verify(package, trusted_keys={signer.key_id()})
    assert found.valid
    assert found.trusted
    assert found.problems == ()
    assert {part.status.value for part in found.parts} == {"intact"}
    assert {check.name for check in found.checks if check.holds} == {
        "json.canonical",
        "pdf.signature",
        "events.chain",
        "report.figures",
        "report.facts",
        "decision.consistent",
        "scorecard.version",
        "policy.version",
    }


def test_the_json_is_as_documented(verify: Any, package: bytes, parts: Parts, signer: PersonSigner) -> None:
    found = verify(package, trusted_keys={signer.key_id()}).to_json()
    assert list(found) == ["valid", "trusted", "case", "decision", "signatures", "parts", "checks", "problems"]
    assert found["case"] == "C-2026-000001"
    assert found["decision"] == json.loads(parts["decision.json"])["decision"]
    assert found["signatures"] == [
        {"person": PERSON, "role": ROLE, "key": signer.key_id(), "intact": True, "trusted": True}
    ]
    assert found["parts"][0] == {"name": "package", "status": "intact", "detail": ""}
    assert {part["name"] for part in found["parts"]} == {"package", *parts}
    assert found["checks"][0] == {"name": "json.canonical", "holds": True, "detail": ""}
    assert json.loads(json.dumps(found)) == found


def test_without_trusted_keys_nobody_is_trusted(verify: Any, package: bytes) -> None:
    found = verify(package)
    assert found.valid
    assert not found.trusted
    assert [signature.trusted for signature in found.signatures] == [False]


@pytest.mark.parametrize("trusted", [set(), {"0" * 64}])
def test_a_key_that_is_not_trusted_is_a_problem_when_asked(verify: Any, package: bytes, trusted: set[str]) -> None:
    found = verify(package, trusted_keys=trusted)
    assert not found.valid
    assert [signature.intact for signature in found.signatures] == [True]
    assert "not one of those you trust" in found.problems[0]


class RememberingChecker(PackageChecker):
    """Reads the same PDF once."""

    def __init__(self) -> None:
        self.seen: dict[bytes, PdfSignature] = {}

    def pdf_signature(self, pdf: bytes) -> PdfSignature:
        if pdf not in self.seen:
            self.seen[pdf] = super().pdf_signature(pdf)
        return self.seen[pdf]


def test_no_flipped_byte_verifies(package: bytes, signer: PersonSigner, tmp_path: Path) -> None:
    """Every byte of each kind of header, of the ends of the directory, and a sample of all else."""
    path, checker = tmp_path / "a.cwz", RememberingChecker()
    path.write_bytes(package)
    assert verify_package(path, checker).valid
    for at in _telling_places(package):
        path.write_bytes(package[:at] + bytes([package[at] ^ (1 << at % 8)]) + package[at + 1 :])
        found = verify_package(path, checker)
        assert not found.valid, f"byte {at} may be changed unseen"
        assert found.problems


def _telling_places(package: bytes) -> list[int]:
    """Two entries' headers and directory records whole, which all others repeat; these and the contents in samples."""
    places = set(range(0, len(package), 331))
    for number, (name, content) in enumerate(read_archive(package).items()):
        start = package.index(content)
        header = range(max(0, start - 30 - len(name)), start + 4)
        places |= set(header if number in (0, 3) else header[::7]) | {start + len(content) - 1}
        if name.startswith("signatures/"):
            places |= set(range(start, start + len(content), 9))
    directory, end = package.index(b"PK\1\2"), package.index(b"PK\5\6")
    places |= set(range(directory, directory + 120)) | set(range(directory, end, 7)) | set(range(end, len(package)))
    return sorted(place for place in places if place < len(package))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_other_edit_verifies(package: bytes, tmp_path: Path, data: st.DataObject) -> None:
    """Insert, delete or replace a run anywhere."""
    start = data.draw(st.integers(0, len(package)))
    end = data.draw(st.integers(start, min(len(package), start + 50)))
    new = data.draw(st.binary(max_size=50))
    changed = package[:start] + new + package[end:]
    if changed == package:
        return
    (tmp_path / "a.cwz").write_bytes(changed)
    assert not verify_package(tmp_path / "a.cwz", PackageChecker()).valid


@pytest.mark.parametrize("name", [MANIFEST, *CONTENTS])
def test_a_changed_part_is_named(verify: Any, parts: Parts, name: str) -> None:
    content = bytearray(parts[name])
    content[len(content) // 2] ^= 1
    found = verify(write_archive(parts | {name: bytes(content)}))
    assert {part.name: part.status.value for part in found.parts}[name] == "changed"
    assert not found.valid


def test_a_decision_that_nobody_signed_is_not_shown(verify: Any, parts: Parts) -> None:
    forged = edited(parts["decision.json"], lambda record: record["decision"].update(outcome="approve"))
    listed = edited(
        parts[MANIFEST],
        lambda record: next(entry for entry in record["files"] if entry["path"] == "decision.json").update(
            sha256=hashlib.sha256(forged).hexdigest(), size=len(forged)
        ),
    )
    found = verify(write_archive(parts | {"decision.json": forged, MANIFEST: listed}))
    assert not found.valid
    assert found.decision is None


@pytest.mark.parametrize("name", [MANIFEST, *CONTENTS])
def test_a_missing_part_is_named(verify: Any, parts: Parts, name: str) -> None:
    found = verify(write_archive({other: content for other, content in parts.items() if other != name}))
    assert {part.name: part.status.value for part in found.parts}[name] == "missing"
    assert not found.valid


@pytest.mark.parametrize("name", ["extra.json", "../../escape", "signatures/other.json", "signatures/other.pem", "a/b"])
def test_an_added_part_is_named(verify: Any, parts: Parts, name: str) -> None:
    found = verify(write_archive(parts | {name: b"{}"}))
    assert {part.name: part.status.value for part in found.parts}[name] == "unexpected"
    assert not found.valid


@pytest.mark.parametrize("suffix", [".json", ".pem"])
def test_a_missing_signature_is_named(verify: Any, parts: Parts, suffix: str) -> None:
    name = next(name for name in parts if name.startswith("signatures/") and name.endswith(suffix))
    found = verify(write_archive({other: content for other, content in parts.items() if other != name}))
    assert {part.name: part.status.value for part in found.parts}[name] == "missing"
    assert [signature.intact for signature in found.signatures] == [False]
    assert not found.valid


def test_another_persons_signature_is_not_this_ones(
    verify: Any, parts: Parts, tmp_path: Path, signer: PersonSigner
) -> None:
    """Signed over again by somebody else: valid in itself, but not trusted, and the PDF gives it away."""
    other = new_signer(tmp_path / "keys", "Mallory")
    found = verify(resealed(parts, {}, other), trusted_keys={signer.key_id()})
    assert not found.valid
    assert [signature.trusted for signature in found.signatures] == [False]
    assert any("did not sign the package" in problem for problem in found.problems)


def test_a_stolen_public_key_does_not_help(verify: Any, parts: Parts, tmp_path: Path, signer: PersonSigner) -> None:
    other = new_signer(tmp_path / "keys", "Mallory")
    forged = read_archive(resealed(parts, {}, other))
    honest = {name: content for name, content in parts.items() if name.endswith(".pem")}
    forged = {name: content for name, content in forged.items() if not name.endswith(".pem")} | honest
    found = verify(write_archive(forged), trusted_keys={signer.key_id()})
    assert not found.valid
    assert not any(signature.trusted for signature in found.signatures)


REWRITES: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "figure": (
        "report.json",
        lambda report: report["sentences"][0].update(text="The applicant asks for 13,000.00 EUR over 36 months."),
        "report.figures",
    ),
    "flagged": ("report.json", lambda report: report["sentences"][0].update(state="flagged"), "report.figures"),
    "lost fact": ("report.json", lambda report: report["sentences"][0].update(facts=["f0"]), "report.facts"),
    "lost input": ("facts.json", lambda facts: facts.update(left_out=[]), "report.facts"),
    "other case": ("decision.json", lambda record: record["case"].update(id="C-1"), "decision.consistent"),
    "other person": ("decision.json", lambda record: record["decision"].update(person="M"), "decision.consistent"),
    "no reasons": (
        "decision.json",
        lambda record: record["decision"].update(principal_reasons=[]),
        "decision.consistent",
    ),
    "reason without fact": (
        "decision.json",
        lambda record: record["decision"]["principal_reasons"][0].update(fact="f0"),
        "decision.consistent",
    ),
    "no such outcome": ("decision.json", lambda record: record["decision"].update(outcome="x"), "decision.consistent"),
    "no amount": ("decision.json", lambda record: record["decision"].update(amount=None), "decision.consistent"),
    "endless report": (
        "report.json",
        lambda report: report["sentences"].extend([report["sentences"][0]] * 5000),
        "report.figures",
    ),
    "unsealed decision": ("decision.json", lambda record: record["decision"].update(reason="x"), "events.chain"),
    "other scorecard": ("scorecard.json", lambda card: card["scorecard"].update(version="2"), "scorecard.version"),
    "other policy": ("policy.json", lambda record: record["policy"].update(name="x"), "policy.version"),
    "no object": ("model.json", lambda model: model.clear() or model.update(x=[1e300]), ""),
}


@pytest.mark.parametrize("case", REWRITES)
def test_a_dishonest_signer_is_found_out(verify: Any, parts: Parts, signer: PersonSigner, case: str) -> None:
    name, change, check = REWRITES[case]
    found = verify(resealed(parts, {name: edited(parts[name], change)}, signer))
    failed = {entry.name for entry in found.checks if not entry.holds}
    assert check in failed if check else not failed
    assert found.valid is not bool(check)
    assert all(signature.intact for signature in found.signatures)


def _lines(parts: Parts, change: Callable[[list[dict[str, Any]]], None]) -> Parts:
    events = [json.loads(line) for line in parts["events.jsonl"].splitlines()]
    change(events)
    return {"events.jsonl": b"".join(rfc8785.dumps(event) + b"\n" for event in events)}


def _rehash(event: dict[str, Any]) -> None:
    event["digest"] = hashlib.sha256(
        rfc8785.dumps({key: value for key, value in event.items() if key != "digest"})
    ).hexdigest()


def _relinked(events: list[dict[str, Any]]) -> None:
    """Event 4 follows event 3 directly; break the link and hash the event anew."""
    events[-1]["previous"] = "0" * 64
    _rehash(events[-1])


@pytest.mark.parametrize(
    "change",
    [
        lambda events: events[0].update(person="Mallory"),
        lambda events: events[0].update(at="2026-10-28T09:00:01+00:00"),
        lambda events: events.pop(),
        lambda events: events.reverse(),
        lambda events: events.insert(0, copy.deepcopy(events[0])),
        lambda events: events.clear(),
        lambda events: events[0].pop("seq"),
        lambda events: events[0].update(detail=3),
        _relinked,
    ],
)
def test_a_changed_chain_of_events_is_told(
    verify: Any, parts: Parts, signer: PersonSigner, change: Callable[[list[dict[str, Any]]], None]
) -> None:
    found = verify(resealed(parts, _lines(parts, change), signer))
    assert [entry.name for entry in found.checks if not entry.holds] == ["events.chain"]


def test_another_pdf_is_told(verify: Any, parts: Parts, signer: PersonSigner, tmp_path: Path) -> None:
    """The right person, but the PDF was replaced: unsigned, cut, or signed by somebody else."""
    other = new_signer(tmp_path / "keys", "Mallory")
    whole = parts["report.pdf"]
    plain = whole[: whole.index(b"%%EOF") + 6]
    from tests.decided_case import SEALED_AT

    for pdf in (plain, whole[:-10], b"", other.sign_pdf(plain, at=SEALED_AT, reason="x")):
        found = verify(resealed(parts, {"report.pdf": pdf}, signer))
        assert [entry.name for entry in found.checks if not entry.holds] == ["pdf.signature"]


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "caseworth-package/2"},
        {"signers": []},
        {"signers": [{"person": "x"}]},
        {"signers": 3},
        {"files": []},
        {"files": None},
        {"files": [{"path": "../x", "sha256": "", "size": 1}]},
        {"case": 7},
        {"more": True},
    ],
)
def test_a_manifest_of_another_shape_is_told(
    verify: Any, parts: Parts, signer: PersonSigner, changes: dict[str, Any]
) -> None:
    assert not verify(resealed(parts, {}, signer, **changes)).valid


JSON_BOMBS = {
    "deep": b"[" * 200_000,
    "deep object": b'{"a":' * 100_000,
    "huge number": b"9" * 100_000,
    "float": b"1e999",
    "nan": b"NaN",
    "surrogate": b'{"a":"\\ud800"}',
    "not utf-8": b'{"a":"\xff"}',
    "wrong shape": b"[]",
    "null": b"null",
    "nothing": b"",
    "twice": b'{"case":1,"case":2}',
    "spaced": b'{ "model": null }',
}


@pytest.mark.parametrize("bomb", JSON_BOMBS)
@pytest.mark.parametrize("name", ["manifest.json", "decision.json", "facts.json", "report.json", "events.jsonl"])
def test_hostile_json_is_answered(verify: Any, parts: Parts, signer: PersonSigner, name: str, bomb: str) -> None:
    """Signed or not."""
    assert not verify(write_archive(parts | {name: JSON_BOMBS[bomb]})).valid
    if name != MANIFEST:
        assert not verify(resealed(parts, {name: JSON_BOMBS[bomb]}, signer)).valid


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, [None], {"a": None}, True])
@pytest.mark.parametrize("name", ["decision.json", "facts.json", "report.json", "scorecard.json", "policy.json"])
def test_json_of_another_shape_is_answered(
    verify: Any, parts: Parts, signer: PersonSigner, name: str, value: object
) -> None:
    bare = rfc8785.dumps(value)  # type: ignore[arg-type]
    assert not verify(resealed(parts, {name: bare}, signer)).valid
    inner = edited(parts[name], lambda record: record.update(dict.fromkeys(record, value)))
    assert not verify(resealed(parts, {name: inner}, signer)).valid


def zipped(files: dict[str, bytes], **options: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_another_zip_tool_is_told_apart_from_changed_contents(verify: Any, parts: Parts) -> None:
    found = verify(zipped(parts, compression=zipfile.ZIP_DEFLATED))
    assert not found.valid
    assert [part.name for part in found.parts if part.status.value != "intact"] == ["package"]


def _symlink(parts: Parts) -> bytes:
    out = io.BytesIO(zipped(parts))
    with zipfile.ZipFile(out, "a") as archive:
        entry = zipfile.ZipInfo("link")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def _bomb() -> bytes:
    """A few hundred kilobytes that inflate to 300 MB."""
    return zipped({"facts.json": b"0" * (300 * 1024 * 1024)}, compression=zipfile.ZIP_DEFLATED, compresslevel=9)


def _lying_bomb() -> bytes:
    """A deflated part that says it is 10 bytes long."""
    content = bytearray(zipped({"facts.json": b"0" * 10_000_000}, compression=zipfile.ZIP_DEFLATED))
    for header, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", content, content.index(header) + place, 10)
    return bytes(content)


def _encrypted(package: bytes) -> bytes:
    content = bytearray(package)
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    return bytes(content)


HOSTILE: dict[str, Callable[[Parts, bytes], bytes]] = {
    "empty": lambda parts, package: b"",
    "text": lambda parts, package: b"not a package",
    "zeros": lambda parts, package: bytes(100_000),
    "only the end": lambda parts, package: package[package.index(b"PK\5\6") :],
    "empty zip": lambda parts, package: zipped({}),
    "prepended": lambda parts, package: b"#!/bin/sh\n" + package,
    "trailing": lambda parts, package: package + b"\n",
    "comment": lambda parts, package: package[:-2] + b"\x05\x00hello",
    "truncated": lambda parts, package: package[: len(package) // 2],
    "twice": lambda parts, package: package + package,
    "nested": lambda parts, package: zipped({"a.cwz": package}),
    "traversal": lambda parts, package: zipped({"../../etc/cron.d/x": b"x", **parts}),
    "absolute": lambda parts, package: zipped({"/etc/passwd": b"x"}),
    "symlink": lambda parts, package: _symlink(parts),
    "bomb": lambda parts, package: _bomb(),
    "lying bomb": lambda parts, package: _lying_bomb(),
    "encrypted": lambda parts, package: _encrypted(package),
    "many": lambda parts, package: zipped({str(number): b"" for number in range(5000)}),
    "duplicate": lambda parts, package: package[: package.index(b"PK\1\2")] * 2 + package[package.index(b"PK\1\2") :],
    "unicode name": lambda parts, package: zipped({"facts\u202e.json": b"x", **parts}),
    "zip64": lambda parts, package: _forced_zip64(parts),
    "lzma": lambda parts, package: zipped(parts, compression=zipfile.ZIP_LZMA),
    "bzip2 broken": lambda parts, package: zipped(parts, compression=zipfile.ZIP_BZIP2).replace(b"BZh", b"BZx"),
}


def _forced_zip64(parts: Parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            with archive.open(name, "w", force_zip64=True) as part:
                part.write(content)
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_containers_are_answered(verify: Any, parts: Parts, package: bytes, case: str) -> None:
    found = verify(HOSTILE[case](parts, package))
    assert not found.valid
    assert found.problems
    assert json.dumps(found.to_json())


def test_a_file_past_the_limit_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.cwz"
    with path.open("wb") as file:
        file.truncate(SIZE_LIMIT * 40)
    found = verify_package(path, PackageChecker())
    assert "larger than 256 MiB" in found.problems[0]


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        verify_package(tmp_path / "none.cwz", PackageChecker())
    with pytest.raises(InputError, match="not a file"):
        verify_package(tmp_path, PackageChecker())
    with pytest.raises(InputError, match="not a file"):
        verify_package(Path("/dev/zero"), PackageChecker())


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_any_bytes_are_answered(tmp_path: Path, content: bytes) -> None:
    for head in (b"", b"PK\3\4", b"PK\5\6"):
        (tmp_path / "a.cwz").write_bytes(head + content)
        assert not verify_package(tmp_path / "a.cwz", PackageChecker()).valid


def test_the_import_is_light() -> None:
    """No cryptography, PDF library or Qt before something asks for them."""
    code = (
        "import sys, app.usecases.verify_package, app.adapters.package_checker; "
        "print(sorted({'cryptography','pyhanko','typst','matplotlib','PySide6','pandas','duckdb'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert printed.strip() == "[]"
