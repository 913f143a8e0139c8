"""The desk's side of a model that tells what texts mean, in the same child process as models that word."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import EnvironmentFault
from local_models.catalogue import ModelSpec
from local_models.client import LocalModel, _ChildDiedError, load_message


class MeaningModel(LocalModel):
    """An ``asking_ports.Embedder``. One request at a time; ``cancel`` and ``close`` from any thread."""

    def __init__(self, spec: ModelSpec, *, threads: int | None = None, command: list[str] | None = None) -> None:
        super().__init__(spec, threads=threads, command=command)
        self._width = 0  # numbers of a meaning, as the first answer had them

    def embed(self, texts: Sequence[str], *, question: bool = False) -> list[list[float]]:
        """One vector a text, all of one length; what the model wants before a text goes before it.

        Raises ``Cancelled``, and ``EnvironmentFault`` when the model cannot be loaded or fails twice.
        """
        before = self._spec.before_question if question else self._spec.before_passage
        try:
            return self._answered({"embed": [before + text for text in texts]}, 0, lambda said: self._read(said, texts))
        except EnvironmentFault as fault:
            raise EnvironmentFault(
                f"The model of meaning {self.name} gives no answer: {fault.message}",
                remedy="Questions are answered by their words; check the model with caseworth models show.",
            ) from fault

    def _read(self, message: Mapping[str, Any], texts: Sequence[str]) -> list[list[float]]:
        try:
            raw = base64.b64decode(message["answer"]["text"], validate=True)
        except (KeyError, binascii.Error) as exc:
            raise _ChildDiedError("it said what is no answer") from exc
        width, rest = divmod(len(raw), 4 * len(texts))
        if rest or not width or self._width not in (0, width):
            raise _ChildDiedError("it answered what was not asked")
        self._width = width
        return [list(each) for each in struct.iter_unpack(f"<{width}f", raw)]

    def _load_message(self) -> dict[str, Any]:
        return load_message(self._spec, self._threads) | {"meanings": True, "warm": "", "adapter": ""}
