"""The local model that points at what reading left open, where one is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.errors import InputError

if TYPE_CHECKING:
    from local_models.catalogue import ModelSpec


def with_pointer(make: Callable[..., Any], name: str | None = None) -> Any:
    """The readers that ``make(openings=…)`` makes, with the named model to point at what they leave open.

    Without a name the first installed model that is qualified to; without such a one, or with ``none``, the readers
    alone. The model starts with the first field that is left open. Raises ``InputError`` for a name that no model has,
    and ``EnvironmentFault`` for a named one that is not whole.
    """
    spec = _spec(name)
    if spec is None:
        return make()
    from app.bootstrap import kind_labels
    from app.usecases.point_fields import PointingReaders
    from local_models.client import LocalModel
    from local_models.pointing import ModelPointer

    kinds = {kind: label for kind, (label, _) in kind_labels().items()}
    return PointingReaders(make(openings=True), ModelPointer(LocalModel(spec)), kinds)


def _spec(name: str | None) -> ModelSpec | None:
    from app.bootstrap.places import models_folder
    from local_models.catalogue import pointing_model, verify_model

    try:
        spec = pointing_model(name, models_folder())
    except InputError:
        if name:
            raise
        return None  # a broken list of models keeps nobody from reading; ``caseworth doctor`` names it
    if spec is not None and name:
        verify_model(spec)
    return spec
