"""Qualify a language model on this machine: have it word the suite, grade it, sign the record, and go by it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

import rfc8785

from app import __version__
from app.domain.package import key_id, pre_authentication_encoding
from app.domain.qualification import PAYLOAD_TYPE, SETTING, Measured, Qualification, Suite, Trial, variety
from app.errors import InputError
from app.ports import Clock, PackageChecker, Progress, SettingStore, Signer, Stores, Workspace, no_progress
from app.wording_ports import Wording, WordingModel, WordingRequest

QUALIFIED = "model.qualified"  # the event


@dataclass(frozen=True, slots=True)
class Candidate:
    """The model that is qualified, as it is run here."""

    name: str
    sha256: str
    adapter_sha256: str
    style: str

    @property
    def key(self) -> str:
        """Of the setting that keeps the record."""
        return f"{SETTING}{self.sha256}"


@dataclass(frozen=True, slots=True)
class QualifyModel:
    """Qualify in these languages; ``machine`` is what it runs on."""

    candidate: Candidate
    languages: tuple[str, ...]
    machine: Mapping[str, Any]


def qualify_model(
    cmd: QualifyModel,
    workspace: Workspace,
    model: WordingModel,
    suite: Suite,
    signer: Signer,
    *,
    clock: Clock,
    memory_used: Callable[[], int] = lambda: 0,
    progress: Progress = no_progress,
) -> Qualification:
    """Word the suite once, without a seed; keep the signed record and say so in the audit chain.

    Languages that were measured before under the same suite stay as they were. Raises ``InputError`` for a language
    without plans, and what the model raises; nothing is kept then.
    """
    unknown = [language for language in cmd.languages if language not in suite.languages]
    if unknown or not cmd.languages:
        known = ", ".join(suite.languages)
        raise InputError("language", f"The suite has no plans in {', '.join(unknown)}.", remedy=f"Choose from {known}.")
    memory, measured = 0, []
    for language in cmd.languages:
        measured.append(measure_language(model, suite, language, progress))
        memory = max(memory, memory_used())
    with workspace.transaction() as stores:
        others = _measured_before(cmd, suite, _envelopes(stores.settings, cmd.candidate))
        record = Qualification(
            model=cmd.candidate.name,
            sha256=cmd.candidate.sha256,
            adapter_sha256=cmd.candidate.adapter_sha256,
            style=cmd.candidate.style,
            runtime=model.runtime,
            suite=suite.version,
            suite_sha256=suite.sha256,
            program=__version__,
            machine=cmd.machine,
            memory=memory,
            at=clock.now().astimezone(UTC).isoformat(),
            person=signer.person,
            measured=tuple(sorted([*others, *measured], key=lambda each: each.language)),
        )
        _keep(cmd.candidate, record, signer, stores)
    return record


def measure_language(model: WordingModel, suite: Suite, language: str, progress: Progress = no_progress) -> Measured:
    """Word every plan of the language once, check it, and try the planted errors on the checks."""
    trials = suite.of(language)
    asked = [(trial, model.style.request(trial.plan, trial.labels, language, trial.kinds)) for trial in trials]
    requests = [request for _, request in asked if request is not None]
    _word(model, requests[:1], no_progress)  # the model is loaded by it, which is no part of a report's time
    started = time.perf_counter()
    wordings = _word(model, requests, progress)
    seconds = time.perf_counter() - started
    answered = [trial for trial, request in asked if request is not None]
    worded = [
        (trial, model.style.template(wording.text, trial.plan))
        for trial, wording in zip(answered, wordings, strict=True)
    ]
    taken = [(trial, template) for trial, template in worded if trial.passes(template)]
    planted = [(trial, template) for trial in trials for template in trial.planted]
    measured = Measured(
        language=language,
        plans=len(trials),
        accepted=len(taken),
        wrong=sum(trial.turns(template) for trial, template in taken),
        planted=len(planted),
        caught=sum(not trial.passes(template) for trial, template in planted),
        variety=variety([template for _, template in taken], language),
        rule_variety=_rule_variety([trial for trial, _ in taken], language),
        tokens=sum(wording.tokens for wording in wordings),
        seconds=seconds,
    )
    rounded = Measured.from_json(measured.to_json())
    return replace(rounded, grade=rounded.graded(suite.grades))


def _rule_variety(trials: Sequence[Trial], language: str) -> float:
    return variety([trial.plan.rule_text for trial in trials], language)


def _word(model: WordingModel, requests: Sequence[WordingRequest], progress: Progress) -> list[Wording]:
    """The answers in order; what is worded side by side in a draft is so here."""
    found: dict[int, Wording] = {}
    progress(0, len(requests), "qualify")

    def answered(place: int, wording: Wording) -> None:
        found[place] = wording
        progress(len(found), len(requests), "qualify")

    beside = [place for place, request in enumerate(requests) if request.together]
    if beside:
        model.word_together(
            [requests[place] for place in beside],
            seeds=[0] * len(beside),
            temperature=0.0,
            on_answer=lambda at, wording: answered(beside[at], wording),
        )
    for place, request in enumerate(requests):
        if request.together:
            continue
        wording = model.word(
            request.prompt,
            request.grammar,
            seed=0,
            max_tokens=request.max_tokens,
            temperature=0.0,
            shared=request.shared,
        )
        answered(place, wording)
    return [found[place] for place in range(len(requests))]


def _envelopes(settings: SettingStore, candidate: Candidate) -> list[dict[str, Any]]:
    """All records of the model, the oldest first; none where they cannot be read."""
    try:
        kept = json.loads(settings.get(candidate.key, "[]"))
    except ValueError:
        return []
    return kept if isinstance(kept, list) else []


def _measured_before(cmd: QualifyModel, suite: Suite, envelopes: Sequence[Mapping[str, Any]]) -> list[Measured]:
    """What was measured in other languages with the same suite; the record is signed anew with them."""
    try:
        record = Qualification.from_json(json.loads(base64.b64decode(envelopes[-1]["payload"])))
    except (IndexError, KeyError, TypeError, ValueError):
        return []
    now = (suite.sha256, __version__, cmd.candidate.adapter_sha256, cmd.candidate.style)
    same = (record.suite_sha256, record.program, record.adapter_sha256, record.style) == now
    return [each for each in record.measured if same and each.language not in cmd.languages]


def _keep(candidate: Candidate, record: Qualification, signer: Signer, stores: Stores) -> None:
    payload = rfc8785.dumps(record.to_json())
    signature = signer.sign(pre_authentication_encoding(payload, PAYLOAD_TYPE))
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": key_id(signer.public_key_pem()), "sig": base64.b64encode(signature).decode()}],
        "key": signer.public_key_pem().decode(),
    }
    kept = [*_envelopes(stores.settings, candidate), envelope]
    stores.settings.put(candidate.key, json.dumps(kept, sort_keys=True))
    detail = {
        "model": record.model,
        "sha256": record.sha256,
        "grade": record.grade,
        "admitted": list(record.admitted),
        "suite": record.suite_sha256,
    }
    stores.events.append(signer.person, None, QUALIFIED, detail)


def qualification_of(candidate: Candidate, settings: SettingStore, checker: PackageChecker) -> Qualification | None:
    """The record kept of a model; null where there is none, or where it has another adapter or style since.

    Raises ``InputError`` where the record was changed after it was signed, or is of another model.
    """
    if not settings.get(candidate.key):
        return None
    try:
        record = _opened(_envelopes(settings, candidate)[-1], checker)
    except (KeyError, TypeError, ValueError, IndexError) as exc:
        raise _not_whole(candidate) from exc
    if record.sha256 != candidate.sha256:
        raise _not_whole(candidate)
    same = (record.adapter_sha256, record.style) == (candidate.adapter_sha256, candidate.style)
    return record if same else None


def _opened(envelope: Mapping[str, Any], checker: PackageChecker) -> Qualification:
    payload = base64.b64decode(envelope["payload"], validate=True)
    signature = base64.b64decode(envelope["signatures"][0]["sig"], validate=True)
    message = pre_authentication_encoding(payload, PAYLOAD_TYPE)
    if not checker.signature_holds(envelope["key"].encode(), message, signature):
        raise ValueError("the signature does not hold")
    return Qualification.from_json(json.loads(payload))


def _not_whole(candidate: Candidate) -> InputError:
    message = f"The qualification record of {candidate.name} is not as it was signed at this desk."
    return InputError("model", message, remedy=f"Qualify it again: caseworth models qualify {candidate.name}.")
