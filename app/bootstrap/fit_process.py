"""Work on a table in a child process of its own: the window stays quick, and a cancel ends it at once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.bootstrap.fitting import FitFiles, fit_scorecard
from app.domain.fitting import FitOptions, Fitted, Guard
from app.errors import EnvironmentFault, InputError, WorkbenchError
from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

POLL = 0.05  # seconds between two looks at the cancel


def fit_in_child(table: Path, options: FitOptions, *, trend: str = "auto", progress: Progress = no_progress) -> Fitted:
    """Fit as ``bootstrap.fitting.fit_scorecard``, and raise what it raises, or ``Cancelled`` within ``POLL``."""
    fitted: Fitted = in_child(_fit, (table, options, trend), progress)
    return fitted


def guards_in_child(
    table: Path, target: str, bad_value: str, *, exclude: Sequence[str] = (), progress: Progress = no_progress
) -> tuple[Guard, ...]:
    """The suspects among a table's columns, before anything is fitted."""
    found: tuple[Guard, ...] = in_child(_look, (table, target, bad_value, tuple(exclude)), progress)
    return found


def in_child(work: Callable[..., Any], arguments: tuple[Any, ...], progress: Progress, *, what: str = "fit") -> Any:
    """``work(*arguments, progress)`` of a module-level function; what it raises is raised here."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, work, arguments), daemon=True, name="caseworth-fit")
    process.start()
    theirs.close()
    last: tuple[int, int | None, str] = (0, None, "start")
    try:
        while True:
            progress(*last)
            if not ours.poll(POLL):
                continue
            kind, value = _received(ours, what)
            if kind == "progress":
                last = value
            elif kind == "done":
                return value
            else:
                raise _error(*value)
    finally:
        process.kill()
        process.join()
        ours.close()


def _received(pipe: Connection, what: str) -> tuple[str, Any]:
    try:
        kind, value = pipe.recv()
    except EOFError as exc:
        raise EnvironmentFault(
            f"The {what} ended before it was done.", remedy="Close other programs for memory, and try again."
        ) from exc
    return kind, value


def _serve(pipe: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """In the child: work, and send home what came of it."""

    def progress(done: int, total: int | None, what: str) -> None:
        pipe.send(("progress", (done, total, what)))

    try:
        pipe.send(("done", work(*arguments, progress)))
    except InputError as error:
        place = {"file": error.file, "line": error.line, "column": error.column}
        pipe.send(("error", ("input", error.field, error.message, error.remedy, place)))
    except WorkbenchError as error:
        pipe.send(("error", ("fault", "", error.message, getattr(error, "remedy", ""), {})))
    except MemoryError:
        pipe.send(("error", ("fault", "", "There is not enough memory for this table.", "Close other programs.", {})))
    finally:
        pipe.close()


def _error(kind: str, field: str, message: str, remedy: str, place: dict[str, Any]) -> WorkbenchError:
    if kind == "input":
        return InputError(field, message, remedy=remedy, **place)
    return EnvironmentFault(message, remedy=remedy)


def _fit(table: Path, options: FitOptions, trend: str, progress: Progress) -> Fitted:
    return fit_scorecard(table, options, FitFiles(monotone=trend), progress=progress).fitted


def _look(table: Path, target: str, bad_value: str, exclude: tuple[str, ...], progress: Progress) -> tuple[Guard, ...]:
    from app.bootstrap.fitting import prohibited_bases
    from data.table_frames import read_frame
    from local_models.modelling.guards import before_fitting
    from local_models.modelling.outcome import outcome_of

    frame = read_frame(table, progress=progress)
    bad, known = outcome_of(frame, target, bad_value)
    rows = frame.loc[known].drop(columns=[target]).reset_index(drop=True)
    options = FitOptions(name="look", target=target, bad_value=bad_value, exclude=exclude, bases=prohibited_bases())
    return tuple(before_fitting(rows, bad[known], options, lambda what: progress(0, None, what)))
