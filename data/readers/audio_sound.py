"""Recordings as samples: decoded in pieces by PyAV, so that a long call needs no more memory than a short one.

Runs in the child. The container is named beforehand and read through a file object, so that nothing a file refers to
is ever opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[Any]  # (channels, n) of float32 from -1 to 1, 16,000 a second

RATE = 16_000  # samples a second, as the recogniser wants them
PIECE = 240  # seconds that are recognised at once
_SEEK = 20  # last seconds of a piece in which it is cut, where it is quietest
_QUIET = 0.3  # seconds of a pause
LONGEST = 3 * 3600  # seconds that are read
LARGEST = 1024 * 2**20  # bytes
_APART = 0.5  # correlation of two channels below which each is a line of its own
_FAINT = 0.002  # root of the mean square of a channel that says nothing
CONTAINERS = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/mp4": "mov",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
}


@dataclass(slots=True)
class Heard:
    """What decoding found out on its way."""

    seconds: float = 0.0  # decoded
    told: float | None = None  # length that the file states, in seconds
    damaged: int = 0  # packets that could not be decoded
    longer: bool = False  # than what is read


def pieces_of(path: Path, media_type: str, heard: Heard) -> Iterator[tuple[float, Samples]]:
    """Pieces of some minutes, each with the second it begins at. Raises ``InputError`` for what cannot be decoded."""
    import av
    import numpy as np

    held: list[Samples] = []
    begin = have = 0
    try:
        with path.open("rb") as file, av.open(file, format=CONTAINERS[media_type], metadata_errors="ignore") as opened:
            heard.told = opened.duration / 1e6 * _lost(path, media_type) if opened.duration else None
            for samples in _decoded(opened, path, heard):
                held.append(samples)
                have += samples.shape[1]
                if have >= (PIECE + _SEEK) * RATE:
                    whole = np.concatenate(held, axis=1)
                    cut = _quietest(whole)
                    yield begin / RATE, whole[:, :cut]
                    held, have, begin = [whole[:, cut:]], have - cut, begin + cut
                if begin + have >= LONGEST * RATE:
                    heard.longer = True
                    break
    except (av.FFmpegError, OSError, ValueError, EOFError) as exc:
        if isinstance(exc, InputError):
            raise
        raise _broken(path) from exc
    heard.seconds = (begin + have) / RATE
    if not have and not begin:
        raise _broken(path)
    if have:
        yield begin / RATE, np.concatenate(held, axis=1)


def _decoded(opened: Any, path: Path, heard: Heard) -> Iterator[Samples]:
    """Samples of one channel or two, frame by frame; damaged packets are left out and counted."""
    import av
    import numpy as np

    if any(not _is_cover(stream) for stream in opened.streams.video):
        raise InputError("file", "The file is a film.", remedy="Give its sound alone.", file=path.name)
    if not opened.streams.audio:
        raise _broken(path)
    stream = opened.streams.audio[0]
    layout = "stereo" if stream.channels >= 2 else "mono"
    resampler = av.AudioResampler(format="s16p", layout=layout, rate=RATE)
    for packet in opened.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            heard.damaged += 1
            continue
        for frame in frames:
            for part in resampler.resample(frame):
                yield part.to_ndarray().astype(np.float32) / 32768


def _lost(path: Path, media_type: str) -> float:
    """How many times as long as what is there a WAV was by its first line; 1 where it does not say."""
    if media_type != "audio/wav":
        return 1.0
    with path.open("rb") as file:
        told = int.from_bytes(file.read(8)[4:], "little") + 8
    size = path.stat().st_size
    return told / size if size < told < 0xFFFF_0000 else 1.0  # a recorder that could not know writes the most


def _is_cover(stream: Any) -> bool:
    """Whether a stream of pictures is the one still picture that sound files carry."""
    return "attached_pic" in str(stream.disposition).lower() or stream.codec_context.name in ("mjpeg", "png", "bmp")


def _broken(path: Path) -> InputError:
    remedy = "Play it to see whether it is whole, and ask for it again."
    return InputError("file", "The recording is damaged or cut off.", remedy=remedy, file=path.name)


def _quietest(samples: Samples) -> int:
    """Where to cut, in samples: the middle of the quietest moment near the end of the piece."""
    import numpy as np

    step = int(_QUIET * RATE)
    tail = samples[:, PIECE * RATE :]
    loud = np.abs(tail).mean(axis=0)
    windows = loud[: len(loud) // step * step].reshape(-1, step).mean(axis=1)
    return PIECE * RATE + int(windows.argmin()) * step + step // 2


def speakers_of(samples: Samples) -> tuple[Samples, ...]:
    """A line of sound for each speaker: two where the channels say different things, else one, mixed.

    Telephone systems record the two ends of a call on two channels.
    """
    import numpy as np

    if samples.shape[0] < 2:
        return (samples[0],)
    left, right = samples[0], samples[1]
    loud = [float(np.sqrt(np.mean(np.square(channel)))) for channel in (left, right)]
    if min(loud) > _FAINT and abs(float(np.corrcoef(left, right)[0, 1])) < _APART:
        return left, right
    return (samples.mean(axis=0) if min(loud) > _FAINT else samples[int(np.argmax(loud))],)
