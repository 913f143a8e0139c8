"""The model shelf: the models installed on this machine, those that may be, and the machine they run on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.bootstrap.places import backends_folders, models_folder
from app.errors import EnvironmentFault, InputError, WorkbenchError
from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from app.domain.machine import Fit, Machine
    from app.domain.model_list import KnownModel
    from local_models.catalogue import ModelSpec
    from local_models.gguf import Header
    from local_models.installing import InstallModel


@dataclass(frozen=True, slots=True)
class ShelvedModel:
    """A model of the list, with the size of its file or why it cannot be used."""

    spec: ModelSpec
    bundled: bool
    size: int  # bytes; 0 where the file is not there
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        spec = self.spec
        return {
            "name": spec.name,
            "file": str(spec.file),
            "size": self.size,
            "sha256": spec.sha256,
            "licence": spec.licence,
            "kind": spec.kind,
            "languages": list(spec.languages),
            "style": spec.style,
            "context": spec.context,
            "chat_template": spec.chat,
            "points": spec.points,
            "bundled": self.bundled,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class ShownModel:
    """What a model's file says of itself."""

    file: Path
    sha256: str
    header: Header
    template_problem: str
    known: KnownModel | None  # the entry of the list with that digest
    listed: ShelvedModel | None

    def to_json(self) -> dict[str, Any]:
        header = self.header
        return {
            "file": str(self.file),
            "size": header.size,
            "sha256": self.sha256,
            "title": header.title,
            "architecture": header.architecture,
            "quantisation": header.quantisation,
            "parameters": header.parameters,
            "context": header.context,
            "layers": header.layers,
            "vocabulary": header.vocabulary,
            "licence": header.licence,
            "languages": list(header.languages),
            "embeds": header.embeds,
            "chat_template": header.chat_template,
            "template_problem": self.template_problem,
            "known": self.known and self.known.to_json(),
            "listed": self.listed and self.listed.to_json(),
        }


def _is_of(file: Path, known: KnownModel) -> bool:
    """Whether the name of a file has the id of a known model in it; signs between words may differ."""
    told, wanted = (re.sub(r"[^a-z0-9]+", "-", text.lower()) for text in (file.stem, known.id))
    return wanted in told


class ModelShelf:
    """The models folder of this machine; needs no workspace."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or models_folder()

    def listed(self) -> list[ShelvedModel]:
        """The bundled model and the installed ones, each with what is wrong with its file."""
        from local_models.catalogue import list_models

        return [self._shelved(spec) for spec in list_models(self.folder)]

    def known(self) -> tuple[KnownModel, ...]:
        """The models a lender may choose from."""
        from data.model_list import load_known_models

        return load_known_models()

    def find(self, name: str) -> ModelSpec:
        """A model of the list. Raises ``InputError`` where there is none of that name."""
        from local_models.catalogue import any_model

        return any_model(name, self.folder)

    def find_worder(self, name: str) -> ModelSpec:
        """A model of the list that words. Raises ``InputError`` where that name has none."""
        from local_models.catalogue import find_model

        spec = find_model(name, self.folder)
        if spec is None:
            raise InputError("model", "'none' is no model.", remedy="caseworth models list names them.")
        return spec

    def show(self, wanted: str, progress: Progress = no_progress) -> ShownModel:
        """A model by its name, or any file by its path. Raises ``InputError`` for a file that cannot be used."""
        from local_models.installing import digest_of, inspect_file

        path = Path(wanted)
        listed = None if path.is_file() else self._shelved(self.find(wanted))
        file = path if listed is None else listed.spec.file
        found = inspect_file(file)
        digest = digest_of(file, progress)
        if listed is not None and digest != listed.spec.sha256:
            listed = replace(listed, problem=f"its SHA-256 is {digest}, not the one of the list")
        known = next((model for model in self.known() if model.sha256 == digest), None)
        return ShownModel(file, digest, found.header, found.template_problem, known, listed)

    def install(self, command: InstallModel, progress: Progress = no_progress) -> ShelvedModel:
        """Take a file in, if the machine can hold it at all. Raises what ``install_model`` raises."""
        from local_models.hardware import needs_of
        from local_models.installing import inspect_file, install_model

        found = inspect_file(command.file)
        needs = needs_of(found.header)
        if needs.memory(min(2_048, found.header.context)) > self.machine.memory:
            raise EnvironmentFault(
                f"{command.file.name} needs {needs.memory(2_048) / 1e9:.1f} GB of memory; this machine has "
                f"{self.machine.memory / 1e9:.1f} GB.",
                remedy="Choose a smaller model or quantisation.",
            )
        if found.header.embeds:
            for known in self.known():
                if known.kind == "embedding" and _is_of(command.file, known):
                    before = known.before_question, known.before_passage
                    command = replace(command, before_question=before[0], before_passage=before[1])
        return self._shelved(install_model(command, self.folder, progress))

    def remove(self, name: str) -> ShelvedModel:
        """Take a model off the list, and its file out of the folder."""
        from local_models.installing import remove_model

        gone = remove_model(name, self.folder)
        return ShelvedModel(gone, bundled=False, size=0)

    @cached_property
    def machine(self) -> Machine:
        """The machine, looked at once."""
        from local_models.hardware import look_at_machine

        return look_at_machine(backends=backends_folders())

    def fit(self, name: str, *, measure: bool = False) -> Fit:
        """How a model runs here: as measured, else as its header lets expect. ``measure`` loads and times it.

        Raises ``EnvironmentFault`` with the numbers where it does not fit.
        """
        from local_models.hardware import keep_fit, kept_fit, measure_fit, plan_fit

        spec = self.find(name)
        if not measure:
            return kept_fit(spec, self.folder) or plan_fit(spec, self.machine)
        found = measure_fit(replace(spec, backends=backends_folders()), self.machine)
        keep_fit(spec, found, self.folder)
        return found

    def fitted(self, spec: ModelSpec) -> ModelSpec:
        """The model as it was measured here; as listed where it was not."""
        from local_models.hardware import kept_fit

        found = kept_fit(spec, self.folder)
        if found is None:
            return spec
        context = min(spec.context, found.context)
        backends = backends_folders() if found.gpu_layers else ()
        return replace(spec, threads=found.threads, gpu_layers=found.gpu_layers, context=context, backends=backends)

    def _shelved(self, spec: ModelSpec) -> ShelvedModel:
        from local_models.catalogue import BUNDLED_NAME
        from local_models.gguf import read_header

        size, problem = 0, ""
        try:
            size = read_header(spec.file).size
        except WorkbenchError as error:
            problem = error.message
        return ShelvedModel(spec, spec.name == BUNDLED_NAME, size, problem)
