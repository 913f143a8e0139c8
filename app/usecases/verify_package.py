"""Check a signed package with nothing but the file: no workspace, no network, nothing believed that isn't signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

from app.domain.case import Outcome
from app.domain.package import (
    CONTENTS,
    EVENTS,
    FILE_LIMIT,
    FORMAT,
    JSON_FILES,
    JSON_LIMIT,
    MANIFEST,
    PAYLOAD_TYPE,
    REPORT_PDF,
    SEALED,
    SIGNATURES,
    SIZE_LIMIT,
    PackageError,
    Signer,
    is_signature_name,
    key_id,
    pre_authentication_encoding,
    read_archive,
    write_archive,
)
from app.domain.package_contents import exceeds_a_report, names_with_digits
from app.domain.package_figures import unsupported_figures
from app.domain.verification import Check, Part, PartStatus, SignatureStatus, Verification
from app.errors import InputError
from app.ports import PackageChecker, event_from_json

_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What a part of the wrong shape raises when it is read (JSON and Unicode errors are ``ValueError``)."""


@dataclass(frozen=True, slots=True)
class _Manifest:
    case: str
    signers: tuple[Signer, ...]
    files: Mapping[str, tuple[str, int]]  # path -> SHA-256, size


def verify_package(path: Path, checker: PackageChecker, *, trusted_keys: Collection[str] | None = None) -> Verification:
    """Say what the package is worth, part by part; see ``Verification``.

    ``trusted_keys`` are key fingerprints. Without them the package is checked for being whole and signed, and no
    signature counts as trusted; with them, a signature of any other key is a problem. Hostile bytes make the package
    invalid and never raise. Raises ``InputError`` only if there is no readable file at ``path``.
    """
    data = _read(path)
    files, container = _open(data)
    content = files.get(MANIFEST, b"")
    manifest, why = _manifest(content)
    signatures, signature_parts = _signatures(files, content, manifest, checker, frozenset(trusted_keys or ()))
    signed = bool(signatures) and all(signature.intact for signature in signatures)
    parts = [container, _manifest_part(content, why, signed), *_content_parts(files, manifest), *signature_parts]
    intact = {part.name: files[part.name] for part in parts if part.status is PartStatus.INTACT and part.name in files}
    checks = tuple(_checks(intact, manifest, checker)) if manifest else ()
    decision = _records(intact)[0].get("decision.json", {}).get("decision") if MANIFEST in intact else None
    return Verification(
        case=manifest.case if manifest else None,
        decision=decision if isinstance(decision, dict) else None,
        signatures=tuple(signatures),
        parts=tuple(parts),
        checks=checks,
        problems=tuple(_problems(parts, signatures, checks, trust_asked=trusted_keys is not None)),
    )


def _read(path: Path) -> bytes:
    """At most one byte more than a package may have."""
    try:
        if path.exists() and not path.is_file():
            raise InputError("package", "This is not a file.", remedy="Give a .cwz file.", file=str(path))
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError as exc:
        raise InputError(
            "package", f"It cannot be read: {exc.strerror}.", remedy="Give a .cwz file.", file=str(path)
        ) from exc


def _open(data: bytes) -> tuple[dict[str, bytes], Part]:
    """The parts, as far as they can be found, and the state of the container around them."""
    if len(data) > SIZE_LIMIT:
        return {}, Part("package", PartStatus.CHANGED, "larger than 256 MiB, which no package is")
    try:
        files = read_archive(data)
    except PackageError as exc:
        return _parts_of_any_zip(data), Part("package", PartStatus.CHANGED, f"not a package as it was written: {exc}")
    if write_archive(files) != data:
        return files, Part("package", PartStatus.CHANGED, "the bytes around or inside its parts were changed")
    return files, Part("package", PartStatus.INTACT)


def _parts_of_any_zip(data: bytes) -> dict[str, bytes]:
    """Plain parts of a zip that another tool wrote, so that they can still be told apart; nothing past the limits."""
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > FILE_LIMIT or sum(entry.file_size for entry in entries) > SIZE_LIMIT:
                return {}
            for entry in entries:
                if entry.filename in (MANIFEST, *CONTENTS) or is_signature_name(entry.filename):
                    with archive.open(entry) as part:
                        files[entry.filename] = part.read(entry.file_size)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error, *_UNREADABLE):
        return files
    return files


def _canonical(content: bytes) -> Any:
    """Parse JSON that must be RFC 8785. Raises ``ValueError`` or another of ``_UNREADABLE`` where it is not."""
    if len(content) > JSON_LIMIT:
        raise ValueError("larger than 8 MiB")
    value = json.loads(content)
    if rfc8785.dumps(value) != content:
        raise ValueError("not canonical JSON (RFC 8785)")
    return value


def _manifest(content: bytes) -> tuple[_Manifest | None, str]:
    """The manifest, or why it is none."""
    if not content:
        return None, ""
    try:
        value = _canonical(content)
        if set(value) != {"format", "case", "sealed_at", "signers", "files"} or value["format"] != FORMAT:
            return None, f"not a manifest of {FORMAT}"
        signers = tuple(Signer(str(s["person"]), str(s["role"]), str(s["key"])) for s in value["signers"])
        files = {str(f["path"]): (str(f["sha256"]), int(f["size"])) for f in value["files"]}
        if list(files) != sorted(files) or len(files) != len(value["files"]) or MANIFEST in files:
            return None, "its list of files is not in order"
        if len({signer.key for signer in signers}) != len(signers):
            return None, "it names a signer twice"
        return _Manifest(str(value["case"]), signers, files), ""
    except _UNREADABLE as exc:
        return None, f"cannot be read: {exc}"


def _manifest_part(content: bytes, why: str, signed: bool) -> Part:
    if not content:
        return Part(MANIFEST, PartStatus.MISSING)
    if why or not signed:
        return Part(MANIFEST, PartStatus.CHANGED, why or "no intact signature covers it")
    return Part(MANIFEST, PartStatus.INTACT)


def _content_parts(files: Mapping[str, bytes], manifest: _Manifest | None) -> Iterator[Part]:
    """Status of every part that is there or should be, but the manifest and the signatures."""
    listed = manifest.files if manifest else {}
    for name in dict.fromkeys((*CONTENTS, *listed)):
        if name not in files:
            yield Part(name, PartStatus.MISSING)
        elif name not in listed or name not in CONTENTS:
            yield Part(name, PartStatus.UNEXPECTED, "the manifest does not name it" if manifest else "not signed")
        elif (hashlib.sha256(files[name]).hexdigest(), len(files[name])) != listed[name]:
            yield Part(name, PartStatus.CHANGED, "its SHA-256 is not the one in the manifest")
        else:
            yield Part(name, PartStatus.INTACT)
    for name in files:
        if name not in (MANIFEST, *CONTENTS) and name not in listed and not name.startswith(SIGNATURES):
            yield Part(name, PartStatus.UNEXPECTED, "no part of a package has this name")


def _signatures(
    files: Mapping[str, bytes],
    content: bytes,
    manifest: _Manifest | None,
    checker: PackageChecker,
    trusted: frozenset[str],
) -> tuple[list[SignatureStatus], list[Part]]:
    """One status for every signer the manifest names, and the state of every file under ``signatures/``."""
    expected = {SIGNATURES + signer.stem: signer for signer in (manifest.signers if manifest else ())}
    statuses, parts = [], []
    for stem, signer in expected.items():
        problem = _signature_problem(files.get(f"{stem}.json"), files.get(f"{stem}.pem"), content, signer, checker)
        intact = not problem
        statuses.append(
            SignatureStatus(signer.person, signer.role, signer.key, intact, intact and signer.key in trusted)
        )
        for name in (f"{stem}.json", f"{stem}.pem"):
            state = PartStatus.INTACT if intact else PartStatus.CHANGED if name in files else PartStatus.MISSING
            parts.append(Part(name, state, "" if name not in files else problem))
    named = {part.name for part in parts}
    for name in files:
        if name.startswith(SIGNATURES) and name not in named:
            parts.append(Part(name, PartStatus.UNEXPECTED, "the manifest names no such signer"))
    return statuses, parts


def _signature_problem(
    envelope: bytes | None, pem: bytes | None, payload: bytes, signer: Signer, checker: PackageChecker
) -> str:
    """Why the DSSE envelope is not this signer's over this payload; empty where it is."""
    if envelope is None or pem is None:
        return "its signature or its public key is missing"
    try:
        if key_id(pem) != signer.key:
            return "the public key is not the one the manifest names"
        value = _canonical(envelope)
        encoded = base64.b64encode(payload).decode()
        signature = base64.b64decode(value["signatures"][0]["sig"], validate=True)
        canonical = base64.b64encode(signature).decode()
        entries = [{"keyid": signer.key, "sig": canonical}]
    except (binascii.Error, *_UNREADABLE) as exc:
        return f"it cannot be read: {exc}"
    if value != {"payload": encoded, "payloadType": PAYLOAD_TYPE, "signatures": entries}:
        return "the envelope is not that of this manifest"
    if not checker.signature_holds(pem, pre_authentication_encoding(payload), signature):
        return "the signature is not that key's over this manifest"
    return ""


def _checks(files: Mapping[str, bytes], manifest: _Manifest, checker: PackageChecker) -> Iterator[Check]:
    """What must hold between intact parts; a check whose parts are not intact fails."""
    records, faults = _records(files)
    tests: tuple[tuple[str, Callable[[], str], tuple[str, ...]], ...] = (
        ("json.canonical", lambda: "; ".join(faults), JSON_FILES),
        ("pdf.signature", lambda: _pdf_problem(files[REPORT_PDF], manifest, checker), (REPORT_PDF,)),
        ("events.chain", lambda: _events_problem(files, manifest), (EVENTS, "decision.json")),
        ("report.figures", lambda: _figures_problem(records, manifest), ("report.json", "facts.json")),
        ("report.facts", lambda: _facts_problem(records), ("report.json", "facts.json")),
        ("decision.consistent", lambda: _decision_problem(records, manifest), ("decision.json", "facts.json")),
        ("scorecard.version", lambda: _scorecard_problem(records["scorecard.json"]), ("scorecard.json",)),
        ("policy.version", lambda: _policy_problem(records["policy.json"]), ("policy.json",)),
    )
    for name, problem_of, needs in tests:
        missing = [part for part in needs if part not in files]
        problem = f"{', '.join(missing)} not intact" if missing else _guarded(problem_of)
        yield Check(name, not problem, problem)


def _records(files: Mapping[str, bytes]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The JSON parts that can be read, each parsed once; and why the others cannot."""
    records, faults = {}, []
    for name in (name for name in JSON_FILES if name in files):
        try:
            value = _canonical(files[name])
        except _UNREADABLE as exc:
            faults.append(f"{name}: {exc}")
            continue
        if isinstance(value, dict):
            records[name] = value
        else:
            faults.append(f"{name} is not an object")
    return records, faults


def _guarded(problem_of: Callable[[], str]) -> str:
    try:
        return problem_of()
    except _UNREADABLE as exc:
        return f"a part has not the shape it should have ({type(exc).__name__}: {exc})"


def _pdf_problem(pdf: bytes, manifest: _Manifest, checker: PackageChecker) -> str:
    status = checker.pdf_signature(pdf)
    if not status.intact or not status.valid:
        return status.detail or "the PDF's signature does not hold"
    if status.key not in {signer.key for signer in manifest.signers}:
        return f"the PDF was signed by {status.person or 'somebody'}, who did not sign the package"
    return ""


def _events_problem(files: Mapping[str, bytes], manifest: _Manifest) -> str:
    """Each event's hash, the order, the links between neighbours, and that the last one seals this decision."""
    lines = files[EVENTS].split(b"\n")
    if len(files[EVENTS]) > JSON_LIMIT or lines.pop() != b"" or not lines:
        return "the list of events is empty or cut short"
    last = None
    for line in lines:
        event = event_from_json(_canonical(line))
        if event.digest != event.expected_digest() or event.case_id != manifest.case:
            return f"event {event.seq} was changed"
        if last and (event.seq <= last.seq or (event.seq == last.seq + 1 and event.previous != last.digest)):
            return f"event {event.seq} does not follow event {last.seq}"
        last = event
    assert last
    digest = hashlib.sha256(files["decision.json"]).hexdigest()
    sealed = last.what == SEALED and last.detail.get("decision") == digest
    return "" if sealed else "the last event does not seal this decision"


def _figures_problem(records: Mapping[str, dict[str, Any]], manifest: _Manifest) -> str:
    facts, sentences = records["facts.json"]["facts"], records["report.json"]["sentences"]
    if exceeds_a_report(sentences, facts):
        return "the report or its facts are larger than any that is written"
    result, score = records["policy.json"]["result"], records["scorecard.json"]["score"]
    names = names_with_digits(manifest.case, result, score, facts)
    for sentence in sentences:
        wrong = unsupported_figures(sentence["text"], facts, names)
        if wrong or sentence["state"] == "flagged":
            return f"no fact supports {', '.join(wrong) or 'what is marked'} in: {sentence['text']}"
    for text in _further_texts(records["report.json"]):
        if wrong := unsupported_figures(text, facts, names):
            return f"no fact supports {', '.join(wrong)} in: {text}"
    return ""


def _further_texts(report: Mapping[str, Any]) -> list[str]:
    """The summary and the questions, where the report has any."""
    summary = report.get("summary")
    return [*([str(summary["text"])] if summary else []), *(str(q["text"]) for q in report.get("questions", ()))]


def _facts_problem(records: Mapping[str, dict[str, Any]]) -> str:
    """Every fact that a sentence or a computation names is in the package, or said to be left out."""
    facts, sentences = records["facts.json"]["facts"], records["report.json"]["sentences"]
    known = {fact["id"] for fact in facts}
    left_out = {entry["id"] for entry in records["facts.json"]["left_out"]}
    if not sentences:
        return "the report says nothing"
    for sentence in sentences:
        if lost := set(sentence["facts"]) - known:
            return f"the sentence {sentence['key']} names facts that are not there: {', '.join(sorted(lost))}"
    for fact in facts:
        if lost := set(fact["source"].get("inputs", ())) - known - left_out:
            return f"the fact {fact['id']} was computed from facts that are not there: {', '.join(sorted(lost))}"
    return ""


def _decision_problem(records: Mapping[str, dict[str, Any]], manifest: _Manifest) -> str:
    record = records["decision.json"]
    decision, reasons = record["decision"], record["decision"]["principal_reasons"]
    outcome = Outcome(decision["outcome"])
    known = {fact["id"] for fact in records["facts.json"]["facts"]}
    if record["case"]["id"] != manifest.case:
        return "the decision is of another case"
    if decision["person"] not in {signer.person for signer in manifest.signers}:
        return f"{decision['person']} decided, and did not sign"
    if outcome in (Outcome.DECLINE, Outcome.COUNTER_OFFER) and not 1 <= len(reasons) <= 4:
        return "it must give one to four principal reasons"
    if outcome in (Outcome.APPROVE, Outcome.COUNTER_OFFER) and None in (decision["amount"], decision["term_months"]):
        return "it grants a loan without an amount or a term"
    if any(reason["fact"] is not None and reason["fact"] not in known for reason in reasons):
        return "a principal reason rests on a fact that is not there"
    return ""


def _scorecard_problem(record: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(rfc8785.dumps(record["scorecard"])).hexdigest()
    return "" if record["score"]["sha256"] == digest else "the score was made with another scorecard"


def _policy_problem(record: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(rfc8785.dumps(record["policy"])).hexdigest()
    return "" if record["result"]["sha256"] == digest else "the case was judged by another policy"


def _problems(
    parts: Collection[Part], signatures: Collection[SignatureStatus], checks: Collection[Check], *, trust_asked: bool
) -> Iterator[str]:
    for part in parts:
        if part.status is not PartStatus.INTACT:
            yield f"{part.name} is {part.status.value}" + (f": {part.detail}." if part.detail else ".")
    if not signatures:
        yield "Nobody's signature covers this package."
    for signature in signatures:
        if not signature.intact:
            yield f"The signature of {signature.person} does not hold."
        elif trust_asked and not signature.trusted:
            yield f"The key {signature.key} of {signature.person} is not one of those you trust."
    for check in checks:
        if not check.holds:
            yield f"{check.name} fails: {check.detail}."
