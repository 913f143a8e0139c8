"""A model points at what reading left open, after the reader has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.cross_checks import DOUBTFUL
from app.domain.pointing import OPENINGS, Opening, Pointed, Span
from app.domain.reading import DocumentField, Part, ReadResult, Scanned
from app.errors import EnvironmentFault
from app.usecases.point_fields import PointingReaders

BOX = (10.0, 10.0, 60.0, 20.0)
OPENING = Opening(
    "net_pay", "Net pay", (Span("4000.00", "4,000.00", 1, BOX, "EUR"), Span("3100.00", "3,100.00", 1, BOX))
)
READ = DocumentField("employee", "Anna Lind", "Anna Lind")
RESULT = ReadResult(
    "0" * 64,
    9,
    "payslip",
    "application/pdf",
    details=(READ,),
    extra={OPENINGS: [OPENING.to_json()], "period": "2026-10"},
)


@dataclass
class ScriptedReaders:
    result: ReadResult
    closed: bool = False
    cancelled: bool = False

    def read_file(self, path: Path, **_: Any) -> ReadResult:
        return self.result

    def read_content(self, name: str, content: bytes, kind: str | None = None, **_: Any) -> ReadResult:
        return self.result

    def profile_table(self, path: Path, form: str) -> str:
        return f"profile of {form}"

    def cancel(self) -> None:
        self.cancelled = True

    def close(self) -> None:
        self.closed = True


@dataclass
class ScriptedPointer:
    answers: Sequence[Pointed | Exception]
    asked: list[tuple[str, str]] = field(default_factory=list)
    closed: bool = False
    cancelled: bool = False

    def point(self, opening: Opening, kind: str) -> Pointed:
        answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append((kind, opening.field))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def cancel(self) -> None:
        self.cancelled = True

    def close(self) -> None:
        self.closed = True


def pointing(result: ReadResult, *answers: Pointed | Exception) -> PointingReaders:
    return PointingReaders(ScriptedReaders(result), ScriptedPointer(answers), {"payslip": "Payslip"})  # type: ignore[arg-type]


def test_a_place_becomes_a_doubtful_field_and_the_question_goes() -> None:
    found = pointing(RESULT, Pointed(1, 1.0)).read_file(Path("a.pdf"))
    assert found.details[0] == READ
    assert (found.details[1].name, found.details[1].value, found.details[1].method) == ("net_pay", "3100.00", "model")
    assert Decimal("0.7") < found.details[1].confidence < DOUBTFUL
    assert found.details[1].fact is None
    assert found.fields == RESULT.fields
    assert found.extra == {"period": "2026-10"}


def test_a_document_kept_is_pointed_at_like_a_file() -> None:
    found = pointing(RESULT, Pointed(0, 0.9)).read_content("a.pdf", b"", "payslip")
    assert [each.value for each in found.details] == ["Anna Lind", "4000.00"]


def test_what_is_unlikely_or_none_leaves_the_field_open() -> None:
    for answer in (Pointed(None, 0.9), Pointed(0, 0.4)):
        assert pointing(RESULT, answer).read_file(Path("a.pdf")).details == (READ,)


def test_without_its_model_a_document_is_read_as_before_and_says_so() -> None:
    found = pointing(replace(RESULT, note="1 field read"), EnvironmentFault("It is not there.")).read_file(
        Path("a.pdf")
    )
    assert found.details == (READ,)
    assert found.note == "1 field read · the model could not be asked: It is not there."
    assert OPENINGS not in found.extra


def test_documents_inside_are_pointed_at_too() -> None:
    mail = ReadResult("1" * 64, 9, "mail", "message/rfc822", parts=(Part("a.pdf", (0,), RESULT),))
    assert pointing(mail, Pointed(0, 0.9)).read_file(Path("a.eml")).parts[0].found.details[1].value == "4000.00"
    one = Scanned((1, 2), "payslip", 0.9, (), extra=RESULT.extra)
    scanned = pointing(replace(RESULT, extra={}, documents=(one,)), Pointed(0, 0.9)).read_file(Path("a.pdf"))
    assert scanned.documents[0].details[0].value == "4000.00"
    assert scanned.documents[0].extra == {"period": "2026-10"}


def test_the_rest_is_the_readers_own_and_both_end() -> None:
    readers, pointer = ScriptedReaders(RESULT), ScriptedPointer((Pointed(0, 0.9),))
    with PointingReaders(readers, pointer, {"payslip": "Payslip"}) as both:  # type: ignore[arg-type]
        assert both.profile_table(Path("a.csv"), "csv") == "profile of csv"
        both.read_file(Path("a.pdf"))
        both.cancel()
    assert pointer.asked == [("Payslip", "net_pay")]
    assert readers.cancelled
    assert pointer.cancelled
    assert readers.closed
    assert pointer.closed
