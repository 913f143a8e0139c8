"""Have a model word planned sentences: one by one where they hang on each other, side by side where they do not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from app.domain.checking import Setting, TextCheck, check_worded
from app.domain.plan import SentencePlan
from app.domain.report import ModelRun
from app.domain.sentences import Author, Problem, Sentence, State
from app.domain.variety import edges, narrowed
from app.errors import EnvironmentFault
from app.ports import Progress
from app.wording_ports import Wording, WordingModel, WordingRequest

CANDIDATES = 3  # wordings of a sentence that are tried side by side with others before the rule sentence stands
FAULTS_IN_A_ROW = 2  # after which the model is left alone for the rest of the report
TEMPERATURE = 0.7  # of a draft with a seed; without one the likeliest words are taken
NO_CHOICE = "the sentence leaves the model no choice"

OnSentence = Callable[[Sentence], None]


class Draft(Protocol):
    """What is worded, and what its sentences are held against."""

    @property
    def language(self) -> str: ...

    def labels(self, plan: SentencePlan) -> Mapping[str, str]:
        """Of the slots, by their names."""

    def kinds(self, plan: SentencePlan) -> Mapping[str, str]:
        """How the values of the slots are printed, by their names."""

    def setting_for(self, plan: SentencePlan, others: Sequence[str]) -> Setting: ...

    def sentence(self, plan: SentencePlan, template: str, author: Author, result: TextCheck) -> Sentence:
        """The sentence with its slots filled."""

    def objections(self, sentence: Sentence) -> tuple[Problem, ...]:
        """What the facts and findings of the case say against the sentence as it reads."""


class Writer:
    """Words the sentences of one draft, and remembers what fixes its output."""

    def __init__(
        self,
        draft: Draft,
        model: WordingModel | None,
        seed: int = 0,
        on_token: Callable[[str], None] | None = None,
    ) -> None:
        self.tokens = 0
        self.fault: EnvironmentFault | None = None  # the model's last
        self._draft = draft
        self._model = model
        self._seed = seed
        self._on_token = on_token
        self._prompts, self._grammars = hashlib.sha256(), hashlib.sha256()
        self._answered = 0
        self._faults: list[str] = []  # of the last sentences in a row
        self._templates: list[str] = []
        self._edges: set[str] = set()  # beginnings and endings of the sentences so far

    def word_all(
        self, plans: Sequence[SentencePlan], plain: Sequence[Sentence], settled: OnSentence, progress: Progress
    ) -> list[Sentence]:
        """The sentences in order: the model's where it passes the checks, else the rule sentence with the reason.

        Neighbours that hang on no other sentence are worded side by side.
        """
        sentences = list(plain)
        at = 0
        while at < len(plans):
            progress(at, len(plans), plans[at].subject)
            request = self._asked(plans[at])
            if self._model is not None and request is not None and request.together:
                run = self._run(plans, at)
                self._word_together(self._model, plans, sentences, run, settled, progress)
                at += len(run)
                continue
            sentences[at] = self._word(plans[at], plain[at], request)
            settled(sentences[at])
            at += 1
        return sentences

    @property
    def worded(self) -> bool:
        """Whether the model answered at all."""
        return self._answered > 0

    def run(self) -> ModelRun | None:
        """What fixes the wording; null when no model answered."""
        if self._model is None or not self.worded:
            return None
        return ModelRun(
            self._model.name,
            self._model.sha256,
            self._model.runtime,
            self._prompts.hexdigest(),
            self._grammars.hexdigest(),
            self._seed,
            self._model.style.name,
            self._model.adapter_sha256,
        )

    # -- asking

    def _asked(self, plan: SentencePlan) -> WordingRequest | None:
        """What the model is asked for the sentence; null where it has no choice, or is not to be asked at all."""
        model, draft = self._model, self._draft
        if model is None or draft.language not in model.languages or self._left_alone:
            return None
        fresh = replace(plan, frame=narrowed(plan.frame, self._edges))
        return model.style.request(fresh, draft.labels(plan), draft.language, draft.kinds(plan))

    @property
    def _left_alone(self) -> bool:
        return len(self._faults) >= FAULTS_IN_A_ROW

    def _run(self, plans: Sequence[SentencePlan], at: int) -> dict[int, WordingRequest | None]:
        """The sentence and its next neighbours up to one that is asked for alone, by place; null for no choice."""
        run: dict[int, WordingRequest | None] = {}
        for place in range(at, len(plans)):
            request = self._asked(plans[place])
            if request is not None and not request.together:
                break
            run[place] = request
        return run

    def _word(self, plan: SentencePlan, plain: Sentence, request: WordingRequest | None) -> Sentence:
        """The sentence asked for alone."""
        if self._model is None:
            return plain
        if self._draft.language not in self._model.languages:
            return self._keep(plan, plain, f"model not qualified for {self._draft.language}")
        if self._left_alone:
            return self._keep(plan, plain, f"model not available: {self._faults[-1]}")
        if request is None:
            return self._keep(plan, plain, NO_CHOICE)
        try:
            wording = self._call(self._model, plan, request)
        except EnvironmentFault as fault:
            return self._keep(plan, plain, self._failed(fault))
        self._faults.clear()
        self._heard(wording)
        return self._judge(plan, plain, self._model.style.template(wording.text, plan))

    def _failed(self, fault: EnvironmentFault) -> str:
        self.fault = fault
        self._faults.append(fault.message)
        return f"model not available: {fault.message}"

    def _call(self, model: WordingModel, plan: SentencePlan, request: WordingRequest) -> Wording:
        self._note(request)
        return model.word(
            request.prompt,
            request.grammar,
            seed=_seed_of(self._seed, plan.key),
            max_tokens=request.max_tokens,
            temperature=TEMPERATURE if self._seed else 0.0,
            on_token=self._on_token,
            shared=request.shared,
        )

    def _note(self, request: WordingRequest) -> None:
        self._prompts.update(request.prompt.encode() + b"\x1e")
        self._grammars.update(request.grammar.encode() + b"\x1e")

    def _heard(self, wording: Wording) -> None:
        self.tokens += wording.tokens
        self._answered += 1

    def _word_together(
        self,
        model: WordingModel,
        plans: Sequence[SentencePlan],
        sentences: list[Sentence],
        run: Mapping[int, WordingRequest | None],
        settled: OnSentence,
        progress: Progress,
    ) -> None:
        """The sentences of the run side by side, heard in reading order; those that fail are asked again, sampled."""
        plain, left = list(sentences), [at for at, request in run.items() if request is not None]
        for at in run.keys() - set(left):
            sentences[at] = self._keep(plans[at], plain[at], NO_CHOICE)
        for attempt in range(CANDIDATES):
            batch = _Batch(left, self._on_token)
            fault = None
            try:
                self._ask_together(model, plans, run, batch, attempt, progress)
                self._faults.clear()
            except EnvironmentFault as raised:
                fault, why = raised, self._failed(raised)
            refused = []
            for at in run if attempt == 0 else left:
                if run[at] is None:
                    pass
                elif at in batch.worded:
                    template = model.style.template(batch.worded[at].text, plans[at])
                    sentences[at] = self._judge(plans[at], plain[at], template)
                    refused += [at] if sentences[at].fallback is not None else []
                elif fault is not None and attempt == 0:
                    sentences[at] = self._keep(plans[at], plain[at], why)
                settled(sentences[at])
            left = refused
            if not left or fault is not None:
                break

    def _ask_together(
        self,
        model: WordingModel,
        plans: Sequence[SentencePlan],
        run: Mapping[int, WordingRequest | None],
        batch: _Batch,
        attempt: int,
        progress: Progress,
    ) -> None:
        asked = [request for at in batch.places if (request := run[at]) is not None]
        for request in asked:
            self._note(request)

        def answered(place: int, wording: Wording) -> None:
            batch.hear(place, wording)
            self._heard(wording)
            progress(batch.places[0] + len(batch.worded), len(plans), plans[batch.places[place]].subject)

        sampled = attempt > 0 or self._seed > 0
        model.word_together(
            asked,
            seeds=[_seed_of(self._seed + attempt, plans[at].key) for at in batch.places],
            temperature=TEMPERATURE if sampled else 0.0,
            on_answer=answered,
            on_token=batch.hear_token if self._on_token is not None else None,
        )

    # -- judging

    def _judge(self, plan: SentencePlan, plain: Sentence, template: str) -> Sentence:
        """The model's sentence where neither its plan nor the case objects."""
        result = check_worded(template, plan, self._draft.setting_for(plan, self._templates))
        worded = self._draft.sentence(plan, template, Author.MODEL, result) if result.passed else None
        problems = result.problems if worded is None else self._draft.objections(worded)
        if worded is None or problems:
            kinds = dict.fromkeys(f"{problem.kind}: {problem.span}" for problem in problems)
            return self._keep(plan, plain, "; ".join(kinds), template)
        self._templates.append(template)
        self._edges |= edges(template, plan.frame)
        return worded

    def _keep(self, plan: SentencePlan, plain: Sentence, why: str, rejected: str | None = None) -> Sentence:
        self._templates.append(plain.template)
        self._edges |= edges(plain.template, plan.frame)
        return replace(plain, state=State.FALLEN_BACK, fallback=why, rejected=rejected)


class _Batch:
    """Sentences that are worded side by side; their words are passed on in reading order."""

    def __init__(self, places: Sequence[int], on_token: Callable[[str], None] | None) -> None:
        self.places = list(places)  # of the report's sentences, in the order in which they are asked for
        self.worded: dict[int, Wording] = {}  # by place in the report
        self._on_token = on_token
        self._head = 0  # of ``places``: the first that has not been heard to its end
        self._waiting: dict[int, list[str]] = {}

    def hear(self, at: int, wording: Wording) -> None:
        self.worded[self.places[at]] = wording
        while self._head < len(self.places) and self.places[self._head] in self.worded:
            self._head += 1
            for piece in self._waiting.pop(self._head, ()):
                self._say(piece)

    def hear_token(self, at: int, piece: str) -> None:
        if at == self._head:
            self._say(piece)
        else:
            self._waiting.setdefault(at, []).append(piece)

    def _say(self, piece: str) -> None:
        if self._on_token is not None:
            self._on_token(piece)


def _seed_of(seed: int, key: str) -> int:
    """A seed of its own for each sentence, so that its wording does not hang on its place in the report."""
    return int.from_bytes(hashlib.sha256(f"{seed}\x1f{key}".encode()).digest()[:4], "big") if seed else 0
