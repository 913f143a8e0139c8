"""Recordings of calls as transcripts, recognised on this machine alone by ``faster-whisper`` (extra ``speech``).

Runs in the child. The model is a folder that the lender installed (docs/import.md); nothing is ever fetched. The
transcript becomes a document of its own beside the recording: plain text with times, speakers and marks of doubt.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.reading import Part, Problem, ReadResult
from app.errors import InputError
from data.readers.audio_sound import LARGEST, LONGEST, RATE, Heard, pieces_of, speakers_of
from data.readers.audio_text import SpokenLine, SpokenWord, clock, text_of, transcript_parts

if TYPE_CHECKING:
    from data.readers.detect import Form
    from data.readers.handover import Tick

MODEL_FILES = ("model.bin", "config.json", "tokenizer.json")
"""What a model's folder must hold, and ``vocabulary.json`` or ``vocabulary.txt``; without its own tokenizer the library
would look for one on a network."""
_MOST_THREADS = 8
_SHORT = 0.9  # of the length that the file states: less was cut off
FOLDER = "CASEWORTH_SPEECH"  # variable that names the model's folder
_EXTRA = "Install Caseworth with the extra speech (docs/import.md), or give the call as text."


def read_audio(path: Path, form: Form, tick: Tick) -> dict[str, Any]:
    """Parts of a ``ReadResult``; ``extra["lines"]`` is what was said, ``parts`` the transcript.

    Raises ``InputError`` for a damaged recording, and where the library or the model is not there.
    """
    if path.stat().st_size > LARGEST:
        text = f"A recording of more than {LARGEST // 2**20} MB is not read."
        raise InputError("file", text, remedy="Ask for it as MP3 or M4A, or split it.", file=path.name)
    _check_library(path)
    model = _model_folder(path)
    heard = Heard()
    lines, language = _recognised(path, form, heard, model, tick)
    problems = tuple(_problems(heard))
    speakers = len({line.speaker for line in lines})
    extra = {"seconds": round(heard.seconds, 2), "model": _name(model), "lines": [line.to_json() for line in lines]}
    note = [clock(heard.seconds), f"{len(lines)} {'line' if len(lines) == 1 else 'lines'}"]
    note += [f"{speakers} speakers"] if speakers > 1 else []
    told: dict[str, Any] = {"kind": "call_transcript", "language": language, "problems": problems, "extra": extra}
    if not lines:
        return told | {"note": f"{note[0]} · no speech was heard"}
    text = text_of(path.name, heard.seconds, _name(model), lines)
    return told | {"note": " · ".join(note), "parts": (_part(path, text),)}


def _check_library(path: Path) -> None:
    if any(find_spec(name) is None for name in ("faster_whisper", "av")):
        text = "The file is a recording, and what recognises speech is not installed."
        raise InputError("file", text, remedy=_EXTRA, file=path.name)


def _model_folder(path: Path) -> Path:
    named = os.environ.get(FOLDER)
    folder = Path(named) if named else None
    where = f" at {folder}" if folder else ""
    remedy = "Put the folder of a faster-whisper model there, or name one in CASEWORTH_SPEECH (docs/import.md)."
    if folder is None or not folder.is_dir():
        text = f"The file is a recording, and there is no model for speech{where}."
        raise InputError("file", text, remedy=remedy, file=path.name)
    lacks = [name for name in MODEL_FILES if not (folder / name).is_file()]
    if not any((folder / f"vocabulary.{ending}").is_file() for ending in ("json", "txt")):
        lacks.append("vocabulary.json")
    if lacks:
        text = f"The file is a recording, and the model for speech{where} lacks {', '.join(lacks)}."
        raise InputError("file", text, remedy="Copy the model's folder there whole.", file=path.name)
    return folder


@lru_cache(maxsize=1)
def _name(folder: Path) -> str:
    """Name of the model and the beginning of its SHA-256."""
    with (folder / "model.bin").open("rb") as file:
        return f"{folder.resolve().name} {hashlib.file_digest(file, 'sha256').hexdigest()[:8]}"


@lru_cache(maxsize=1)
def _model(folder: Path) -> Any:
    """The model, loaded once a child."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import ctranslate2
    from faster_whisper import WhisperModel
    from tqdm import tqdm

    tqdm.set_lock(threading.RLock())  # its own would outlive a child that is killed
    threads = int(os.environ.get("OMP_NUM_THREADS") or 0) or min(os.cpu_count() or 1, _MOST_THREADS)
    ctranslate2.set_random_seed(0)
    try:
        return WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads, num_workers=1, local_files_only=True
        )
    except (RuntimeError, ValueError, OSError, KeyError) as exc:
        text = f"The model for speech at {folder} cannot be loaded: {exc}."
        raise InputError("file", text, remedy="Copy the model's folder there again, whole.") from exc


def _recognised(path: Path, form: Form, heard: Heard, folder: Path, tick: Tick) -> tuple[list[SpokenLine], str | None]:
    lines: list[SpokenLine] = []
    language: str | None = None
    for begin, samples in pieces_of(path, form.media_type, heard):
        voices = speakers_of(samples)
        total = int(min(heard.told or 0, LONGEST)) or None
        for at, voice in enumerate(voices, 1):
            before = len(voice) / RATE * (at - 1)
            tick(int(begin + before / len(voices)), total, "speech")
            found, told = _model(folder).transcribe(
                voice, language=language, word_timestamps=True, vad_filter=True, condition_on_previous_text=False
            )
            language = language or (told.language if len(voice) else None)
            for segment in found:
                tick(int(begin + (before + segment.end) / len(voices)), total, "speech")
                if (line := _line(segment, begin, at if len(voices) > 1 else None)) is not None:
                    lines.append(line)
    return sorted(lines, key=lambda line: (line.begin, line.speaker or 0)), language


def _line(segment: Any, begin: float, speaker: int | None) -> SpokenLine | None:
    words = tuple(SpokenWord(str(word.word), float(word.probability)) for word in segment.words or ())
    line = SpokenLine(begin + float(segment.start), begin + float(segment.end), speaker, words)
    return line if line.text else None


def _problems(heard: Heard) -> Iterator[Problem]:
    remedy = "Listen to the recording, and ask for it again if it matters."
    if heard.damaged:
        yield Problem(None, "recording", f"{heard.damaged} damaged pieces of the recording were left out.", remedy)
    if heard.longer:
        yield Problem(None, "recording", f"The first {clock(LONGEST)} of the recording were read.", "Split it.")
    elif heard.told and heard.seconds < _SHORT * heard.told:
        reason = f"The recording ends after {clock(heard.seconds)}; it states a length of {clock(heard.told)}."
        yield Problem(None, "recording", reason, remedy)


def _part(path: Path, text: str) -> Part:
    """The transcript as a document of its own; its text travels with it, for hearing it again would take as long."""
    content = text.encode()
    extra = {"content": text, "of": _sha256(path)}
    return Part(
        f"{path.name}.txt",
        (0,),
        ReadResult(hashlib.sha256(content).hexdigest(), len(content), extra=extra, **transcript_parts(text)),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
