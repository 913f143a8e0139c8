"""Recordings as transcripts: without the library, without a model, and with a scripted one in its place.

The real recogniser runs where it is installed and ``CASEWORTH_SPEECH`` names a model.
"""

from __future__ import annotations

import os
import wave
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.domain.reading import ReadResult
from app.errors import Cancelled, InputError
from data.readers import audio
from data.readers.audio_sound import PIECE, RATE, Heard, _quietest, speakers_of
from data.readers.audio_text import MOST_SURE, SpokenLine, SpokenWord, clock, is_transcript, text_of, transcript_parts
from data.readers.client import Readers, result_from_json
from data.readers.detect import form_of_file
from data.readers.documents import read_document
from data.readers.held_file import HeldFile

Write = Callable[..., Path]
installed = find_spec("faster_whisper") is not None


def recording(path: Path, channels: int = 1, seconds: float = 2.0) -> Path:
    noise = np.random.default_rng(5).normal(0, 3000, (int(seconds * RATE), channels)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(noise.tobytes())
    return path


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
        (b"ID3\x04\0\0\0\0\0\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + bytes(60), "audio/mpeg"),
        (b"\xff\xf3\x40\xc4" + bytes(60), "audio/mpeg"),
        (b"\0\0\0\x1cftypM4A \0\0\0\0", "audio/mp4"),
        (b"\0\0\0\x1cftypisom\0\0\0\0mp41 moov hdlr soun", "audio/mp4"),
        (b"OggS\0\x02", "audio/ogg"),
        (b"fLaC\0\0\0\x22", "audio/flac"),
    ],
)
def test_a_recording_is_told_by_its_first_bytes(write: Write, head: bytes, media_type: str) -> None:
    form = form_of_file(write("call.bin", head + bytes(64) + b"x"))
    assert (form.name, form.media_type) == ("audio", media_type)


@pytest.mark.parametrize(
    "head", [b"\0\0\0\x1cftypisom\0\0\0\0 moov hdlr vide hdlr soun", b"RIFF\x24\0\0\0AVI LIST", b"\0\0\0\x1cftypqt  "]
)
def test_a_film_is_refused_by_name(write: Write, head: bytes) -> None:
    with pytest.raises(InputError, match="The file is a film"):
        form_of_file(write("film.bin", head + bytes(64) + b"x"))


def test_marks_of_utf_16_and_pictures_are_no_sound(write: Write) -> None:
    assert form_of_file(write("a", "\ufeffHello there".encode("utf-16-le"))).name == "text"
    assert form_of_file(write("b", b"\xff\xd8\xff\xe0" + bytes(60) + b"x")).name == "image"


@pytest.mark.skipif(installed, reason="the extra is installed here")
def test_without_the_extra_the_message_says_what_to_install(tmp_path: Path) -> None:
    with Readers() as readers, pytest.raises(InputError) as told:
        readers.read_file(recording(tmp_path / "call.wav"))
    assert told.value.file == "call.wav"
    assert "what recognises speech is not installed" in told.value.message
    assert "extra speech" in told.value.remedy


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were installed."""
    monkeypatch.setattr(audio, "find_spec", lambda _: object())
    monkeypatch.delenv(audio.FOLDER, raising=False)


@pytest.mark.usefixtures("library")
def test_without_a_model_the_message_says_where_to_put_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = recording(tmp_path / "call.wav")
    with pytest.raises(InputError, match="there is no model for speech"):
        read_document(path, lambda *_: None)
    monkeypatch.setenv(audio.FOLDER, str(tmp_path / "speech"))
    with pytest.raises(InputError, match=r"no model for speech at .*speech\. Put the folder .* CASEWORTH_SPEECH"):
        read_document(path, lambda *_: None)
    (tmp_path / "speech").mkdir()
    (tmp_path / "speech" / "model.bin").write_bytes(b"weights")
    with pytest.raises(InputError, match=r"lacks config\.json, tokenizer\.json, vocabulary\.json"):
        read_document(path, lambda *_: None)


class Scripted:
    """Stands where ``faster_whisper.WhisperModel`` stands: says the same lines of every voice."""

    def __init__(self, *lines: tuple[float, float, list[tuple[str, float]]]) -> None:
        self.lines = lines
        self.given: list[dict[str, Any]] = []

    def transcribe(self, samples: Any, **options: Any) -> tuple[Iterator[Any], Any]:
        self.given.append({"shape": samples.shape, **options})
        found = (
            SimpleNamespace(start=a, end=b, words=[SimpleNamespace(word=w, probability=p) for w, p in words])
            for a, b, words in self.lines
        )
        return found, SimpleNamespace(language="en")


INCOME = (
    0.5,
    4.0,
    [(" My", 0.98), (" name", 0.9), (" is", 0.9), (" Anna", 0.97), (" Berg,", 0.96), (" call", 0.9), (" +49", 0.99),
     (" 30", 0.99), (" 901820", 0.98), (" or", 0.9), (" mumble", 0.2)],
)  # fmt: skip


@pytest.fixture
def hear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: None) -> Callable[..., tuple[ReadResult, Scripted]]:
    """Read a recording with a scripted model and a decoder of plain WAV."""
    folder = tmp_path / "whisper-small"
    folder.mkdir()
    for name in (*audio.MODEL_FILES, "vocabulary.txt"):
        (folder / name).write_bytes(b"weights")
    monkeypatch.setenv(audio.FOLDER, str(folder))

    def decoded(path: Path, media_type: str, heard: Heard) -> Iterator[tuple[float, Any]]:
        assert media_type == "audio/wav"
        with wave.open(str(path), "rb") as file:
            frames = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
        heard.seconds = heard.told = len(frames) / RATE
        yield 0.0, frames.T.astype(np.float32) / 32768

    monkeypatch.setattr(audio, "pieces_of", decoded)

    def read(model: Scripted, path: Path, tick: Any = lambda *_: None) -> tuple[ReadResult, Scripted]:
        monkeypatch.setattr(audio, "_model", lambda _: model)
        return result_from_json(read_document(path, tick)), model

    return read


def test_a_call_becomes_lines_and_a_transcript_of_its_own(
    hear: Callable[..., tuple[ReadResult, Scripted]], tmp_path: Path
) -> None:
    found, model = hear(Scripted(INCOME), recording(tmp_path / "call.wav"))
    assert (found.kind, found.media_type, found.language) == ("call_transcript", "audio/wav", "en")
    assert found.note == "0:02 · 1 line"
    assert found.extra["model"].startswith("whisper-small ")
    (line,) = found.extra["lines"]
    assert line["text"] == "My name is Anna Berg, call +49 30 901820 or mumble"
    assert (line["begin"], line["end"], line["speaker"], line["doubtful"]) == (0.5, 4.0, None, ["mumble"])
    assert model.given[0]["word_timestamps"]
    (part,) = found.parts
    text = part.found.extra["content"]
    assert text.splitlines()[1] == "[0:00] My name is Anna Berg, call +49 30 901820 or mumble(?)"
    assert part.found.sha256 != found.sha256 == part.found.extra["of"]
    assert part.found.size == len(text.encode())
    again = result_from_json(read_document(HeldFile.of(text.encode(), part.name), lambda *_: None))
    assert (again.kind, again.details, again.sha256) == ("call_transcript", part.found.details, part.found.sha256)


def test_nothing_heard_is_certain(hear: Callable[..., tuple[ReadResult, Scripted]], tmp_path: Path) -> None:
    found, _ = hear(Scripted(INCOME), recording(tmp_path / "call.wav"))
    fields = {field.name: field for field in found.parts[0].found.details}
    assert fields["holder"].value == "Anna Berg"
    assert "901820" in str(fields["phone"].value).replace(" ", "")
    assert all(field.confidence <= MOST_SURE < Decimal("0.8") for field in fields.values())
    assert all(field.page is None and field.raw in found.parts[0].found.extra["content"] for field in fields.values())


def test_two_channels_that_differ_are_two_speakers(
    hear: Callable[..., tuple[ReadResult, Scripted]], tmp_path: Path
) -> None:
    found, model = hear(Scripted(INCOME), recording(tmp_path / "call.wav", channels=2))
    assert [line["speaker"] for line in found.extra["lines"]] == [1, 2]
    assert found.note == "0:02 · 2 lines · 2 speakers"
    assert "Speaker 2: My name" in found.parts[0].found.extra["content"]
    assert len(model.given) == 2


def test_a_silent_recording_has_no_transcript(hear: Callable[..., tuple[ReadResult, Scripted]], tmp_path: Path) -> None:
    found, _ = hear(Scripted(), recording(tmp_path / "call.wav"))
    assert (found.note, found.parts) == ("0:02 · no speech was heard", ())


def test_progress_is_told_in_seconds_and_may_cancel(
    hear: Callable[..., tuple[ReadResult, Scripted]], tmp_path: Path
) -> None:
    told: list[tuple[int, int | None, str]] = []
    lines = [(float(at), at + 1.0, [(" word", 0.9)]) for at in range(6)]
    path = recording(tmp_path / "call.wav", channels=2, seconds=6)
    hear(Scripted(*lines), path, lambda *each: told.append(each))
    spoken = [each for each in told if each[2] == "speech"]
    assert [done for done, _, _ in spoken] == sorted(done for done, _, _ in spoken), "the second voice is a step on"
    assert spoken[-1][:2] == (6, 6)

    def stop(_: int, __: int | None, what: str) -> None:
        if what == "speech":
            raise Cancelled

    with pytest.raises(Cancelled):
        hear(Scripted(*lines), path, stop)


def test_channels_that_say_the_same_are_one_voice() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (2, RATE)).astype(np.float32)
    assert len(speakers_of(noise)) == 2
    assert len(speakers_of(noise[:1])) == 1
    assert len(speakers_of(np.stack([noise[0], 0.7 * noise[0] + 0.1 * noise[1]]))) == 1
    (left,) = speakers_of(np.stack([noise[0], np.zeros(RATE, np.float32)]))
    assert np.array_equal(left, noise[0]), "a silent channel does not halve the other"


def test_long_recordings_are_cut_in_a_pause() -> None:
    loud = np.ones((1, (PIECE + 20) * RATE), np.float32)
    loud[:, (PIECE + 7) * RATE : (PIECE + 8) * RATE] = 0
    assert (PIECE + 7) * RATE <= _quietest(loud) <= (PIECE + 8) * RATE


def test_the_clock_and_the_head_line() -> None:
    assert [clock(each) for each in (3.9, 95, 3723)] == ["0:03", "1:35", "1:02:03"]
    text = text_of("a (1)\n[0:00] b.wav", 95, "base (x)", [SpokenLine(1, 2, 1, (SpokenWord(" Hi", 0.9),))])
    assert is_transcript(text)
    assert len(text.splitlines()) == 2, "a file's name adds no line of talk"
    assert not is_transcript("Transcript of our talk:\nOfficer: Good morning.")
    assert transcript_parts(text)["note"] == "1 line"


@pytest.mark.skipif(not installed, reason="the extra speech is not installed")
def test_a_damaged_recording_is_a_finding(tmp_path: Path) -> None:
    path = recording(tmp_path / "call.wav", seconds=4)
    path.write_bytes(path.read_bytes()[:30])
    speech = Path(os.environ.get(audio.FOLDER, "/nowhere"))
    with Readers(speech=speech) as readers, pytest.raises(InputError, match=r"damaged or cut off|no model"):
        readers.read_file(path)


@pytest.mark.model
@pytest.mark.skipif(not (installed and os.environ.get(audio.FOLDER)), reason="no model for speech here")
def test_the_real_recogniser_hears_read_speech(root: Path) -> None:
    folder = root.parent / "shared" / "data" / "speech" / "ljspeech"
    if not folder.is_dir():
        pytest.skip("the recordings are not here")
    said = dict(line.split("|")[:2] for line in (folder / "metadata.csv").read_text().splitlines())
    with Readers(speech=Path(os.environ[audio.FOLDER])) as readers:
        found = readers.read_file(folder / "wavs__LJ001-0001.wav")
    heard = " ".join(line["text"] for line in found.extra["lines"]).casefold().split()
    wanted = said["LJ001-0001"].casefold().split()
    missed = [word for word in wanted if word.strip(",.") not in {each.strip(",.") for each in heard}]
    assert len(missed) <= 0.2 * len(wanted)
