"""The report of a case: its sentences and how they came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.phrases import SourceFile
from app.domain.questions import Question
from app.domain.report_kinds import FULL, ReportKind
from app.domain.sentences import Sentence
from app.domain.summary import summary, summary_json


@dataclass(frozen=True, slots=True)
class ModelRun:
    """Which model worded the report, with everything that fixes its output."""

    name: str
    sha256: str  # of the GGUF file
    runtime: str  # "llama-cpp-python 0.3.36"
    prompt_sha256: str
    grammar_sha256: str
    seed: int
    style: str = ""  # "frames" | "taught" | "free"; empty: not recorded
    adapter_sha256: str = ""  # of the adapter's GGUF file; empty: none

    def to_json(self) -> dict[str, Any]:
        """What was not recorded is left out."""
        fixed = {
            "name": self.name,
            "sha256": self.sha256,
            "runtime": self.runtime,
            "prompt_sha256": self.prompt_sha256,
            "grammar_sha256": self.grammar_sha256,
            "seed": self.seed,
        }
        more = {"style": self.style, "adapter_sha256": self.adapter_sha256}
        return fixed | {key: value for key, value in more.items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ModelRun:
        """Inverse of ``to_json``."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a draft was planned with, so that it can be repeated and what differs can be named."""

    program: str  # version of Caseworth
    phrases_sha256: str  # of the phrase book
    plan_sha256: str  # ``Plan.digest``
    files: tuple[SourceFile, ...] = ()  # that the words came from; empty: not recorded

    def to_json(self) -> dict[str, Any]:
        """What was not recorded is left out."""
        fixed = {"program": self.program, "phrases_sha256": self.phrases_sha256, "plan_sha256": self.plan_sha256}
        return fixed | ({"files": [file.to_json() for file in self.files]} if self.files else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Basis:
        """Inverse of ``to_json``; other keys are passed over."""
        files = tuple(SourceFile(f["name"], f["version"], f["sha256"]) for f in data.get("files", ()))
        return cls(str(data["program"]), str(data["phrases_sha256"]), str(data["plan_sha256"]), files)


@dataclass(frozen=True, slots=True)
class Report:
    """Sentences in reading order; ``model`` is null for a report from rules alone."""

    case_id: str
    language: str
    sentences: tuple[Sentence, ...]
    model: ModelRun | None = None
    tokens: int = 0
    seconds: float = 0.0
    basis: Basis | None = None  # null: drafted by a version that did not record it
    kind: ReportKind | None = None  # null: drafted by a version that knew the full assessment alone
    highlights: tuple[str, ...] = ()  # keys of what its summary may say, the most needed first
    questions: tuple[Question, ...] = ()  # to the applicant

    def sections(self) -> list[str]:
        """Every section a sentence may stand in, in reading order."""
        return (self.kind or FULL).names()

    def summary(self) -> tuple[Sentence, ...]:
        """The summary on top: at most 80 words of the sentences as they stand now."""
        return summary(self.sentences, self.highlights, self.language)

    def to_json(self) -> dict[str, Any]:
        """What was not recorded is left out."""
        return {
            "language": self.language,
            "sentences": [sentence.to_json() for sentence in self.sentences],
            "model": self.model and self.model.to_json(),
            "tokens": self.tokens,
            "seconds": round(self.seconds, 3),
            **({} if self.basis is None else {"basis": self.basis.to_json()}),
            **({} if self.kind is None else {"kind": self.kind.to_json()}),
            **({"highlights": list(self.highlights)} if self.highlights else {}),
            **({"summary": summary_json(self.summary(), self.language)} if self.highlights else {}),
            **({"questions": [question.to_json() for question in self.questions]} if self.questions else {}),
        }

    @classmethod
    def from_json(cls, case_id: str, data: Mapping[str, Any]) -> Report:
        """Inverse of ``to_json``, which leaves the case out; ``seconds`` keeps three decimals."""
        return cls(
            case_id=case_id,
            language=data["language"],
            sentences=tuple(Sentence.from_json(sentence) for sentence in data["sentences"]),
            model=ModelRun.from_json(data["model"]) if data["model"] else None,
            tokens=data["tokens"],
            seconds=data["seconds"],
            basis=Basis.from_json(data["basis"]) if data.get("basis") else None,
            kind=ReportKind.from_json(data["kind"]) if data.get("kind") else None,
            highlights=tuple(data.get("highlights", ())),
            questions=tuple(Question.from_json(question) for question in data.get("questions", ())),
        )
