"""llama.cpp as the worker uses it: one loaded model, one request at a time, the same bytes every time."""

from __future__ import annotations

import codecs
import ctypes
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np
import numpy.typing as npt

from local_models.backends import BackendError, start
from local_models.frame_walk import CancelledError, FrameWalk, InexactError, read_frame

CHUNK = 16  # tokens evaluated between two looks at the cancel flag; larger batches are no quicker
SHORTLISTS = (48, 4096)  # best tokens tried under the grammar before the whole vocabulary is
TOGETHER = 16  # sentences decoded side by side
STEP = (
    64  # tokens of all of them that are evaluated at once: their last ones, and parts of prompts that are still unread
)
TRIES = 12  # draws among all tokens before those that the grammar admits are looked for
_TOKEN = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


_NO_DEVICE = (ctypes.c_void_p * 1)()  # the list of graphics processors that ends before the first


class EngineError(Exception):
    """The model or the request cannot be used; the message is for the person."""


@dataclass(frozen=True, slots=True)
class Request:
    """One wording request; the first ``shared`` characters of the prompt are the same for a whole report."""

    prompt: str
    shared: int
    grammar: str
    seed: int
    max_tokens: int
    temperature: float
    together: bool = False  # said by who asks; nothing hangs on it here
    adapted: bool = True  # with the adapter, where there is one


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    tokens: int  # of the text and its end mark, those the grammar forced included
    seconds: float
    stopped: str  # "stop" | "length" | "cancelled"


@llama.llama_log_callback  # type: ignore[untyped-decorator]
def _silent(level: int, text: bytes, user_data: ctypes.c_void_p) -> None:
    """llama.cpp writes nothing."""


def load_weights(path: Path, gpu_layers: int, backends: Sequence[Path]) -> Any:
    """A model without a context, of which so many layers go to a graphics processor.

    Raises ``EngineError`` when llama.cpp refuses the file.
    """
    try:
        start(backends if gpu_layers else ())
    except BackendError as exc:
        raise EngineError(str(exc)) from exc
    llama.llama_log_set(_silent, ctypes.c_void_p(0))
    llama.llama_backend_init()
    params = llama.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    if not gpu_layers:
        params.devices = ctypes.cast(_NO_DEVICE, ctypes.c_void_p)
    model = llama.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise EngineError(f"llama.cpp cannot load {path.name}: it is no model it knows.")
    return model


class Engine:
    """A model with its context. Not thread safe; ``cancelled`` may be set from any thread."""

    def __init__(
        self,
        path: Path,
        *,
        context: int,
        threads: int,
        adapter: Path | None = None,
        gpu_layers: int = 0,
        backends: Sequence[Path] = (),
    ) -> None:
        """Load the model and the adapter trained for it; raises ``EngineError`` when llama.cpp refuses a file.

        ``gpu_layers`` of it go to a graphics processor, where the runtime knows one, by itself or from a package in the
        folders ``backends``. Without, the processor alone works, for graphics processors reckon otherwise.
        """
        self.cancelled = threading.Event()
        self.context = context
        self._model = load_weights(path, gpu_layers, backends)
        self._vocab = llama.llama_model_get_vocab(self._model)
        self._ctx = llama.llama_init_from_model(self._model, _context_params(context, threads))
        if not self._ctx:
            raise EngineError(f"There is not enough memory for a context of {context} tokens.")
        self._adapter = None if adapter is None else self._load_adapter(adapter)
        self._adapted = False  # whether it is at work
        self._size = llama.llama_vocab_n_tokens(self._vocab)
        self._prefix: list[int] | None = None  # tokens of the shared prefix that the cache holds
        self._length = 0  # tokens in the cache

    def _load_adapter(self, adapter: Path) -> Any:
        lora = llama.llama_adapter_lora_init(self._model, str(adapter).encode())
        if not lora:
            raise EngineError(f"llama.cpp cannot load the adapter {adapter.name}: it is not one of this model.")
        return lora

    def _adapt(self, adapted: bool) -> None:
        """Put the adapter to work or to rest; what the cache holds was evaluated otherwise, and goes."""
        if self._adapter is None or adapted == self._adapted:
            return
        adapters, scales = (llama.llama_adapter_lora_p_ctypes * 1)(self._adapter), (ctypes.c_float * 1)(1.0)
        if llama.llama_set_adapters_lora(self._ctx, adapters, int(adapted), scales) != 0:
            raise EngineError("The adapter cannot be used with this model.")
        self._adapted, self._prefix = adapted, None

    def close(self) -> None:
        llama.llama_free(self._ctx)
        llama.llama_model_free(self._model)

    def word(self, request: Request, on_token: Callable[[str], None]) -> Answer:
        """Decode under the grammar until the model ends, ``max_tokens`` or ``cancelled``.

        A grammar that is a frame is decoded by its choices, any other a token at a time. The shared prefix is always
        evaluated in batches of its own, so that one found in the cache gives the same numbers as one evaluated anew.
        Raises ``EngineError`` on a grammar llama.cpp refuses, and on a prompt longer than the context.
        """
        start = time.perf_counter()
        self._adapt(request.adapted)
        prefix = self.tokenize(request.prompt[: request.shared])
        rest = self.tokenize(request.prompt[request.shared :])
        if len(prefix) + len(rest) + request.max_tokens > self.context:
            raise EngineError(f"The prompt of {len(prefix) + len(rest)} tokens is longer than the model's context.")
        parts = read_frame(request.grammar)
        text, tokens, stopped = "", 0, "cancelled"
        if self._restore(prefix):
            try:
                decode = self._decode_freely if parts is None else self._decode_frame
                text, tokens, stopped = decode(request, rest, on_token)
            except InexactError:
                self._restore(prefix)
                text, tokens, stopped = self._decode_freely(request, rest, on_token)
        return Answer(text, tokens, time.perf_counter() - start, stopped)

    def word_together(
        self, requests: Sequence[Request], on_token: Callable[[int, str], None], done: Callable[[int, Answer], None]
    ) -> None:
        """Decode several requests side by side, as sequences of one batch over their shared prefix.

        The requests must share their prefix and be alike in ``adapted``. ``done`` gets each answer with its place as
        soon as it stands. Which sequences run together hangs on the requests and their order alone, so the same list
        gives the same bytes. Raises ``EngineError`` as ``word`` does, before anything is decoded.
        """
        self._adapt(requests[0].adapted)
        prefix, rests = self._parts(requests)
        longest = max(len(rest) + request.max_tokens for rest, request in zip(rests, requests, strict=True))
        together = min(TOGETHER, (self.context - len(prefix)) // longest)
        if together < 1:
            raise EngineError(f"The prompt of {len(prefix) + longest} tokens is longer than the model's context.")
        if not self._restore(prefix):
            for place in range(len(requests)):
                done(place, Answer("", 0, 0.0, "cancelled"))
            return
        memory = llama.llama_get_memory(self._ctx)
        waiting, free = list(range(len(requests))), list(range(1, together + 1))
        running: list[_Running] = []
        try:
            while waiting or running:
                while waiting and free:
                    place, seat = waiting.pop(0), free.pop(0)
                    llama.llama_memory_seq_cp(memory, 0, seat, 0, len(prefix))
                    running.append(_Running(self, requests[place], place, seat, len(prefix), rests[place], on_token))
                if self.cancelled.is_set():
                    for one in running:
                        one.stopped = one.stopped or "cancelled"
                self._step([one for one in running if not one.stopped])
                for one in [one for one in running if one.stopped]:
                    running.remove(one)
                    free.append(one.seat)
                    llama.llama_memory_seq_rm(memory, one.seat, -1, -1)
                    done(one.place, one.answer())
                    one.close()
        finally:
            for one in running:
                llama.llama_memory_seq_rm(memory, one.seat, -1, -1)
                one.close()

    def _parts(self, requests: Sequence[Request]) -> tuple[list[int], list[list[int]]]:
        """Tokens of the shared prefix, and of what each prompt has beyond it."""
        rests = [self.tokenize(request.prompt[request.shared :]) for request in requests]
        if not all(rests):
            raise EngineError("A prompt has nothing beyond what is shared.")
        return self.tokenize(requests[0].prompt[: requests[0].shared]), rests

    def _step(self, running: Sequence[_Running]) -> None:
        """Evaluate what is due of the sequences, the earlier first, and take a token of each that has nothing left."""
        tokens: list[tuple[int, int, int]] = []
        ready: dict[int, _Running] = {}  # by the place of their last token in the batch
        for one in running:
            tokens += one.read(STEP - len(tokens))
            if not one.due:
                ready[len(tokens) - 1] = one
            if len(tokens) == STEP:
                break
        if tokens:
            self.evaluate_in(tokens, ready)
        for at, one in ready.items():
            one.take(self.logits_at(at))

    def evaluate_in(self, tokens: Sequence[tuple[int, int, int]], wanted: Collection[int]) -> None:
        """Evaluate tokens, each with position and sequence, in one batch; the numbers after those wanted are kept."""
        batch = llama.llama_batch_init(len(tokens), 0, 1)
        try:
            batch.n_tokens = len(tokens)
            for at, (token, position, seat) in enumerate(tokens):
                batch.token[at], batch.pos[at] = token, position
                batch.n_seq_id[at], batch.seq_id[at][0] = 1, seat
                batch.logits[at] = at in wanted
            if llama.llama_decode(self._ctx, batch) != 0:
                raise EngineError("llama.cpp could not evaluate the prompt.")
        finally:
            llama.llama_batch_free(batch)

    def weigh(self, prompt: str, shared: int, choices: Sequence[str]) -> tuple[float, ...]:
        """How likely each choice is as what follows the prompt; they add up to one, for nothing else can come out.

        Choices are told by their first tokens. Empty when cancelled. Raises ``EngineError`` on a prompt longer than the
        context, and on choices that begin alike.
        """
        self._adapt(False)
        prefix, rest = self.tokenize(prompt[:shared]), self.tokenize(prompt[shared:])
        if len(prefix) + len(rest) > self.context:
            raise EngineError(f"The prompt of {len(prefix) + len(rest)} tokens is longer than the model's context.")
        firsts = [self.tokenize(choice)[0] for choice in choices]
        if len(set(firsts)) < len(choices):
            raise EngineError("The model cannot tell the choices apart.")
        if not (self._restore(prefix) and self.evaluate(rest)):
            return ()
        scores = self._logits()[firsts].astype(np.float64)
        weights = np.exp(scores - scores.max())
        return tuple((weights / weights.sum()).tolist())

    def warm(self, prompt: str) -> None:
        """Evaluate a shared prefix ahead of the first request that has it."""
        self._restore(self.tokenize(prompt))

    def replay(self, request: Request, text: str) -> tuple[int, float]:
        """Decode the tokens of ``text`` after the prompt, no grammar and no choice: tokens and seconds of that alone.

        What bare llama.cpp takes for the same text; the benchmark's yardstick.
        """
        self._adapt(request.adapted)
        self._restore(self.tokenize(request.prompt[: request.shared]))
        self.evaluate(self.tokenize(request.prompt[request.shared :]))
        tokens = self.tokenize(text)
        start = time.perf_counter()
        for token in tokens:
            int(self._logits().argmax())
            self.evaluate([token])
        return len(tokens), time.perf_counter() - start

    def tokenize(self, text: str) -> list[int]:
        """Token ids; marks such as ``<|im_start|>`` count as one token."""
        raw = text.encode()
        buffer = (llama.llama_token * (len(raw) + 8))()
        count = llama.llama_tokenize(self._vocab, raw, len(raw), buffer, len(buffer), False, True)
        return list(buffer[:count])

    def _restore(self, prefix: list[int]) -> bool:
        """Bring the cache to the shared prefix and nothing else; False when cancelled on the way."""
        memory = llama.llama_get_memory(self._ctx)
        if self._prefix == prefix and prefix and llama.llama_memory_seq_rm(memory, 0, len(prefix), -1):
            self._length = len(prefix)
            return True
        self._prefix, self._length = None, 0
        llama.llama_memory_clear(memory, True)
        if not self.evaluate(prefix):
            return False
        self._prefix = prefix
        return True

    def rewind(self, count: int) -> None:
        """Take the last ``count`` tokens out of the cache."""
        self._length -= count
        if not llama.llama_memory_seq_rm(llama.llama_get_memory(self._ctx), 0, self._length, -1):
            raise EngineError("The model cannot take back what it has read.")

    def evaluate(self, tokens: Sequence[int]) -> bool:
        """Append tokens to the cache; False when cancelled."""
        for at in range(0, len(tokens), CHUNK):
            if self.cancelled.is_set():
                return False
            part = tokens[at : at + CHUNK]
            ids = (llama.llama_token * len(part))(*part)  # the batch points into it: it must outlive the call
            if llama.llama_decode(self._ctx, llama.llama_batch_get_one(ids, len(part))) != 0:
                raise EngineError("llama.cpp could not evaluate the prompt.")
            self._length += len(part)
        return True

    def _decode_frame(self, request: Request, rest: list[int], on_token: Callable[[str], None]) -> tuple[str, int, str]:
        chooser = _Chooser(self._logits, request.seed, request.temperature)
        parts = read_frame(request.grammar)
        assert parts is not None
        text = ""
        try:
            for words in FrameWalk(self, chooser.pick, rest).walk(parts):
                text += words
                on_token(words)
        except CancelledError:
            return text, len(self.tokenize(text)), "cancelled"
        return text, len(self.tokenize(text)) + 1, "stop"

    def _decode_freely(
        self, request: Request, rest: list[int], on_token: Callable[[str], None]
    ) -> tuple[str, int, str]:
        with self._grammar(request.grammar) as grammar:
            if not self.evaluate(rest):
                return "", 0, "cancelled"
            picker = _Picker(grammar, request.seed, request.temperature)
            return self._decode(picker, request.max_tokens, on_token)

    def _decode(self, picker: _Picker, limit: int, on_token: Callable[[str], None]) -> tuple[str, int, str]:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = ""
        for count in range(1, limit + 1):
            if self.cancelled.is_set():
                return text, count - 1, "cancelled"
            token = picker.pick(self._logits())
            if self.is_end(token):
                return text, count, "stop"
            piece = decoder.decode(self.piece(token))
            if piece:
                text += piece
                on_token(piece)
            if count < limit:
                self.evaluate([token])
        return text, limit, "length"

    def _logits(self) -> npt.NDArray[np.float32]:
        return self.logits_at(-1)

    def logits_at(self, place: int) -> npt.NDArray[np.float32]:
        """The numbers after the token at that place of the last batch."""
        return np.ctypeslib.as_array(llama.llama_get_logits_ith(self._ctx, place), shape=(self._size,))

    def is_end(self, token: int) -> bool:
        return bool(llama.llama_vocab_is_eog(self._vocab, token))

    def piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        length = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(0, length)]

    def end_token(self) -> int:
        """The mark that ends an answer."""
        return int(llama.llama_vocab_eos(self._vocab))

    @contextmanager
    def _grammar(self, text: str) -> Iterator[Any]:
        sampler = self.new_grammar(text)
        try:
            yield sampler
        finally:
            llama.llama_sampler_free(sampler)

    def new_grammar(self, text: str) -> Any:
        """A grammar to be freed by who asked for it; raises ``EngineError`` when llama.cpp refuses it."""
        sampler = llama.llama_sampler_init_grammar(self._vocab, text.encode(), b"root")
        if not sampler:
            raise EngineError("llama.cpp cannot read the grammar of the sentence.")
        return sampler


class _Running:
    """One sentence of several that are decoded side by side."""

    def __init__(
        self,
        engine: Engine,
        request: Request,
        place: int,
        seat: int,
        length: int,
        rest: Sequence[int],
        on_token: Callable[[int, str], None],
    ) -> None:
        """``length`` tokens are evaluated, ``rest`` is what the prompt has beyond them."""
        self.place, self.seat, self.stopped = place, seat, ""
        self.due = list(rest)  # tokens that are not evaluated yet
        self._length = length
        self._engine, self._limit, self._on_token = engine, request.max_tokens, on_token
        self._begun = time.perf_counter()
        self._grammar = engine.new_grammar(request.grammar)
        self._picker = _Picker(self._grammar, request.seed, request.temperature)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text, self._count = "", 0

    def read(self, most: int) -> list[tuple[int, int, int]]:
        """The next tokens to be evaluated, with their positions and the sequence."""
        part, self.due = self.due[:most], self.due[most:]
        tokens = [(token, self._length + step, self.seat) for step, token in enumerate(part)]
        self._length += len(part)
        return tokens

    def take(self, logits: npt.NDArray[np.float32]) -> None:
        """Pick the next token by the numbers, and see whether the sentence ends with it."""
        token = self._picker.pick(logits)
        self._count += 1
        self.due = [token]
        if self._engine.is_end(token):
            self.stopped = "stop"
        else:
            piece = self._decoder.decode(self._engine.piece(token))
            self._text += piece
            if piece:
                self._on_token(self.place, piece)
            self.stopped = "length" if self._count >= self._limit else ""

    def answer(self) -> Answer:
        return Answer(self._text, self._count, time.perf_counter() - self._begun, self.stopped)

    def close(self) -> None:
        llama.llama_sampler_free(self._grammar)


class _Chooser:
    """Picks one of a few tokens: the likeliest, or seeded at a temperature."""

    def __init__(self, logits: Callable[[], npt.NDArray[np.float32]], seed: int, temperature: float) -> None:
        self._logits = logits
        self._temperature = temperature
        self._random = np.random.Generator(np.random.PCG64(seed))

    def pick(self, tokens: Sequence[int]) -> int:
        scores = self._logits()[list(tokens)].astype(np.float64)
        if self._temperature <= 0:
            return tokens[int(scores.argmax())]
        weights = np.exp((scores - scores.max()) / self._temperature)
        chosen = np.searchsorted(np.cumsum(weights), self._random.random() * weights.sum(), side="right")
        return tokens[int(min(chosen, len(tokens) - 1))]


class _Picker:
    """Picks the next token among those the grammar admits: the likeliest, or seeded at a temperature."""

    def __init__(self, grammar: Any, seed: int, temperature: float) -> None:
        self._grammar = grammar
        self._temperature = temperature
        self._random = np.random.Generator(np.random.PCG64(seed))

    def pick(self, logits: npt.NDArray[np.float32]) -> int:
        """Try the best token alone, then shortlists, then all: the answer is that of trying all."""
        best = int(logits.argmax())
        if self._temperature > 0:
            token = self._sample(logits)
        elif np.isfinite(self._admit(np.array([best]), logits)[0]):
            token = best
        else:
            token = self._likeliest(logits)
        llama.llama_sampler_accept(self._grammar, token)
        return token

    def _likeliest(self, logits: npt.NDArray[np.float32]) -> int:
        for count in (*SHORTLISTS, len(logits)):
            ids = np.argpartition(logits, -count)[-count:] if count < len(logits) else np.arange(len(logits))
            allowed = self._admit(ids, logits)
            if np.isfinite(allowed).any():
                return int(ids[int(allowed.argmax())])
        raise EngineError("The grammar of the sentence leaves the model no way on.")

    def _sample(self, logits: npt.NDArray[np.float32]) -> int:
        """Draw among all tokens until the grammar admits one: the odds are those of drawing among the admitted."""
        sums = self._odds(logits)
        for _ in range(TRIES):
            token = self._draw(sums)
            if np.isfinite(self._admit(np.array([token]), logits)[0]):
                return token
        allowed = self._admit(np.arange(len(logits)), logits)
        if not np.isfinite(allowed).any():
            raise EngineError("The grammar of the sentence leaves the model no way on.")
        return self._draw(self._odds(allowed))

    def _odds(self, logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Running sums of the tokens' weights."""
        scaled = logits.astype(np.float64) / self._temperature
        sums: npt.NDArray[np.float64] = np.cumsum(np.exp(scaled - scaled.max()))
        return sums

    def _draw(self, sums: npt.NDArray[np.float64]) -> int:
        chosen = np.searchsorted(sums, self._random.random() * sums[-1], side="right")
        return int(min(chosen, len(sums) - 1))

    def _admit(self, ids: npt.NDArray[np.intp], logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Logits of ``ids``, minus infinity where the grammar forbids the token."""
        data = np.zeros(len(ids), dtype=_TOKEN)
        data["id"] = ids
        data["logit"] = logits[ids]
        array = llama.llama_token_data_array(
            data=data.ctypes.data_as(llama.llama_token_data_p), size=len(ids), selected=-1, sorted=False
        )
        llama.llama_sampler_apply(self._grammar, ctypes.byref(array))
        allowed: npt.NDArray[np.float32] = data["logit"]
        return allowed


def _context_params(context: int, threads: int) -> Any:
    params = llama.llama_context_default_params()
    params.n_ctx = context
    params.n_batch = params.n_ubatch = min(context, 512)
    params.n_seq_max = TOGETHER + 1  # the shared prefix has a sequence of its own
    params.kv_unified = True
    params.n_threads = params.n_threads_batch = threads
    params.no_perf = True
    return params
