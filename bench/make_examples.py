"""Write ``docs/examples``: reports by rule of cases made from the demo samples, to be read without Caseworth.

python bench/make_examples.py [FOLDER]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from app.adapters.report_texts import texts_of  # noqa: E402
from app.bootstrap import create_desk  # noqa: E402
from app.bootstrap.places import samples_folder  # noqa: E402
from app.domain.report import Report  # noqa: E402

EXAMPLES = (  # sample folder, kind, language
    ("over-indebted", "full", "en"),
    ("contradicting-income", "memo", "en"),
    ("undisclosed-loan", "committee", "zh"),
)


def write_examples(folder: Path) -> list[Path]:
    """Import each sample into a workspace of its own making, draft it by rule, and write it as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        create_desk(
            Path(scratch) / "workspace", person="example", passphrase=lambda _: "example phrase", use_keyring=False
        ) as desk,
    ):
        for sample, kind, language in EXAMPLES:
            case_id = desk.import_files([samples_folder() / "folders" / sample], None).case_ids[0]
            report = desk.draft(case_id, "none", kind=kind, language=language)
            path = folder / f"{sample}.{kind}.{language}.md"
            path.write_text("\n".join(lines(sample, report)) + "\n", encoding="utf-8")
            written.append(path)
    return written


def lines(sample: str, report: Report) -> Iterator[str]:
    """The report as Markdown: its summary, its sections, the questions."""
    texts, kind = texts_of(report.language), report.kind
    assert kind is not None
    yield f"# {kind.title[report.language]}: {sample}"
    yield from ("", f"## {texts['brief']}", "")
    yield ("" if report.language == "zh" else " ").join(sentence.text for sentence in report.summary())
    for section, sentences in groupby(report.sentences, key=lambda sentence: sentence.section):
        yield from ("", f"## {kind.heading(section, report.language) or texts[f'section.{section}']}", "")
        for sentence in sentences:
            yield f"- {sentence.text}"
    if report.questions:
        yield from ("", f"## {texts['questions']}", "")
        for number, question in enumerate(report.questions, 1):
            yield f"{number}. {question.text}"


if __name__ == "__main__":
    for path in write_examples(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "examples"):
        print(path)
