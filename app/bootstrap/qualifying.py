"""Qualifying language models at a desk, going by what was found, and comparing two on a case."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING

from app.bootstrap.models import ModelShelf
from app.domain.phrases import LANGUAGES
from app.errors import InputError
from app.ports import Progress, no_progress
from app.usecases.qualify_model import Candidate, QualifyModel, qualification_of, qualify_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.bootstrap.desk import Desk
    from app.domain.qualification import Qualification
    from app.usecases.compare_models import Comparison
    from local_models.catalogue import ModelSpec


def candidate(spec: ModelSpec) -> Candidate:
    """The model as its record names it."""
    return Candidate(spec.name, spec.sha256, spec.adapter_sha256 if spec.adapter else "", spec.style)


def admitted(desk: Desk, spec: ModelSpec) -> ModelSpec:
    """The model with the languages it was admitted in at this desk; as listed where it was never qualified here.

    Where the record is not whole, it may word nothing, and the desk warns.
    """
    try:
        record = kept_record(desk, spec)
    except InputError as error:
        desk.warn(error)
        return replace(spec, languages=())
    return spec if record is None else replace(spec, languages=record.admitted)


def kept_record(desk: Desk, spec: ModelSpec) -> Qualification | None:
    """The qualification record of a model; raises ``InputError`` where it is not as it was signed."""
    from app.adapters.package_checker import PackageChecker

    with desk.workspace.read() as stores:
        return qualification_of(candidate(spec), stores.settings, PackageChecker())


def qualify(
    desk: Desk, name: str, languages: Sequence[str] = LANGUAGES, progress: Progress = no_progress
) -> Qualification:
    """Measure how the model fits, have it word the suite, and keep the signed record.

    Raises ``EnvironmentFault`` where it does not fit or cannot be run, ``Cancelled`` when stopped.
    """
    from data.qualification_suite import load_suite
    from local_models.client import LocalModel

    shelf = ModelShelf()
    spec = shelf.find_worder(name)
    progress(0, None, "fit")
    found = shelf.fit(name, measure=True)
    machine = shelf.machine
    seen = {
        "processor": machine.processor,
        "cores": machine.cores,
        "instruction_sets": list(machine.instruction_sets),
        "memory": machine.memory,
        "gpu": found.gpu,
        "gpu_layers": found.gpu_layers,
        "threads": found.threads,
        "context": found.context,
    }
    command = QualifyModel(candidate(spec), tuple(languages), seen)
    with LocalModel(shelf.fitted(spec)) as model:

        def told(done: int, total: int | None, what: str) -> None:
            try:
                progress(done, total, what)
            except BaseException:
                model.cancel()
                raise

        return qualify_model(
            command,
            desk.workspace,
            model,
            load_suite(),
            desk.signer,
            clock=desk.clock,
            memory_used=model.memory_used,
            progress=told,
        )


def compare(
    desk: Desk,
    names: Sequence[str],
    case_id: str,
    *,
    language: str | None = None,
    progress: Progress = no_progress,
) -> Comparison:
    """Have each model word the case, whether it is admitted or not; nothing is kept."""
    from app.usecases.compare_models import compare_models
    from app.usecases.draft_report import DraftReport
    from data.checking_words import load_lexicon
    from local_models.catalogue import verify_model
    from local_models.client import LocalModel

    shelf = ModelShelf()
    specs = [shelf.find_worder(name) for name in names]
    for spec in specs:
        verify_model(spec)
    desk.assess_if_stale(case_id)
    with ExitStack() as stack:
        open_to_all = [replace(shelf.fitted(spec), languages=LANGUAGES) for spec in specs]
        models = [stack.enter_context(closing(LocalModel(spec))) for spec in open_to_all]  # each loads when it is asked
        return compare_models(
            DraftReport(case_id, language=language, person=desk.person),
            desk.workspace,
            models,
            phrases=desk.phrases,
            lexicon=load_lexicon(),
            clock=desk.clock,
            progress=progress,
        )
