"""Decode a frame by its choices: forced words are evaluated in batches, the model is asked only where it may choose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

_LITERAL = r'"(?:[^"\\]|\\.)*"'
_PART = re.compile(rf"\s*(?:(?P<one>{_LITERAL})|\((?P<many>\s*{_LITERAL}(?:\s*\|\s*{_LITERAL})*\s*)\))")
_UNESCAPED = {"n": "\n"}

Part = tuple[str, ...]  # one string is forced, several are the choices
Pick = Callable[[Sequence[int]], int]  # the token to take of these, by the logits at the end of what is evaluated


class InexactError(Exception):
    """The model's tokens do not spell the frame byte for byte; it must be decoded under its grammar."""


class CancelledError(Exception):
    """Evaluation was stopped."""


class Evaluator(Protocol):
    """The model as the walk needs it."""

    def tokenize(self, text: str) -> list[int]: ...
    def piece(self, token: int) -> bytes: ...
    def end_token(self) -> int:
        """The mark that ends an answer."""

    def evaluate(self, tokens: Sequence[int]) -> bool:
        """Append tokens to the cache; False when cancelled."""

    def rewind(self, count: int) -> None:
        """Take the last ``count`` tokens out of the cache."""


def read_frame(grammar: str) -> tuple[Part, ...] | None:
    """The parts of a grammar that is one row of literals and choices of literals; null for any other."""
    head, _, body = grammar.rstrip().partition("::=")
    if head.strip() != "root":
        return None
    parts, at = [], 0
    while at < len(body):
        match = _PART.match(body, at)
        if match is None:
            return None
        found = re.findall(_LITERAL, match.group("one") or match.group("many"))
        parts.append(tuple(dict.fromkeys(map(_unquoted, found))))
        at = match.end()
    return tuple(parts)


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", lambda match: _UNESCAPED.get(match.group(1), match.group(1)), literal[1:-1])


class FrameWalk:
    """One walk through a frame. What is evaluated, and in which batches, hangs on the prompt and the frame alone."""

    def __init__(self, model: Evaluator, pick: Pick, lead: Sequence[int]) -> None:
        """``lead`` are tokens of the prompt that are not evaluated yet; they go with the first batch."""
        self._model = model
        self._pick = pick
        self._lead = list(lead)
        self._pending = ""  # settled text that is not evaluated yet

    def walk(self, parts: Sequence[Part]) -> Iterator[str]:
        """The text, in pieces as they are settled. What follows the last choice is never evaluated.

        Raises ``CancelledError``, and ``InexactError`` when the model cannot spell the frame.
        """
        for at, part in enumerate(parts):
            words = part[0]
            if len(part) > 1:
                words = self._choose(part, "".join(later[0] for later in parts[at + 1 :]))
            else:
                self._pending += words
            yield words

    def _choose(self, choices: Part, rest: str) -> str:
        """Follow the readings, each with ``rest`` after it, until their tokens leave one."""
        readings = {choice: self._spell(self._pending + choice + rest) for choice in choices}
        live, depth = list(choices), 0
        while len(live) > 1:
            shared = _shared_length([readings[choice] for choice in live])
            self._evaluate(readings[live[0]][depth:shared])
            depth = shared
            token = self._pick(sorted({readings[choice][depth] for choice in live}))
            live = [choice for choice in live if readings[choice][depth] == token]
        self._settle(self._pending + live[0], readings[live[0]][:depth])
        return live[0]

    def _settle(self, text: str, evaluated: Sequence[int]) -> None:
        """Keep of the evaluated tokens those that spell whole characters of ``text``; the rest of it is pending."""
        raw, kept = text.encode(), len(evaluated)
        while (done := self._whole(raw, evaluated[:kept])) is None:
            kept -= 1
        if kept < len(evaluated):
            self._model.rewind(len(evaluated) - kept)
        self._pending = raw[done:].decode()

    def _whole(self, raw: bytes, tokens: Sequence[int]) -> int | None:
        """Bytes the tokens spell; null when they pass the end of ``raw`` or end within a character."""
        length = sum(len(self._model.piece(token)) for token in tokens)
        within = length < len(raw) and raw[length] & 0xC0 == 0x80
        return None if length > len(raw) or within else length

    def _spell(self, text: str) -> list[int]:
        tokens = self._model.tokenize(text)
        if b"".join(map(self._model.piece, tokens)) != text.encode():
            raise InexactError
        return [*tokens, self._model.end_token()]

    def _evaluate(self, tokens: Sequence[int]) -> None:
        batch, self._lead = [*self._lead, *tokens], []
        if batch and not self._model.evaluate(batch):
            raise CancelledError


def _shared_length(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all rows begin with alike."""
    return next((at for at, column in enumerate(zip(*rows, strict=False)) if len(set(column)) > 1), len(rows[0]))
