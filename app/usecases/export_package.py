"""Seal a decided case into a signed package."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785

from app.domain.case import Case, Decision, Status
from app.domain.changes import Changes
from app.domain.facts import Catalogue
from app.domain.inventory import Entry, told_in_package
from app.domain.package import (
    EVENTS,
    JSON_LIMIT,
    MANIFEST,
    PAYLOAD_TYPE,
    REPORT_PDF,
    SEALED,
    SIGNATURES,
    key_id,
    manifest,
    pre_authentication_encoding,
    write_archive,
)
from app.domain.package import Signer as NamedSigner
from app.domain.package_contents import Dossier, cited_facts, exceeds_a_report, facts_rested_on
from app.domain.policy import PolicyResult
from app.domain.qualification import SETTING, record_then
from app.domain.score import Score
from app.errors import EnvironmentFault, InputError
from app.ports import Clock, Event, Renderer, Signer, Stores, Workspace
from app.usecases.staging import staged

Library = Mapping[str, Mapping[str, Any]]
"""JSON documents by name."""


@dataclass(frozen=True, slots=True)
class ExportPackage:
    case_id: str
    out: Path


@dataclass(frozen=True, slots=True)
class ExportResult:
    case_id: str
    path: Path
    size: int  # bytes
    sha256: str
    signer: NamedSigner
    changes: Changes

    def to_json(self) -> dict[str, Any]:
        return {
            "case": self.case_id,
            "path": str(self.path),
            "size": self.size,
            "sha256": self.sha256,
            "signer": self.signer.to_json(),
        }


def export_package(
    cmd: ExportPackage,
    workspace: Workspace,
    signer: Signer,
    renderer: Renderer,
    *,
    scorecards: Library,
    clock: Clock,
    inventory: Sequence[Entry] = (),
) -> ExportResult:
    """Write the signed package of a decided case to ``cmd.out``, in one step, and mark the case as signed.

    ``inventory`` are the parts that shaped the case, as they stood when it was decided; the package tells their state.
    The event of the sealing is part of the package; sealing a case again to which nothing has happened since gives
    the same bytes. Raises ``InputError`` when there is no decision, when a sentence carries a figure no fact supports,
    when something rests on a prohibited basis, or when another person made the decision; ``EnvironmentFault`` when
    the file cannot be written. The workspace and an older file at ``cmd.out`` are then as they were.
    """
    signed_by = NamedSigner(signer.person, signer.role, key_id(signer.public_key_pem()))
    with staged(cmd.out, "package") as write, workspace.transaction() as stores:
        stores.cases.set_status(stores.cases.get(cmd.case_id).id, Status.SIGNED)
        dossier = _dossier(stores.cases.get(cmd.case_id), stores, workspace.catalogue)
        _check_person(dossier.decision, signer, clock)
        parts = dossier.parts(_scorecard(dossier.score, stores, scorecards), _policy(dossier.policy, stores))
        if inventory:
            parts["model.json"]["governance"] = told_in_package(inventory, dossier.decision.decided_at.date())
        if dossier.report.model is not None:
            kept = stores.settings.get(SETTING + dossier.report.model.sha256)
            parts["model.json"]["qualification"] = record_then(kept, dossier.decision.decided_at)
        contents = {name: rfc8785.dumps(part) for name, part in parts.items()}
        sealing = _sealing_event(dossier.case, signed_by, contents["decision.json"], stores)
        contents[EVENTS] = _event_lines(dossier.case, stores)
        _refuse_oversize(dossier, contents)
        pdf = renderer.report_pdf(_pdf_data(parts, sealing, signed_by, workspace.catalogue))
        reason = f"{dossier.case.id}: {dossier.decision.outcome.value}"
        contents[REPORT_PDF] = signer.sign_pdf(pdf, at=sealing.at, reason=reason)
        package = _signed(dossier.case.id, sealing.at, contents, signer, signed_by)
        write(package)
    digest = hashlib.sha256(package).hexdigest()
    return ExportResult(dossier.case.id, cmd.out, len(package), digest, signed_by, Changes.CASES)


def _dossier(case: Case, stores: Stores, catalogue: Catalogue) -> Dossier:
    """Read everything a package holds, and refuse what must never be sealed."""
    decision = stores.decisions.get(case.id)
    report, score = stores.reports.get(case.id), stores.scores.get(case.id)
    policy = stores.policies.get(case.id)
    if decision is None:
        raise InputError("decision", f"Case {case.id} has no decision yet.", remedy="Decide the case, then export it.")
    if report is None or score is None or policy is None:
        missing = "report" if report is None else "score" if score is None else "policy result"
        raise InputError("case", f"Case {case.id} has no {missing} yet.", remedy="Draft and decide it, then export it.")
    findings = tuple(stores.findings.of_case(case.id))
    cited = cited_facts(report, findings, score, policy, decision)
    _refuse_prohibited(case, cited, stores, catalogue)
    facts, left_out = facts_rested_on(cited, lambda fact_id: stores.facts.get(fact_id, case.id), catalogue)
    documents = tuple(stores.documents.of_case(case.id))
    labels = {
        fact.name: catalogue[fact.name].label.get(report.language, fact.name)
        for fact in facts
        if fact.name in catalogue
    }
    current = {fact.id for fact in stores.facts.current(case.id)}
    replaced = frozenset(fact.id for fact in facts if fact.id not in current)
    dossier = Dossier(case, documents, findings, score, policy, report, decision, facts, left_out, labels, replaced)
    _refuse_unsupported(dossier)
    return dossier


def _refuse_prohibited(case: Case, cited: list[str], stores: Stores, catalogue: Catalogue) -> None:
    names = {stores.facts.get(fact_id, case.id).name for fact_id in cited}
    used = sorted(name for name in names if catalogue.prohibited(name))
    if used:
        raise InputError(
            "facts",
            f"Case {case.id} rests on a prohibited basis ({', '.join(used)}), so it cannot be sealed.",
            remedy="Assess and draft the case again without it.",
        )


def _refuse_unsupported(dossier: Dossier) -> None:
    for sentence, spans in dossier.unsupported():
        raise InputError(
            "report",
            f"No fact supports {', '.join(spans) or 'what is marked'} in this sentence: “{sentence.text}”",
            remedy="Correct the sentence, or confirm the fact it rests on; then export again.",
        )


def _refuse_oversize(dossier: Dossier, contents: Mapping[str, bytes]) -> None:
    """What could not be verified in a short time is not sealed either."""
    large = [name for name, content in contents.items() if len(content) > JSON_LIMIT]
    if exceeds_a_report([sentence.to_json() for sentence in dossier.report.sentences], dossier.fact_entries()):
        large.append("the report")
    if large:
        raise InputError(
            "case",
            f"The package of case {dossier.case.id} would be too large: {', '.join(large)}.",
            remedy="Shorten the report; a package holds at most 50,000 characters of it and 8 MiB a part.",
        )


def _check_person(decision: Decision, signer: Signer, clock: Clock) -> None:
    if decision.person != signer.person:
        raise InputError(
            "person",
            f"{decision.person} made this decision, so {signer.person} cannot sign it.",
            remedy=f"Let {decision.person} export the case, or record a decision of your own.",
        )
    if clock.now() < decision.decided_at:
        raise EnvironmentFault(
            f"The clock of this machine is behind the time of the decision ({decision.decided_at.isoformat()}).",
            remedy="Set the clock, then export again.",
        )


def _scorecard(score: Score, stores: Stores, scorecards: Library) -> Mapping[str, Any]:
    """The scorecard as it was when it scored: the one the workspace keeps, else that of the name."""
    document = stores.scores.scorecard(score.sha256) or scorecards.get(score.scorecard)
    if document is None:
        raise EnvironmentFault(
            f"The scorecard {score.scorecard} is not installed any more.",
            remedy="Install it, or assess and decide the case again.",
        )
    if hashlib.sha256(rfc8785.dumps(document)).hexdigest() != score.sha256:
        raise InputError(
            "scorecard",
            f"The scorecard {score.scorecard} was changed after this case was scored.",
            remedy="Assess, draft and decide the case again.",
        )
    return document


def _policy(result: PolicyResult, stores: Stores) -> Mapping[str, Any]:
    """The policy that judged the case, as it was then; the workspace keeps each of them."""
    document = stores.policies.policy(result.sha256)
    if document is None or hashlib.sha256(rfc8785.dumps(document)).hexdigest() != result.sha256:
        raise EnvironmentFault(
            f"The workspace does not hold the policy {result.policy} {result.version} that judged this case.",
            remedy="Put back the last backup of the workspace, or assess, draft and decide the case again.",
        )
    return document


def _sealing_event(case: Case, signed_by: NamedSigner, decision: bytes, stores: Stores) -> Event:
    """The event of this sealing; that of the last one where nothing has happened to the case since."""
    detail = {"key": signed_by.key, "role": signed_by.role, "decision": hashlib.sha256(decision).hexdigest()}
    events = stores.events.of_case(case.id)
    if events and events[-1].what == SEALED and dict(events[-1].detail) == detail:
        return events[-1]
    return stores.events.append(signed_by.person, case.id, SEALED, detail)


def _event_lines(case: Case, stores: Stores) -> bytes:
    return b"".join(rfc8785.dumps(event.to_json()) + b"\n" for event in stores.events.of_case(case.id))


def _pdf_data(
    parts: Mapping[str, Mapping[str, Any]], sealing: Event, signed_by: NamedSigner, catalogue: Catalogue
) -> dict[str, Any]:
    """What the PDF shows: the package's own parts, who seals it when, and the catalogue's words for its facts."""
    return {
        **parts["decision.json"],
        **parts["facts.json"],
        **parts["findings.json"],
        **parts["model.json"],
        "report": parts["report.json"],
        "score": parts["scorecard.json"]["score"],
        "policy": parts["policy.json"]["result"],
        "sealed_at": sealing.at.astimezone(UTC).isoformat(),
        "seal": sealing.digest,
        "signer": signed_by.to_json(),
        "catalogue": {
            definition.name: {
                "kind": definition.kind.value,
                "label": dict(definition.label),
                "categories": {key: dict(labels) for key, labels in definition.category_labels.items()},
            }
            for definition in catalogue
        },
    }


def _signed(case_id: str, at: datetime, contents: Mapping[str, bytes], signer: Signer, signed_by: NamedSigner) -> bytes:
    """The archive: contents, the manifest over them, the DSSE envelope over that, the public key."""
    payload = rfc8785.dumps(manifest(case_id, at.astimezone(UTC).isoformat(), (signed_by,), contents))
    signature = base64.b64encode(signer.sign(pre_authentication_encoding(payload))).decode()
    envelope: dict[str, Any] = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": signed_by.key, "sig": signature}],
    }
    stem = SIGNATURES + signed_by.stem
    seals = {f"{stem}.json": rfc8785.dumps(envelope), f"{stem}.pem": signer.public_key_pem()}
    return write_archive({**contents, MANIFEST: payload, **seals})
