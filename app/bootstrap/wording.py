"""The language model of a desk, kept loaded between drafts until it has rested a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk
    from app.domain.checks.engine import Ask
    from local_models.catalogue import ModelSpec
    from local_models.client import LocalModel

REST = 600.0  # seconds without a draft after which the model's memory is given back


@contextmanager
def closed_questions(desk: Desk) -> Iterator[dict[str, Ask]]:
    """By language what the default model may be asked in the checks; nothing for a model that has no threshold."""
    from local_models.closed import ClosedQuestion

    spec = desk.model_spec(None)
    if spec is None or not spec.closed:
        yield {}
        return
    with desk.kept_model.use(spec) as model:
        yield {language: ClosedQuestion(model, language, threshold) for language, threshold in spec.closed}


class KeptModel:
    """At most one model that outlives its draft. Callable from any thread."""

    def __init__(self, rest: float = REST) -> None:
        self._rest = rest
        self._lock = threading.Lock()
        self._spec: ModelSpec | None = None
        self._model: LocalModel | None = None
        self._users = 0
        self._timer: threading.Timer | None = None

    @contextmanager
    def use(self, spec: ModelSpec) -> Iterator[LocalModel]:
        """The model of that spec, loaded when it is first asked; another one is let go, once nobody uses it."""
        from local_models.client import LocalModel

        with self._lock:
            kept = self._take(spec)
        if kept is None:  # another model is at work
            with LocalModel(spec) as model:
                yield model
            return
        try:
            yield kept
        finally:
            with self._lock:
                self._users -= 1
                self._watch()

    def prepare(self, spec: ModelSpec) -> None:
        """Load the model in the background, for a draft that may come; returns at once."""
        with self.use(spec) as model:
            model.prepare()

    def close(self) -> None:
        """End the model, whatever it is doing."""
        with self._lock:
            self._let_go()

    def _take(self, spec: ModelSpec) -> LocalModel | None:
        from local_models.client import LocalModel

        if self._model is not None and self._spec != spec:
            if self._users:
                return None
            self._let_go()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._model is None:
            self._spec, self._model = spec, LocalModel(spec)
        self._users += 1
        return self._model

    def _watch(self) -> None:
        """Let the model go when nobody has used it for a while."""
        if self._users or self._model is None:
            return
        self._timer = threading.Timer(self._rest, self._rested)
        self._timer.daemon = True
        self._timer.start()

    def _rested(self) -> None:
        with self._lock:
            if not self._users:
                self._let_go()

    def _let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        model, self._model, self._spec = self._model, None, None
        if model is not None:
            model.close()
