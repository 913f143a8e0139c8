"""The report of a case: its sentences and how they came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.sentences import Sentence


@dataclass(frozen=True, slots=True)
class ModelRun:
    """Which model worded the report, with everything that fixes its output."""

    name: str
    sha256: str  # of the GGUF file
    runtime: str  # "llama-cpp-python 0.3.36"
    prompt_sha256: str
    grammar_sha256: str
    seed: int

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "sha256": self.sha256,
            "runtime": self.runtime,
            "prompt_sha256": self.prompt_sha256,
            "grammar_sha256": self.grammar_sha256,
            "seed": self.seed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ModelRun:
        """Inverse of ``to_json``."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Report:
    """Sentences in reading order; ``model`` is null for a report from rules alone."""

    case_id: str
    language: str
    sentences: tuple[Sentence, ...]
    model: ModelRun | None = None
    tokens: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "language": self.language,
            "sentences": [sentence.to_json() for sentence in self.sentences],
            "model": self.model and self.model.to_json(),
            "tokens": self.tokens,
            "seconds": round(self.seconds, 3),
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
        )
