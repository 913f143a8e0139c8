"""``letter`` and ``lender``: notices to applicants, and what the lender says of itself in them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.output import emit
from app.errors import InputError

if TYPE_CHECKING:
    from app.domain.reason_conflicts import Conflict

KINDS = ("action", "incomplete", "counter-offer")
PARTICULARS = ("name", "address", "phone", "agency", "bureau", "bureau_address", "bureau_phone")
DAYS = ("reply_days", "offer_days")

Add = Callable[[Any, str, str, str, str], ArgumentParser]
"""``add(commands, name, module, function, text)`` of the parser."""


def add_commands(commands: Any, add: Add) -> None:
    """Options of both commands."""
    letter = add(commands, "letter", "letters", "letter", "write a letter to the applicant, PDF or DOCX")
    letter.add_argument("case", metavar="CASE")
    letter.add_argument("--kind", choices=KINDS, required=True, help="which notice")
    letter.add_argument("--out", metavar="FILE", type=Path, required=True, help="file that ends in .pdf or .docx")
    letter.add_argument("--language", choices=("en", "zh"), help="default: the case's")
    letter.add_argument("--date", metavar="DAY", help="of the letter, 2026-11-21 (default: today)")
    letter.add_argument("--answer-by", metavar="DAY", help="until when the applicant may answer")
    letter.add_argument("--ask", metavar="TEXT", action="append", default=[], help="something more to ask for")
    lender = add(commands, "lender", "letters", "lender", "show or set what letters say of the lender")
    for name in PARTICULARS:
        lender.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", help=_HELP[name])
    for name in DAYS:
        lender.add_argument(f"--{name.replace('_', '-')}", metavar="N", help=_HELP[name])
    lender.add_argument("--rulepack", metavar="NAME", help="the rules that letters and deadlines follow")


_HELP = {
    "name": "the lender's name",
    "address": "the lender's address; \\n begins a line",
    "phone": "the lender's telephone number",
    "agency": "key of the agency that supervises the lender, of those the rule pack lists",
    "bureau": "name of the credit bureau, where its report does not say",
    "bureau_address": "the credit bureau's address",
    "bureau_phone": "the credit bureau's telephone number",
    "reply_days": "days an applicant is given to send what is missing",
    "offer_days": "days a counter-offer stays open",
}


def letter(given: Namespace) -> None:
    """Write one letter, and say of what it is short."""
    from app.cli.session import open_desk
    from app.domain.notices import LetterKind
    from app.usecases.write_letter import LetterRequest

    request = LetterRequest(
        case_id=given.case,
        kind=LetterKind(given.kind),
        language=given.language,
        on=_day("date", given.date),
        answer_by=_day("answer-by", given.answer_by),
        ask=tuple(given.ask),
    )
    with open_desk(given) as desk:
        case_id = desk.case_id(given.case)
        result = desk.letters.write(_of_case(request, case_id), given.out)
        notice = desk.notice_of(case_id)
    if result.letter.blanks:
        blanks = ", ".join(result.letter.blanks)
        print(
            f"caseworth: a draft, for the lender's settings lack {blanks}; caseworth lender sets them.", file=sys.stderr
        )
    print_conflicts(result.conflicts)
    data = result.to_json() | {"notice": notice.to_json()}
    lines = [f"{case_id}: {result.letter.title}, {result.letter.on}, written to {given.out}"]
    lines += [f"  {code}" for code in result.letter.reasons]
    lines.append(f"  SHA-256 {result.sha256}")
    emit(given, data, lines)


def _of_case(request: Any, case_id: str) -> Any:
    from dataclasses import replace

    return replace(request, case_id=case_id)


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as exc:
        raise InputError(option, f"--{option} is no day: {text!r}.", remedy="Write it as 2026-11-21.") from exc


def print_conflicts(conflicts: Sequence[Conflict]) -> None:
    """Say on standard error which sentences of the report contradict the principal reasons."""
    for each in conflicts:
        print(
            f"caseworth: the report contradicts the reason {each.code} ({each.reason}): “{each.text}” "
            "Edit that sentence, or choose reasons that it bears out.",
            file=sys.stderr,
        )


def lender(given: Namespace) -> None:
    """Show the lender's particulars; with options, set them first."""
    from app.cli.session import open_desk

    wanted = {name: getattr(given, name) for name in (*PARTICULARS, *DAYS, "rulepack")}
    changes = {name: value.replace("\\n", "\n") for name, value in wanted.items() if value is not None}
    with open_desk(given) as desk:
        if changes:
            desk.letters.keep_lender(changes)
        held, _ = desk.letters.lender()
        pack = desk.letters.pack()
    data = {name: getattr(held, name) for name in (*PARTICULARS, *DAYS)}
    lines = [f"{name:15} {str(value).replace(chr(10), ', ') or '-'}" for name, value in data.items()]
    lines.append(f"{'rulepack':15} {pack.name} {pack.version}: {pack.label['en']}")
    lines += [f"  agency {each.key}: {each.text} ({each.who})" for each in pack.agencies]
    emit(given, data | {"rulepack": pack.to_json()}, lines)
