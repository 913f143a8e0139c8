"""llama.cpp as the worker uses it for meanings: texts in, vectors of length one out, the same ones every time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np
import numpy.typing as npt

from local_models.engine import EngineError, load_weights

LONGEST = 512  # tokens of a text; what is longer is cut off there


class MeaningEngine:
    """A model with a context for one text at a time. Not thread safe; ``cancelled`` may be set from any thread.

    Each text is evaluated by itself: together with others its numbers would come out a little otherwise.
    """

    def __init__(
        self, path: Path, *, context: int, threads: int, gpu_layers: int = 0, backends: Sequence[Path] = ()
    ) -> None:
        """Load the model; raises ``EngineError`` when llama.cpp refuses it, or when it ranks texts instead."""
        self.cancelled = threading.Event()
        self._model = load_weights(path, gpu_layers, backends)
        self._vocab = llama.llama_model_get_vocab(self._model)
        self._longest = min(context, LONGEST, llama.llama_model_n_ctx_train(self._model))
        self._width = llama.llama_model_n_embd(self._model)
        self._ctx = self._context(threads, llama.LLAMA_POOLING_TYPE_UNSPECIFIED)
        pooling = llama.llama_pooling_type(self._ctx)
        if pooling == llama.LLAMA_POOLING_TYPE_NONE:  # its file does not say how: by the mean of its tokens
            llama.llama_free(self._ctx)
            self._ctx = self._context(threads, llama.LLAMA_POOLING_TYPE_MEAN)
        elif pooling == llama.LLAMA_POOLING_TYPE_RANK:
            raise EngineError(f"{path.name} ranks texts; it does not tell what they mean.")

    def _context(self, threads: int, pooling: int) -> Any:
        params = llama.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = self._longest
        params.n_seq_max = 1
        params.n_threads = params.n_threads_batch = threads
        params.embeddings = True
        params.pooling_type = pooling
        params.no_perf = True
        made = llama.llama_init_from_model(self._model, params)
        if not made:
            raise EngineError(f"There is not enough memory for a context of {self._longest} tokens.")
        return made

    def meanings(self, texts: Sequence[str]) -> npt.NDArray[np.float32] | None:
        """Vectors of length one, of the shape (n_texts, width); null when ``cancelled``. Raises ``EngineError``."""
        told = np.zeros((len(texts), self._width), np.float32)
        for at, text in enumerate(texts):
            if self.cancelled.is_set():
                return None
            told[at] = self._meaning(text)
        if not np.isfinite(told).all():
            raise EngineError("The model gives no numbers for a text.")
        lengths: npt.NDArray[np.float32] = np.linalg.norm(told, axis=1, keepdims=True)
        told /= np.maximum(lengths, np.float32(1e-12))
        return told

    def _meaning(self, text: str) -> npt.NDArray[np.float32]:
        tokens = self._tokens(text)
        llama.llama_memory_clear(llama.llama_get_memory(self._ctx), True)
        batch = llama.llama_batch_init(len(tokens), 0, 1)
        try:
            batch.n_tokens = len(tokens)
            for at, token in enumerate(tokens):
                batch.token[at], batch.pos[at] = token, at
                batch.n_seq_id[at], batch.seq_id[at][0] = 1, 0
                batch.logits[at] = True
            if llama.llama_decode(self._ctx, batch) != 0:
                raise EngineError("llama.cpp could not evaluate the text.")
        finally:
            llama.llama_batch_free(batch)
        found = llama.llama_get_embeddings_seq(self._ctx, 0)
        if not found:
            raise EngineError("The model tells no meanings.")
        return np.ctypeslib.as_array(found, (self._width,)).copy()

    def _tokens(self, text: str) -> list[int]:
        """With the marks the model wants before and behind; one at least, the last kept where it is cut off."""
        raw = text.encode() or b" "
        buffer = (llama.llama_token * (len(raw) + 8))()
        count = llama.llama_tokenize(self._vocab, raw, len(raw), buffer, len(buffer), True, False)
        if count < 1:
            raise EngineError("A text has no tokens.")
        tokens = list(buffer[:count])
        return tokens if count <= self._longest else [*tokens[: self._longest - 1], tokens[-1]]

    def close(self) -> None:
        llama.llama_free(self._ctx)
        llama.llama_model_free(self._model)
