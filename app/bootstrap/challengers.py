"""Challengers: fitted beside a scorecard, loaded from a file or the workspace, run in shadow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.changes import Changes
from app.domain.fitting import FitOptions
from app.errors import EnvironmentFault, InputError
from app.ports import Clock, Progress, Workspace, no_progress
from app.usecases.fit_scorecard import FitRun
from app.usecases.shadow_challenger import keep_challenger

if TYPE_CHECKING:
    from local_models.challenger.model import Challenger

SECONDS = 60.0


def fit_challenger(
    out: Path,
    run: FitRun,
    options: FitOptions,
    *,
    seconds: float = SECONDS,
    progress: Progress = no_progress,
) -> dict[str, Any]:
    """Fit a challenger on the rows of a scorecard's fit, write it to ``out``, and compare the two on the hold-out.

    ``options`` are those of the fit, with the directions a person gave. Raises ``InputError`` for a table nothing can
    be fitted on, ``EnvironmentFault`` without the extra ``modelling`` or where the file cannot be written.
    """
    from data.catalogue import load_catalogue
    from local_models.modelling.challenger.beside import fit_beside

    def say(what: str) -> None:
        progress(0, None, f"challenger: {what}")

    try:
        made = fit_beside(
            run.frame,
            replace(options, name=run.scorecard.name),
            run.scorecard,
            run.fitted.guards,
            out,
            catalogue=load_catalogue(),
            seconds=seconds,
            progress=say,
        )
    except OSError as exc:
        message = f"{out} cannot be written: {exc.strerror or exc}."
        raise EnvironmentFault(message, remedy="Check the folder and its rights.") from exc
    return made.to_json() | {"out": str(out)}


def bring_challenger(path: Path, person: str, workspace: Workspace, *, clock: Clock) -> Changes:
    """Load a challenger's file and keep it in the workspace; raises as ``load_challenger`` and ``keep_challenger``."""
    from local_models.challenger.model import load_challenger

    model = load_challenger(path)
    return keep_challenger(model.content, model, person, workspace, clock=clock)


def kept_challenger(wanted: str, workspace: Workspace) -> Challenger:
    """The workspace's challenger of that name, the newest of several, or of that SHA-256.

    Raises ``InputError`` where there is none, ``EnvironmentFault`` without onnxruntime.
    """
    from local_models.challenger.model import challenger_from

    with workspace.read() as stores:
        kept = stores.challengers.kept()
        found = [each for each in kept if wanted in (each.sha256, each.name)]
        if not found:
            names = ", ".join(dict.fromkeys(each.name for each in kept)) or "none"
            raise InputError(
                "challenger", f"The workspace keeps no challenger {wanted!r}.", remedy=f"It keeps: {names}."
            )
        data = stores.challengers.data(found[-1].sha256)
    try:
        return challenger_from(data)
    except ValueError as exc:
        raise EnvironmentFault(f"The challenger {wanted} cannot be used: {exc}.", remedy="Bring it in again.") from exc
