"""A full report worded by Caseworth, against its sentences decoded one after another by bare llama.cpp.

    python bench/bench_writing.py [--model GGUF] [--sample over-indebted] [--rounds 3] [--threads N]
                                  [--bare-sentences N]

The sample is imported and assessed once; then its full report is drafted through the whole path, model loaded: plan,
prompts, worker process, grammar, checks, candidates that are asked again, storing. The same sentences, each once, are
decoded by llama-cpp-python in a process of their own at the same niceness: (a) the full prompt evaluated each time,
(b) the shared part of the prompt kept, only the rest evaluated. No grammar, no checks, the likeliest token each time,
then the token that the sentence has. Rounds go by turns, so that a busy moment meets all three; medians are told, and
the seconds that the processor worked, which tell on a busy machine too.

Wanted: at most 0.25 of (a) and 0.75 of (b) with a model of 1.5 billion parameters that words freely; decoding one
sequence at no less than 0.9 of llama.cpp's rate; the first sentence of a warm case within a second with the bundled
model. Without ``--model`` the bundled one is measured, which chooses among the words of frames.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the worker has it
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psutil  # noqa: E402 (the path is set above)

from app.bootstrap import create_desk  # noqa: E402
from app.bootstrap.desk import Desk  # noqa: E402
from app.bootstrap.places import samples_folder  # noqa: E402
from app.domain.report import Report  # noqa: E402
from app.errors import Cancelled  # noqa: E402
from app.wording_ports import Wording, WordingRequest  # noqa: E402
from local_models.catalogue import BUNDLED, ModelSpec, verify_model  # noqa: E402
from local_models.client import LocalModel, usable_cores  # noqa: E402
from local_models.worker import NICENESS  # noqa: E402

BATCH = 512  # tokens that bare llama.cpp evaluates at once, its default


@dataclass
class Asked:
    """One sentence as it was asked for, and what the model said last."""

    prompt: str
    shared: int
    text: str


class Recorder(LocalModel):
    """The model, keeping what it is asked and answers, and when tokens of single requests come."""

    asked: dict[str, Asked]
    warming = False  # one sentence is worded, and no more

    def forget(self) -> None:
        self.asked = {}

    def word(self, prompt: str, grammar: str, **options: Any) -> Wording:
        answer = super().word(prompt, grammar, **options)
        self.asked[prompt] = Asked(prompt, options.get("shared", 0), answer.text)
        return answer

    def word_together(self, requests: Sequence[WordingRequest], **options: Any) -> None:
        told = options.pop("on_answer")
        if self.warming:
            requests, options["seeds"] = requests[:1], options["seeds"][:1]

        def heard(place: int, wording: Wording) -> None:
            request = requests[place]
            self.asked[request.prompt] = Asked(request.prompt, request.shared, wording.text)
            told(place, wording)

        super().word_together(requests, on_answer=heard, **options)
        if self.warming:
            raise Cancelled


@dataclass
class Times:
    """Seconds of each round."""

    app: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    full: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)  # tokens a second of one sequence, in the worker
    bare_rate: list[float] = field(default_factory=list)
    app_work: list[float] = field(default_factory=list)  # seconds of the processor, desk and worker together
    full_work: list[float] = field(default_factory=list)
    kept_work: list[float] = field(default_factory=list)


def main() -> int:
    given = _options()
    if given.bare:
        _bare(given)
        return 0
    spec = BUNDLED if given.model is None else _spec(given.model)
    verify_model(spec)
    threads = given.threads or usable_cores()
    with tempfile.TemporaryDirectory() as scratch, _desk(Path(scratch)) as desk:
        case_id = desk.import_files([samples_folder() / "folders" / given.sample], None).case_ids[0]
        with Recorder(spec, threads=threads) as model, _Bare(spec.file, threads) as bare:
            _warm(desk, case_id, model)
            times = Times()
            for _ in range(given.rounds):
                report = _round(desk, case_id, model, bare, times, given.bare_sentences)
            authors = sum(sentence.author.value == "model" for sentence in report.sentences)
            _tell(spec, len(report.sentences), authors, len(model.asked), times)
            print(f"memory: worker {model.memory_used() >> 20} MB, bare process {bare.memory() >> 20} MB")
    return 0


def _warm(desk: Desk, case_id: str, model: Recorder) -> None:
    """Load the model, render its template and evaluate what is shared: draft until the first sentence is there."""
    model.forget()
    model.warming = True
    with suppress(Cancelled):
        desk.draft(case_id, model)
    model.warming = False


def _round(desk: Desk, case_id: str, model: Recorder, bare: _Bare, times: Times, most: int) -> Report:
    model.forget()
    child = model._child  # noqa: SLF001 - whose work is counted
    assert child is not None
    before = _work(os.getpid()) + _work(child.pid)
    report, seconds, first = _draft(desk, case_id, model)
    every = list(model.asked.values())
    sentences = every[:: max(1, len(every) // most)][:most] if most else every
    scale = len(every) / len(sentences)
    times.app_work.append(_work(os.getpid()) + _work(child.pid) - before)
    times.app.append(seconds)
    times.first.append(first)
    for keep, column, work in ((False, times.full, times.full_work), (True, times.kept, times.kept_work)):
        before = _work(bare.pid)
        column.append(scale * bare.decode(sentences, keep=keep)["seconds"])
        work.append(scale * (_work(bare.pid) - before))
    times.rate.append(_one_sequence(model, sentences))
    times.bare_rate.append(bare.decode(sentences[:8], keep=True)["rate"])
    model.asked = {asked.prompt: asked for asked in every}
    return report


def _work(pid: int) -> float:
    """Seconds of the processor a process has had: they tell on a busy machine too."""
    spent = psutil.Process(pid).cpu_times()
    return spent.user + spent.system


def _draft(desk: Desk, case_id: str, model: LocalModel) -> tuple[Report, float, float]:
    """The report, the seconds it took, and those until its first sentence was settled."""
    settled: list[float] = []
    began = time.perf_counter()
    report = desk.draft(case_id, model, on_sentence=lambda _: settled.append(time.perf_counter()))
    return report, time.perf_counter() - began, (settled or [time.perf_counter()])[0] - began


def _one_sequence(model: LocalModel, sentences: Sequence[Asked]) -> float:
    """Tokens a second with which the worker decodes one sequence under a free grammar, the first token left out."""
    count, spent = 0, 0.0
    grammar = "root ::= [^\\n]{0,400}\n"
    for asked in sentences[:8]:
        times: list[float] = []
        answer = model.word(
            asked.prompt, grammar, seed=0, max_tokens=48, temperature=0.0, shared=asked.shared,
            on_token=lambda _, times=times: times.append(time.perf_counter()),  # type: ignore[misc]
        )  # fmt: skip
        if len(times) > 8:
            count, spent = count + answer.tokens - 1 - (answer.stopped == "stop"), spent + times[-1] - times[0]
    return count / spent if spent else 0.0


def _tell(spec: ModelSpec, whole: int, by_model: int, asked: int, times: Times) -> None:
    app, full, kept = (statistics.median(column) for column in (times.app, times.full, times.kept))
    rate, bare_rate = statistics.median(times.rate), statistics.median(times.bare_rate)
    print(f"{spec.name}: {whole} sentences, {asked} asked of the model, {by_model} its own; {len(times.app)} rounds")
    print(
        f"full report {app:.2f} s ({_spread(times.app)}), first sentence after {statistics.median(times.first):.2f} s"
    )
    print(f"bare, full prompts   {full:.2f} s ({_spread(times.full)}), ratio {app / full:.2f}")
    print(f"bare, prefix kept    {kept:.2f} s ({_spread(times.kept)}), ratio {app / kept:.2f}")
    work, full_work, kept_work = map(statistics.median, (times.app_work, times.full_work, times.kept_work))
    print(
        f"processor time {work:.1f} s, bare {full_work:.1f} and {kept_work:.1f} s, "
        f"ratios {work / full_work:.2f} and {work / kept_work:.2f}"
    )
    print(f"one sequence {rate:.1f} tokens/s, bare {bare_rate:.1f}, ratio {rate / bare_rate:.2f}")


def _spread(column: Sequence[float]) -> str:
    return f"{min(column):.2f} to {max(column):.2f}"


def _desk(scratch: Path) -> Desk:
    return create_desk(scratch / "workspace", person="bench", passphrase=lambda _: "bench phrase", use_keyring=False)


def _spec(path: Path) -> ModelSpec:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ModelSpec(path.stem, path, digest, "", ("en", "zh"), "free", context=4096, chat=True)


class _Bare:
    """The process in which llama-cpp-python decodes by itself."""

    def __init__(self, file: Path, threads: int) -> None:
        command = [sys.executable, __file__, "--bare", str(file), "--threads", str(threads)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> _Bare:
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.communicate()

    def decode(self, sentences: Sequence[Asked], *, keep: bool) -> Mapping[str, float]:
        """``seconds`` of all of them, and the ``rate`` of decoding alone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"keep": keep, "sentences": [vars(asked) for asked in sentences]}) + "\n")
        self._process.stdin.flush()
        answer: Mapping[str, float] = json.loads(self._process.stdout.readline())
        return answer

    @property
    def pid(self) -> int:
        return self._process.pid

    def memory(self) -> int:
        return int(psutil.Process(self.pid).memory_info().rss)


def _bare(given: argparse.Namespace) -> None:
    """The child: one request a line."""
    from llama_cpp import Llama

    if hasattr(os, "nice"):
        os.nice(NICENESS)
    model = Llama(
        str(given.bare),
        n_ctx=4096,
        n_batch=BATCH,
        n_threads=given.threads,
        n_threads_batch=given.threads,
        verbose=False,
    )
    for line in sys.stdin:
        request = json.loads(line)
        began, count, spent, held = time.perf_counter(), 0, 0.0, ""
        for asked in request["sentences"]:
            prefix, rest = asked["prompt"][: asked["shared"]], asked["prompt"][asked["shared"] :]
            if not request["keep"] or held != prefix:
                model.reset()
                model.eval(_tokens(model, prefix))
            model.n_tokens = len(_tokens(model, prefix))  # what follows is taken out of the cache
            held = prefix
            model.eval(_tokens(model, rest))
            decoding = time.perf_counter()
            tokens = _tokens(model, asked["text"])
            for token in tokens:
                model.sample(temp=0.0)
                model.eval([token])
            count, spent = count + len(tokens), spent + time.perf_counter() - decoding
        print(json.dumps({"seconds": time.perf_counter() - began, "rate": count / spent if spent else 0.0}), flush=True)


def _tokens(model: Any, text: str) -> list[int]:
    tokens: list[int] = model.tokenize(text.encode(), add_bos=False, special=True)
    return tokens


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--sample", default="over-indebted")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--bare-sentences", type=int, default=0, help="decode so many only, and scale the seconds")
    parser.add_argument("--bare", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
