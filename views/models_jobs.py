"""What the screen of models has done for it, off the UI thread: records read, files taken in, models qualified."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import WorkbenchError
from app.ports import Progress
from views import format as fmt
from views.desk_words import ModelState, model_states
from views.strings import has_text, tr

if TYPE_CHECKING:
    from app.domain.machine import Machine, Package
    from app.domain.qualification import Measured, Qualification

_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything the screen shows."""

    states: list[ModelState]
    machine: Machine
    records: dict[str, Qualification] = field(default_factory=dict)  # by the model's name
    faults: dict[str, str] = field(default_factory=dict)  # why a record counts for nothing


def read_shelf(desk: Any) -> Shelf:
    """The models with their verdicts and records, and the machine; takes a second a gigabyte."""
    from app.bootstrap.models import ModelShelf
    from app.bootstrap.qualifying import kept_record

    shelf = ModelShelf()
    found = Shelf(model_states(), shelf.machine)
    for state in found.states:
        try:
            record = kept_record(desk, shelf.find(state.name))
        except WorkbenchError as error:
            found.faults[state.name] = str(error)
        else:
            if record is not None:
                found.records[state.name] = record
    return found


def import_model(path: Path, licence: str | None, progress: Progress) -> str:
    """Take a file into the models folder; returns the model's name."""
    from app.bootstrap.models import ModelShelf
    from local_models.installing import InstallModel

    return ModelShelf().install(InstallModel(path, licence=licence), progress).spec.name


def qualify_model(desk: Any, name: str, progress: Progress) -> Qualification:
    """Try a model on this machine."""
    from app.bootstrap.qualifying import qualify

    return qualify(desk, name, progress=progress)


def machine_words(machine: Machine) -> str:
    """The machine in one line, then what is to be known about its runtime and packages, a line each."""
    words = [
        tr("models.machine", name=machine.processor, cores=machine.cores, memory=_gigabytes(machine.memory)),
        tr("models.free", free=_gigabytes(machine.free)),
    ]
    cards = [tr("models.gpu", name=gpu.name, memory=_gigabytes(gpu.memory)) for gpu in machine.gpus]
    words += cards or [tr("models.no_gpu")]
    lines = [tr("models.join").join(words)]
    if machine.problem:
        lines.append(tr("models.unasked", problem=machine.problem))
    if machine.slow:
        lines.append(tr("models.slow"))
    return "\n".join([*lines, *map(package_words, machine.packages)])


def package_words(package: Package) -> str:
    """Whether a package for graphics processors is used, and why not."""
    if not package.reason:
        return tr("models.package_used", name=package.name)
    why = tr(f"models.package_{package.reason}", detail=package.detail)
    return tr("models.package_unused", name=package.name, why=why)


def grade_words(each: Measured) -> str:
    """The grade of a language, for a chip."""
    return tr("models.grade", language=language_words(each.language), grade=each.grade)


def language_words(code: str) -> str:
    key = f"models.in_{code}"
    return tr(key) if has_text(key) else code


def measured_words(each: Measured) -> str:
    """What was measured in a language, in one line."""
    return tr(
        "models.measured",
        language=language_words(each.language),
        accepted=each.accepted,
        plans=each.plans,
        wrong=each.wrong,
        caught=each.caught,
        planted=each.planted,
        rate=f"{each.tokens_a_second:.0f}",
        seconds=f"{each.seconds:.0f}",
    )


def work_words(what: str, done: int, total: int | None) -> str:
    """What is being done at the moment."""
    if what == "copy":
        return tr("models.copying", done=fmt.size(done), total=fmt.size(total or 0))
    if what == "qualify":
        return tr("models.qualifying", done=done, total=total or 0)
    return tr("models.fitting")


def _gigabytes(count: int) -> str:
    return f"{count / _GIB:.0f}"
