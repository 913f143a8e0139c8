"""Repeat the draft of a package without a workspace."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.bootstrap.desk import SystemClock
from app.bootstrap.places import models_folder
from app.errors import EnvironmentFault, InputError
from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from app.domain.replay import Replay
    from app.domain.report import ModelRun
    from app.usecases.replay_draft import PastDraft
    from local_models.catalogue import ModelSpec


def replay_file(
    path: Path,
    models: Path | None = None,
    phrases: Path | None = None,
    *,
    progress: Progress = no_progress,
) -> Replay:
    """Draft the package's case anew on the model that worded it, and compare.

    ``models`` is a folder with a ``models.toml`` (null: this user's), ``phrases`` one with another phrase book (null:
    the one that ships). Raises ``InputError`` for a package that does not verify.
    """
    from app.domain.report_kinds import PLAIN
    from app.usecases.replay_draft import replay_draft
    from data.catalogue import load_catalogue
    from data.checking_words import load_lexicon
    from data.phrases import FOLDER, load_phrases
    from data.report_kinds import phrases_in_tone
    from local_models.client import LocalModel

    past, catalogue = open_draft(path), load_catalogue()
    tone = past.report.kind.tone if past.report.kind else PLAIN
    with ExitStack() as stack:
        spec, missing = _model(past.report.model, models or models_folder())
        return replay_draft(
            past,
            None if spec is None else stack.enter_context(LocalModel(spec)),
            catalogue=catalogue,
            phrases=phrases_in_tone(load_phrases(phrases or FOLDER), tone, catalogue, phrases),
            lexicon=load_lexicon(),
            clock=SystemClock(),
            missing=missing,
            progress=progress,
        )


def open_draft(path: Path) -> PastDraft:
    """What the package tells of its draft. Raises ``InputError`` where it is damaged or nobody's signature holds."""
    from app.adapters.package_checker import PackageChecker
    from app.domain.package import EVENTS, JSON_FILES, read_archive
    from app.usecases.replay_draft import read_draft
    from app.usecases.verify_package import verify_package
    from data.catalogue import load_catalogue

    verified = verify_package(path, PackageChecker())
    if not verified.valid:
        raise InputError(
            "package",
            f"The package does not verify: {verified.problems[0]}",
            remedy="'caseworth verify' tells all; get the package again from who sealed it.",
            file=str(path),
        )
    files = read_archive(path.read_bytes())
    parts: dict[str, Any] = {name: json.loads(files[name]) for name in JSON_FILES}
    events = [json.loads(line) for line in files[EVENTS].splitlines()]
    return read_draft(parts, events, load_catalogue())


def _model(run: ModelRun | None, folder: Path) -> tuple[ModelSpec | None, str]:
    """The installed model of the recorded digest, or why it cannot be used; no model is asked for a rule report."""
    from local_models.catalogue import list_models, verify_model

    if run is None:
        return None, ""
    installed = list_models(folder)
    spec = next((spec for spec in installed if spec.sha256 == run.sha256), None)
    if spec is None:
        namesake = next((spec for spec in installed if spec.name == run.name), None)
        other = f"; the {run.name} here is another, {namesake.sha256}" if namesake else ""
        return None, f"no model of this SHA-256 is installed in {folder}{other}"
    try:
        verify_model(spec)
    except EnvironmentFault as fault:
        return None, fault.message
    if run.style and not run.adapter_sha256:  # it had no adapter then, and was asked in that style
        spec = replace(spec, style=run.style, adapter=None, adapter_sha256="")
    return spec, ""
