"""Transcripts of recordings as plain text, written after recognition and read back like any other document.

    Transcript of call.wav, 1:35, by speech recognition (whisper-base 905e5bf8). Words with (?) are doubtful; …
    [0:03] Speaker 1: My net income is 2450 euros(?)

Nothing heard is certain: whatever is read of such a text has a confidence below that of a sure reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.domain.layout import Layout, Word

DOUBT = "(?)"
SURE = 0.5  # probability of a word below which it is marked
MOST_SURE = Decimal("0.75")  # confidence of anything that was heard: a person must confirm it
_UNSURE = 0.5  # confidence of a marked word
_HEAD = re.compile(r"Transcript of [^\n]{1,200}, [\d:]+, by speech recognition \([^\n()]{1,120}\)\.")
_NOTE = "Words with (?) are doubtful; numbers and names are to be confirmed."


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word with its leading blank, where its language has one."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """What one speaker said without a longer pause."""

    begin: float  # seconds from the beginning of the recording
    end: float
    speaker: int | None  # from 1; None where the recording does not tell the speakers apart
    words: tuple[SpokenWord, ...]

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words).strip()

    @property
    def doubtful(self) -> list[str]:
        return [word.text.strip() for word in self.words if word.probability < SURE and word.text.strip()]

    def to_json(self) -> dict[str, Any]:
        told = {"begin": round(self.begin, 2), "end": round(self.end, 2), "speaker": self.speaker}
        return told | {"text": self.text, "doubtful": self.doubtful}


def clock(seconds: float) -> str:
    """``1:35``, ``1:02:03``."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def text_of(name: str, seconds: float, model: str, lines: Sequence[SpokenLine]) -> str:
    """The transcript: a head line, then a line of time, speaker and words for each of ``lines``."""
    name, model = (re.sub(r"[\s()]+", " ", part).strip()[:100] for part in (name, model))
    head = f"Transcript of {name}, {clock(seconds)}, by speech recognition ({model}). {_NOTE}"
    return "\n".join([head, *map(_written, lines)]) + "\n"


def _written(line: SpokenLine) -> str:
    who = f"Speaker {line.speaker}: " if line.speaker else ""
    return f"[{clock(line.begin)}] {who}{''.join(map(_marked, line.words)).strip()}"


def _marked(word: SpokenWord) -> str:
    doubtful = word.probability < SURE and word.text.strip()
    return f"{word.text.rstrip()}{DOUBT}" if doubtful else word.text


def is_transcript(text: str) -> bool:
    """Whether the text says of itself that it was heard by a machine."""
    return _HEAD.match(text) is not None


def transcript_parts(text: str) -> dict[str, Any]:
    """Parts of a ``ReadResult``: fields of a call, none of them certain, found again by their words, not by a place."""
    from data.readers.layouts.office import text_layout
    from data.readers.recognised import given_kind, read_layout

    body = text.split("\n", 1)[1] if "\n" in text else ""
    with given_kind("call_transcript"):
        found = read_layout(_heard(text_layout(body)))
    details = tuple(_doubtful(field) for field in found.get("details", ()))
    count = sum(bool(line.strip()) for line in body.splitlines())
    note = f"{count} {'line' if count == 1 else 'lines'}"
    return {
        "kind": "call_transcript",
        "media_type": "text/plain",
        "language": found.get("language"),
        "note": f"{note} · {len(details)} to check" if details else note,
        "details": details,
        "fields": tuple(_doubtful(reading) for reading in found.get("fields", ())),
    }


def _doubtful(read: Any) -> Any:
    return replace(read, page=None, box=None, confidence=min(read.confidence, MOST_SURE))


def _heard(layout: Layout) -> Layout:
    """The layout without marks; marked words are as unsure as they were heard."""
    return replace(layout, pages=tuple(replace(page, words=tuple(map(_word, page.words))) for page in layout.pages))


def _word(word: Word) -> Word:
    bare = word.text.replace(DOUBT, "")
    return replace(word, text=bare or word.text, confidence=_UNSURE) if bare != word.text else word
