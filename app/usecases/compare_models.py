"""Two models word the same case side by side; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.checks.lexicon import Lexicon
from app.domain.phrases import PhraseBook
from app.domain.qualification import variety
from app.domain.report import Report
from app.domain.sentences import Author, Sentence
from app.ports import Clock, Progress, Workspace, no_progress
from app.usecases.draft_report import DraftReport, try_report
from app.wording_ports import WordingModel


@dataclass(frozen=True, slots=True)
class Side:
    """What one model made of the case."""

    model: str
    sha256: str
    report: Report

    @property
    def accepted(self) -> int:
        return sum(sentence.author is Author.MODEL for sentence in self.report.sentences)

    @property
    def fallen_back(self) -> int:
        """Wordings the checks refused, and sentences the model was not asked for or did not answer."""
        return sum(sentence.fallback is not None for sentence in self.report.sentences)

    def to_json(self) -> dict[str, Any]:
        report = self.report
        seconds = report.seconds
        return {
            "model": self.model,
            "sha256": self.sha256,
            "sentences": len(report.sentences),
            "accepted": self.accepted,
            "fallen_back": self.fallen_back,
            "variety": round(variety([sentence.template for sentence in report.sentences], report.language), 3),
            "tokens": report.tokens,
            "seconds": round(seconds, 3),
            "tokens_a_second": round(report.tokens / seconds, 1) if seconds else None,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same sentences by the rules and by each model, in reading order."""

    case_id: str
    language: str
    sides: tuple[Side, ...]

    def rows(self) -> list[tuple[Sentence, ...]]:
        """For each sentence of the plan what each side made of it."""
        return list(zip(*(side.report.sentences for side in self.sides), strict=True))

    def to_json(self) -> dict[str, Any]:
        return {
            "case": self.case_id,
            "language": self.language,
            "models": [side.to_json() for side in self.sides],
            "sentences": [
                {
                    "key": row[0].key,
                    "section": row[0].section,
                    "stance": row[0].stance.value,
                    "wordings": [_wording(sentence) for sentence in row],
                }
                for row in self.rows()
            ],
        }


def _wording(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "author": sentence.author.value,
        "fallback": sentence.fallback,
        "rejected": sentence.rejected,
    }


def compare_models(
    cmd: DraftReport,
    workspace: Workspace,
    models: Sequence[WordingModel],
    *,
    phrases: PhraseBook,
    lexicon: Lexicon,
    clock: Clock,
    progress: Progress = no_progress,
) -> Comparison:
    """Have each model word the case, one after the other; raises what ``try_report`` raises."""
    sides = []
    for model in models:
        report = try_report(cmd, workspace, model, phrases=phrases, lexicon=lexicon, clock=clock, progress=progress)
        sides.append(Side(model.name, model.sha256, report))
    return Comparison(cmd.case_id, sides[0].report.language, tuple(sides))
