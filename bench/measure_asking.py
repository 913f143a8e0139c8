"""How often questions to a case are found, answered right, and answered where the file does not say.

``python -m bench.measure_asking`` imports the sample folders into a workspace of its own and asks the
authored questions.
``--model FILE.gguf`` installs a model of meaning for it.
``--pages N`` times asking on a case of one document of N pages instead of the shares.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app import bootstrap
from app.bootstrap import Desk
from app.bootstrap.asking import AskDesk
from app.bootstrap.models import ModelShelf
from app.domain.asking.answer import Answer
from app.ports import QueueQuery
from local_models.catalogue import EMBEDDING
from local_models.installing import InstallModel

ROOT = Path(__file__).resolve().parent
SAMPLES = ROOT.parent / "data" / "samples" / "folders"
SETS = ROOT / "asking"


@contextmanager
def sample_desk(paths: Sequence[Path]) -> Iterator[Desk]:
    """A workspace in a temporary folder with the given files in it."""
    with tempfile.TemporaryDirectory() as home:
        secret = Path(home) / "passphrase"
        secret.write_text("a bench has no secrets\n", encoding="utf-8")
        os.environ["CASEWORTH_PASSPHRASE_FILE"] = str(secret)
        with bootstrap.create_desk(
            Path(home) / "desk", person="Bench", role="underwriter", passphrase=None, use_keyring=False
        ) as desk:
            desk.import_files(paths, None)
            yield desk


def verdict(answer: Answer, says: Sequence[str] | None) -> str:
    """``right``, ``wrong`` (another answer), ``missed`` (said the file does not say), or of a question that the file
    does not answer ``held back`` or ``made up``."""
    if says is None:
        return "made up" if answer.found else "held back"
    if not answer.found:
        return "missed"
    return "right" if all(any(form in answer.answer for form in text.split("|")) for text in says) else "wrong"


def measure(desk: Desk, questions: Path) -> dict[str, Any]:
    """Ask every question; shares, and what went otherwise."""
    asking = AskDesk(desk)
    meant = _tell_meanings(desk, asking)
    told: list[tuple[str, str, str]] = []
    seconds = []
    for each in tomllib.loads(questions.read_text(encoding="utf-8"))["question"]:
        case_id = desk.case_id(each["case"])
        asking.prepare(case_id)
        started = time.perf_counter()
        answer = asking.ask(case_id, each["ask"])
        seconds.append(time.perf_counter() - started)
        told.append((verdict(answer, each.get("says")), each["ask"], answer.answer))
    asking.close()
    return _shares(told) | {
        "meanings": meant,
        "median_ms": round(statistics.median(seconds) * 1000),
        "most_ms": round(max(seconds) * 1000),
    }


def _tell_meanings(desk: Desk, asking: AskDesk) -> dict[str, Any]:
    """Passages put to the model of meaning, where one is installed, and the seconds it took."""
    started = time.perf_counter()
    many = sum(asking.tell_meanings(row.id) for row in desk.workspace.queue(QueueQuery()).page(0, 50))
    return {"passages": many, "seconds": round(time.perf_counter() - started, 1) if many else 0.0}


@contextmanager
def models_with(model: Path | None) -> Iterator[None]:
    """A models folder of its own, with that model in it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CASEWORTH_MODELS"] = folder
        if model is not None:
            spec = ModelShelf(Path(folder)).install(InstallModel(model, licence="measured"))
            if spec.spec.kind != EMBEDDING:
                raise SystemExit(f"{model.name} tells no meanings.")
        yield


def _shares(told: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    many = Counter(kind for kind, _, _ in told)
    there = many["right"] + many["wrong"] + many["missed"]
    absent = many["held back"] + many["made up"]
    answered = many["right"] + many["wrong"] + many["made up"]
    return {
        "questions": len(told),
        "answer_there": there,
        "found": round((many["right"] + many["wrong"]) / there, 3),
        "right": round(many["right"] / there, 3),
        "answer_absent": absent,
        "held_back": round(many["held back"] / absent, 3),
        "wrongly_answered": round((many["wrong"] + many["made up"]) / answered, 3) if answered else 0.0,
        "otherwise": [
            {"verdict": kind, "ask": ask, "answer": answer}
            for kind, ask, answer in told
            if kind not in ("right", "held back")
        ],
    }


def time_pages(pages: int) -> dict[str, Any]:
    """Seconds to read the passages of one document of so many pages, and to ask it once they are read."""
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "long"
        case.mkdir()
        (case / "report.pdf").write_bytes(_pdf(pages))
        (case / "call.txt").write_text("Officer: How are you?\nApplicant: Well, thank you.\n", encoding="utf-8")
        with sample_desk([case]) as desk:
            asking, case_id = AskDesk(desk), desk.case_id("long")
            started = time.perf_counter()
            passages = len(asking.prepare(case_id).passages)
            prepared = time.perf_counter() - started
            asked = []
            for page in range(1, pages + 1):
                started = time.perf_counter()
                answer = asking.ask(case_id, f"Which machine stands in hall {page} of the works?")
                asked.append(time.perf_counter() - started)
                assert f"hall {page} " in answer.answer, answer.answer
            asking.close()
            return {
                "pages": pages,
                "passages": passages,
                "prepare_s": round(prepared, 2),
                "median_ms": round(statistics.median(asked) * 1000),
                "most_ms": round(max(asked) * 1000),
            }


def _pdf(pages: int) -> bytes:
    """Pages of 45 lines of running text, each with one line of its own."""
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    words = ["delivery", "of", "spare", "parts", "to", "the", "northern", "yard", "was", "stored", "under", "number"]
    with tempfile.TemporaryFile() as file:
        with PdfPages(file) as book:
            for page in range(1, pages + 1):
                figure = Figure(figsize=(8.3, 11.7))
                for line in range(45):
                    text = " ".join([*words[line % 7 :], *words[: line % 7], f"{page}-{line}"])
                    text = f"A lathe machine stands in hall {page} of the works." if line == 20 else text
                    figure.text(0.1, 0.95 - line * 0.02, text, fontsize=8)
                book.savefig(figure)
        file.seek(0)
        return file.read()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, help="time asking a document of so many pages")
    parser.add_argument("--set", default="questions", choices=[path.stem for path in sorted(SETS.glob("*.toml"))])
    parser.add_argument("--model", type=Path, metavar="FILE", help="a model of meaning")
    given = parser.parse_args()
    if given.pages:
        print(json.dumps(time_pages(given.pages), indent=1))
        return
    with models_with(given.model), sample_desk(sorted(SAMPLES.iterdir())) as desk:
        print(json.dumps(measure(desk, SETS / f"{given.set}.toml"), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
