"""Closed questions: whether a sentence is in line with what the case says, by the probability of a yes or a no.

The question is asked only where no rule objects, and its answer can only flag. What stands in it is data of the case;
no answer of the model is read but the two numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from typing import Protocol

from app.domain.checks.engine import DOUBT
from app.errors import EnvironmentFault

_SYSTEM = {
    "en": "You compare a sentence of a credit report with the facts of the case. Answer yes or no.",
    "zh": "你把信贷报告中的一句话与案件事实对照。只回答是或否。",
}
_QUESTION = {
    "en": "Sentence: {}\nIs everything in this sentence in line with the facts above? Answer yes or no.",
    "zh": "句子：{}\n这句话是否完全符合上述事实？只回答是或否。",
}
_CHOICES = {"en": ("yes", "no"), "zh": ("是", "否")}
_LEAST = 1e-6  # a probability is kept this far from nothing and from certainty


class Weighs(Protocol):
    """A model that tells how likely each choice is as what follows a prompt."""

    def weigh(self, prompt: str, choices: Sequence[str], *, shared: int = 0) -> tuple[float, ...]: ...


class ClosedQuestion:
    """``app.domain.checks.engine.Ask`` of one model in one language."""

    def __init__(self, model: Weighs, language: str, threshold: float) -> None:
        """``threshold`` is the "no" from which this model's answer flags a sentence, as it was measured for it."""
        self._model, self._language, self._threshold = model, language, threshold

    def __call__(self, sentence: str, said: Sequence[str]) -> float:
        """The calibrated probability that the sentence does not follow; 0 where the model cannot be asked."""
        try:
            return calibrated(self.weight(sentence, said), self._threshold)
        except EnvironmentFault:
            return 0.0

    def weight(self, sentence: str, said: Sequence[str]) -> float:
        """How likely "no" is to the model itself. Raises what ``LocalModel.weigh`` raises."""
        head = f"<|im_start|>system\n{_SYSTEM[self._language]}<|im_end|>\n<|im_start|>user\n"
        lines = "".join(f"- {_plain(line)}\n" for line in said)
        asked = _QUESTION[self._language].format(_plain(sentence))
        prompt = f"{head}{lines}\n{asked}<|im_end|>\n<|im_start|>assistant\n"
        return self._model.weigh(prompt, _CHOICES[self._language], shared=len(head))[1]


def calibrated(weight: float, threshold: float) -> float:
    """The weight on the scale of the checks: at the threshold it is ``DOUBT``, and odds keep their ratios."""
    odds = _log_odds(weight) - _log_odds(threshold) + _log_odds(DOUBT)
    return 1 / (1 + exp(-odds))


def _log_odds(share: float) -> float:
    kept = min(max(share, _LEAST), 1 - _LEAST)
    return log(kept / (1 - kept))


def _plain(text: str) -> str:
    """One line without marks of a talk."""
    return " ".join(text.replace("<|", "< ").replace("|>", " >").split())
