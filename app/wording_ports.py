"""What the use cases need of a language model that words sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.domain.plan import SentencePlan


NO_KINDS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Wording:
    """What the model made of one request."""

    text: str
    tokens: int
    seconds: float
    stopped: str  # "stop" | "length" | "cancelled"


@dataclass(frozen=True, slots=True)
class WordingRequest:
    """What the model reads for one sentence, and the grammar its answer obeys."""

    prompt: str
    grammar: str  # GBNF, root rule "root"
    max_tokens: int
    shared: int  # characters at the start of the prompt that are the same for the whole report
    together: bool = False  # may be worded side by side with its neighbours: it hangs on no other sentence
    adapted: bool = False  # asked of the model with its adapter


class DraftingStyle(Protocol):
    """How a model is asked: its prompt format and the freedom its grammar leaves."""

    name: str

    def request(
        self, sentence: SentencePlan, labels: Mapping[str, str], language: str, kinds: Mapping[str, str] = NO_KINDS
    ) -> WordingRequest | None:
        """``labels`` are those of the slots by fact name, ``kinds`` how their values are printed ("money", "months");
        no value of any fact is given.

        Null when the style leaves the model nothing to word in this sentence.
        """

    def template(self, answer: str, sentence: SentencePlan) -> str:
        """The model's answer with its short marks turned back into slots."""


class WordingModel(Protocol):
    """The local language model behind its child process."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def adapter_sha256(self) -> str:
        """Of the adapter it has; empty: none."""

    @property
    def runtime(self) -> str: ...
    @property
    def languages(self) -> tuple[str, ...]:
        """Those it is qualified to word."""

    @property
    def style(self) -> DraftingStyle: ...

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
        """Raises ``Cancelled``, or ``EnvironmentFault`` when the child died twice on the same request.

        ``shared`` characters at the prompt's start are kept evaluated for the next request; the answer does not
        depend on it.
        """

    def word_together(
        self,
        requests: Sequence[WordingRequest],
        *,
        seeds: Sequence[int],
        temperature: float,
        on_answer: Callable[[int, Wording], None],
        on_token: Callable[[int, str], None] | None = None,
    ) -> None:
        """Word several requests of one shared prefix side by side, all with the adapter or all without it.

        Raises as ``word`` does.

        ``on_answer`` hears each answer once, with its place in the list, in the order in which they stand.
        """

    def cancel(self) -> None:
        """Stop the running request within 200 ms; callable from any thread."""

    def close(self) -> None: ...
