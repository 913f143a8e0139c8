"""``ask``."""

from __future__ import annotations

from argparse import Namespace

from app.bootstrap.asking import AskDesk
from app.cli.output import emit, terminal_progress
from app.cli.session import open_desk
from app.domain.asking.answer import Answer


def ask(given: Namespace) -> None:
    """Answer a question from the facts of a case and the passages of its documents."""
    with open_desk(given) as desk:
        asking = AskDesk(desk)
        case_id = desk.case_id(given.case)
        try:
            answer = asking.ask(case_id, given.question, given.language, terminal_progress(), fully=True)
        finally:
            asking.close()
    emit(given, {"case": case_id, **answer.to_json()}, _lines_of(answer))


def _lines_of(answer: Answer) -> list[str]:
    lines = [answer.answer]
    for each in answer.evidence:
        place = (
            f"{each.file or ''}{f', page {each.page}' if each.page else ''}{f', line {each.row}' if each.row else ''}"
        )
        what = f"{each.label}: {each.text} ({each.name}, {each.source})" if each.kind == "fact" else each.text
        lines.append("  " + "  ".join(part for part in (what, place) if part))
    lines += [f"by words only: {answer.problem}"] if answer.problem else []
    lines += [f"not searched: {each.file}: {each.why}" for each in answer.unsearched]
    return lines
