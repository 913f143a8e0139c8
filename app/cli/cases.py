"""``cases``, ``show``, ``score``, ``draft``, ``check``, ``confirm``, ``wish``, ``classify``."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from app.bootstrap import Desk, check_in_file, draft_in_file
from app.cli.output import emit, table, terminal_progress
from app.cli.session import open_desk
from app.domain.case import Document, Status
from app.domain.report import Report
from app.domain.scorecard import ReasonsMethod
from app.domain.scorecard_format import with_reasons
from app.domain.sentences import Sentence
from app.errors import InputError
from app.ports import QueueQuery

PAGE = 10_000
NO_MODEL = "model not available"


def cases(given: Namespace) -> None:
    """List the queue."""
    query = QueueQuery(
        text=given.find,
        status=Status(given.status) if given.status else None,
        sort=given.sort,
        descending=given.descending,
    )
    with open_desk(given) as desk:
        queue = desk.workspace.queue(query)
        try:
            wanted = queue.count if given.limit is None else min(given.limit, queue.count)
            found = [case for start in range(0, wanted, PAGE) for case in queue.page(start, min(PAGE, wanted - start))]
        finally:
            queue.close()
    rows = [("case", "applicant", "amount", "term", "status", "score", "grade", "policy")]
    for case in found:
        rows.append(
            (
                case.id,
                case.applicant or case.reference,
                f"{case.amount:,.2f} {case.currency}" if case.amount is not None else "",
                str(case.term_months or ""),
                case.status.value,
                str(case.points or ""),
                case.grade or "",
                case.policy_outcome or "",
            )
        )
    emit(given, {"cases": [case.to_json() for case in found]}, table(rows) if found else ["No case."])


def show(given: Namespace) -> None:
    """Everything of one case."""
    from app.usecases.show_case import show_case

    with open_desk(given) as desk:
        view = show_case(desk.case_id(given.case), desk.workspace)
        data = view.to_json(desk.catalogue)
        data["notice"] = desk.letters.notice(view).to_json()
        data["contradictions"] = [each.to_json() for each in desk.letters.conflicts(view)]
    emit(given, data, _lines_of(data))


def _lines_of(data: dict[str, Any]) -> list[str]:
    head = data["case"]
    lines = [
        f"{head['id']}  {head['applicant']}  {head['amount']} {head['currency']} over {head['term_months']} months"
    ]
    lines += [f"{document['kind']:20} {document['name']}  {document['note']}" for document in data["documents"]]
    lines += table([(fact["name"], str(fact["value"]), fact["unit"], fact["stance"]) for fact in data["facts"]])
    if data["score"]:
        lines.append(f"score {data['score']['points']}, PD {data['score']['pd']}, grade {data['score']['grade']}")
    lines += challenger_lines(data["challenger"], data["score"])
    if data["policy"]:
        policy = data["policy"]
        lines.append(f"policy {policy['policy']} {policy['version']} ({policy['sha256'][:12]}): {policy['outcome']}")
        lines += [f"  {clause['clause']}: {clause['outcome']}. {clause['text']}" for clause in policy["clauses"]]
    lines += _limit_lines(data["limit"], head["currency"])
    if data["report"]:
        lines += [f"[{sentence['author']}] {sentence['text']}" for sentence in data["report"]["sentences"]]
    if data["decision"]:
        lines.append(
            f"decided: {data['decision']['outcome']} by {data['decision']['person']}: {data['decision']['reason']}"
        )
    lines += [f"the report contradicts {each['code']}: {each['text']}" for each in data["contradictions"]]
    if notice := _notice_words(data["notice"]):
        lines.append(notice)
    return lines


def _limit_lines(limit: dict[str, Any], currency: str) -> list[str]:
    """The limit with what moves it, and the documents that do not with why."""
    if limit["amount"] is None:
        return []
    parts = f"base {limit['base']}, documents {limit['uplift']}" + (f", wish {limit['wish']}" if limit["wish"] else "")
    steps = [(step["name"], step["kind"], step["amount"], step["doubt"] or "") for step in limit["steps"]]
    return [f"limit {limit['amount']} {currency}: {parts}", *(table(steps) if steps else [])]


def challenger_lines(shadow: dict[str, Any] | None, score: dict[str, Any] | None) -> list[str]:
    """What the challenger in shadow says, beside the score."""
    if shadow is None or score is None:
        return []
    said, verdict = shadow["score"], shadow["disagreement"]
    against = f"disagrees with grade {score['grade']}: {verdict}" if verdict else f"agrees with grade {score['grade']}"
    who = f"challenger {said['challenger']} ({said['sha256'][:12]})"
    return [f"in shadow, no part of the decision: {who}, PD {said['pd']}, grade {shadow['grade']}, {against}"]


def _notice_words(notice: dict[str, Any]) -> str:
    """``notice due on 2026-12-20, in 29 days``, with what it rests on."""
    left, state = notice["days_left"], notice["state"]
    if state in ("due", "overdue"):
        when = f"in {left} days" if left >= 0 else f"overdue by {-left} days"
        return f"notice due on {notice['due_on']}, {when} ({notice['citation']})"
    if state == "waiting":
        return f"notice of incompleteness given on {notice['given_on']}, answer by {notice['answer_by']}"
    return f"notice given on {notice['given_on']}" if notice["given_on"] else ""


def score(given: Namespace) -> None:
    """Score one case in full, or all in SQL."""
    from app.usecases.show_case import show_case

    with open_desk(given) as desk:
        reasons = ReasonsMethod(given.reasons) if given.reasons else None
        scorecard = with_reasons(desk.scorecard(given.scorecard), reasons)
        if given.all:
            run = desk.score_all(scorecard, terminal_progress())
            lines = [f"{run.scored:,} cases scored in {run.seconds:.2f} s"]
            if running := desk.challengers.in_shadow(scorecard):
                lines.append(f"without the challenger {running[0].name}: caseworth challenger shadow --all runs it")
            emit(given, {"scored": run.scored, "seconds": round(run.seconds, 3)}, lines)
            return
        started = time.perf_counter()
        case_id = desk.case_id(given.case)
        desk.assess(case_id, scorecard)
        view = show_case(case_id, desk.workspace)
        result, policy, said = view.score, view.policy, view.shadow
        assert result is not None
        seconds = round(time.perf_counter() - started, 3)
    data = {"scored": 1, "seconds": seconds, "case": case_id, **result.to_json()}
    data["policy"] = policy and policy.to_json()
    data["challenger"] = said and said.to_json()
    lines = [f"{case_id}: {result.points} points, grade {result.grade}, PD {result.pd:.2%}"]
    lines += table(
        [(row.name, row.bin, str(row.points), f"-{row.lost}" if row.lost else "") for row in result.characteristics]
    )
    lines += challenger_lines(data["challenger"], data)
    emit(given, data, lines)


def draft(given: Namespace) -> None:
    """Draft one report with the model, or every missing one by rule, or that of a case in a file."""
    if given.facts is not None:
        _draft_file(given)
        return
    with open_desk(given) as desk:
        if given.all:
            number = desk.draft_missing(terminal_progress())
            emit(given, {"drafted": number}, [f"{number:,} reports drafted by rule"])
            return
        case_id = desk.case_id(given.case)
        report = desk.draft(
            case_id,
            given.model,
            seed=given.seed,
            language=given.language,
            kind=given.kind,
            progress=terminal_progress(),
        )
    _tell_missing(report)
    emit(given, {"case": case_id, **report.to_json()}, _report_lines(report.sentences))


def _tell_missing(report: Report) -> None:
    """Say why the model worded nothing more, where it failed."""
    missing = next((one.fallback for one in report.sentences if (one.fallback or "").startswith(NO_MODEL)), None)
    if missing:
        print(f"caseworth: drafted by rule, for the {missing}", file=sys.stderr)


def check(given: Namespace) -> None:
    """Check a text against the facts of a case, of the workspace or in a file."""
    if (given.case is None) == (given.facts is None):
        raise InputError(
            "case", "It takes a case or --facts, and one of them.", remedy="Name a case, or give --facts CASE.json."
        )
    text = _read_text(given.path)
    if given.facts is not None:
        data = check_in_file(text, _read_text(given.facts), str(given.facts)).to_json()
    else:
        with open_desk(given) as desk:
            data = desk.check_text(desk.case_id(given.case), text).to_json()
    emit(given, data, _verdict_lines(data))


def _verdict_lines(data: dict[str, Any]) -> list[str]:
    """Each sentence with its verdict, and under it what is wrong."""
    lines = []
    for one in data["sentences"]:
        lines.append(f"{one['verdict']:12} {one['text']}")
        for problem in one["problems"]:
            against = f" (expected {problem['expected']})" if problem["expected"] else ""
            lines.append(f"{'':12} {problem['kind']}: {problem['span']}{against}")
    return lines


def _draft_file(given: Namespace) -> None:
    """The report of a case in a file."""
    facts = _read_text(given.facts)
    case_id, report = draft_in_file(facts, str(given.facts), given.language, given.model, seed=given.seed)
    _tell_missing(report)
    emit(given, {"case": case_id, **report.to_json()}, _report_lines(report.sentences))


def _report_lines(sentences: Iterable[Sentence]) -> list[str]:
    """The sentences under their sections, each with its author."""
    lines = []
    for section, group in groupby(sentences, key=lambda sentence: sentence.section):
        lines.append(section.upper())
        lines += [f"  [{sentence.author.value}] {sentence.text}" for sentence in group]
    return lines


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError("file", f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(
            "file", f"{path} is not UTF-8 text (byte {error.start}).", remedy="Save it as UTF-8."
        ) from error


def confirm(given: Namespace) -> None:
    """Confirm a fact, or supersede it by the right value."""
    with open_desk(given) as desk:
        case_id = desk.case_id(given.case)
        fact = desk.fact(case_id, given.fact)
        if given.value is None:
            desk.confirm_fact(case_id, fact.id)
        else:
            desk.correct_fact(case_id, fact.name, given.value, given.note, fact_id=fact.id)
        new = desk.fact(case_id, fact.name)
    emit(
        given, {"case": case_id, "fact": new.to_json()}, [f"{new.name}: {new.value} {new.unit}, by {new.confirmed_by}"]
    )


def wish(given: Namespace) -> None:
    """Hold the limit to the most that the applicant wishes for, or take that back."""
    from app.usecases.show_case import show_case

    with open_desk(given) as desk:
        case_id = desk.case_id(given.case)
        desk.wish_limit(case_id, None if given.none else given.at_most)
        view = show_case(case_id, desk.workspace)
        limit = view.limit(desk.catalogue).to_json()
    emit(given, {"case": case_id, "limit": limit}, _limit_lines(limit, view.case.currency) or ["No limit yet."])


def classify(given: Namespace) -> None:
    """Put a document to a kind and read its fields anew under it."""
    with open_desk(given) as desk:
        case_id = desk.case_id(given.case)
        document = _document(desk, case_id, given.document)
        desk.readers.start()
        found = desk.read_document_as(case_id, document.sha256, given.kind, terminal_progress())
        done = desk.classify_document(case_id, document.sha256, given.kind, found)
    lines = [f"{document.name}: {done.before} → {done.kind}, {done.facts} facts read, {done.retired} retired"]
    emit(given, done.to_json(), [*lines, *done.notes])


def _document(desk: Desk, case_id: str, wanted: str) -> Document:
    """The case's document of that file name or digest. Raises ``InputError`` unless there is exactly one."""
    with desk.workspace.read() as stores:
        documents = stores.documents.of_case(case_id)
    found = [each for each in documents if each.name == wanted or (len(wanted) > 3 and each.sha256.startswith(wanted))]
    if len(found) == 1:
        return found[0]
    why = "several documents" if found else "no document"
    names = ", ".join(f"{each.name} ({each.sha256[:8]})" for each in documents)
    raise InputError("document", f"{case_id} has {why} {wanted}.", remedy=f"It has {names or 'none'}.")
