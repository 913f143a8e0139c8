"""A wording model for tests and demonstrations: it answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from app.errors import Cancelled, EnvironmentFault
from app.wording_ports import DraftingStyle, Wording, WordingRequest
from local_models.drafting import style_named

Answer = str | Exception


@dataclass
class ScriptedModel:
    """Answers in order, the last one again and again; an exception among the answers is raised.

    ``prompts`` and ``grammars`` keep what it was asked.
    """

    answers: Sequence[Answer] = ()
    languages: tuple[str, ...] = ("en", "zh")
    style: DraftingStyle = field(default_factory=lambda: style_named("frames"))
    name: str = "scripted"
    sha256: str = "5" * 64
    adapter_sha256: str = ""
    runtime: str = "scripted 1"
    prompts: list[str] = field(default_factory=list)
    grammars: list[str] = field(default_factory=list)
    cancelled: bool = False

    def word(
        self,
        prompt: str,
        grammar: str,
        *,
        seed: int,
        max_tokens: int,
        temperature: float,
        on_token: Callable[[str], None] | None = None,
        shared: int = 0,
    ) -> Wording:
        """The next answer, its words streamed as tokens."""
        if self.cancelled:
            raise Cancelled
        answer = self.answers[min(len(self.prompts), len(self.answers) - 1)] if self.answers else ""
        self.prompts.append(prompt)
        self.grammars.append(grammar)
        if isinstance(answer, Exception):
            raise answer
        for word in answer.split(" "):
            if on_token is not None:
                on_token(word)
        return Wording(answer, tokens=len(answer.split()), seconds=0.01, stopped="stop")

    def word_together(
        self,
        requests: Sequence[WordingRequest],
        *,
        seeds: Sequence[int],
        temperature: float,
        on_answer: Callable[[int, Wording], None],
        on_token: Callable[[int, str], None] | None = None,
    ) -> None:
        """The next answers, one after the other."""
        for place, (request, seed) in enumerate(zip(requests, seeds, strict=True)):
            said = partial(on_token, place) if on_token is not None else None
            limit = request.max_tokens
            worded = self.word(
                request.prompt, request.grammar, seed=seed, max_tokens=limit, temperature=temperature, on_token=said
            )
            on_answer(place, worded)

    def cancel(self) -> None:
        self.cancelled = True

    def close(self) -> None:
        """Nothing is open."""


def broken_model(why: str = "The model stopped twice.") -> ScriptedModel:
    """A model that fails on every request."""
    return ScriptedModel([EnvironmentFault(why)])
