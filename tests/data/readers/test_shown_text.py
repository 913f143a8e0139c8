"""Text documents as lines: the place that counts is found and marked."""

from __future__ import annotations

import json
from typing import Any

from app.domain.pages import TextLines
from data.readers.pages import Pages
from data.readers.shown_text import WINDOW, ShownText, decoded
from data.readers.structured_text import ofx_lines, path_key, pretty_json, pretty_xml
from tests.views import case_files as files

ENTRIES = files.transactions("d")


def shown(content: bytes, shape: str = "text", **place: Any) -> TextLines:
    return ShownText(content).lines({"shape": shape, "rows": (), "path": None, "row": None, "raw": None} | place)


def test_text_is_decoded_whatever_it_is_in() -> None:
    assert decoded("工资".encode("gb18030") * 20) == "工资" * 20
    assert decoded("\ufeffå".encode()) == "å"
    assert decoded("工资单".encode("utf-16")) == "工资单"
    assert decoded(b"\xff\xff\xff")
    assert decoded(b"") == ""


def test_a_long_file_is_shown_round_its_mark() -> None:
    text = "\n".join(f"line {n}" for n in range(1, 5001)).encode()
    found = shown(text, row=3000)
    assert found.marked is not None
    assert found.lines[found.marked] == "line 3000"
    assert (len(found.lines), found.skipped, found.total) == (2 * WINDOW + 1, 3000 - 1 - WINDOW, 5000)


def test_raw_words_find_their_line_and_a_broken_file_is_shown_as_it_is() -> None:
    assert shown(files.call_txt(), raw="75 percent").marked == 2
    assert shown(b'{"a": ', "json", path="$.a").lines == ('{"a": ',)
    assert shown(b"[" * 100_000, "json").total == 1


def test_an_object_of_a_json_table_is_marked_by_its_number() -> None:
    content = json.dumps([{"id": n} for n in range(1, 9)]).encode()
    found = shown(content, "json", row=3)
    assert found.marked is not None
    assert found.lines[found.marked + 1].strip() == '"id": 3'
    lines = b"".join(b'{"id": %d}\n' % n for n in range(1, 9))
    found = shown(lines, "json", row=3)
    assert found.marked is not None
    assert found.lines[found.marked] == '{"id": 3}'


def test_entities_are_never_expanded() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>'
    assert pretty_xml(bomb, None, ()) is None
    assert shown(bomb.encode(), "xml").lines == (bomb,)


def test_a_path_marks_its_line_and_a_wildcard_every_one() -> None:
    value = json.loads(files.bureau_json())
    marked = pretty_json(value, path_key("$.accounts[0].balance"))
    assert marked.index is not None
    assert marked.lines[marked.index].strip() == '"balance": "6400"'
    every = pretty_json(value, path_key("$.enquiries[*].date"))
    assert [every.lines[at].strip()[:7] for at in every.marks] == ['"date":'] * 4
    assert (
        pretty_json(value, path_key("$.enquiries[0].unknown")).index
        == pretty_json(value, path_key("$.enquiries[0]")).index
    )
    assert pretty_json(value, path_key("$.nothing")).index is None


def test_an_entry_of_camt_is_marked_whole() -> None:
    marked = pretty_xml(files.camt_xml(ENTRIES[:5]).decode(), None, (2,))
    assert marked is not None
    lines = [marked.lines[at].strip() for at in marked.marks]
    assert lines[0] == "Ntry"
    assert lines[1] == f"Amt Ccy=EUR: {abs(ENTRIES[1].amount)}"
    assert lines[-1] == f"AddtlNtryInf: {ENTRIES[1].text}"
    assert len(lines) == 6


def test_an_xml_path_counts_elements_of_one_name() -> None:
    marked = pretty_xml("<a><b><c>1</c></b><b><c>2</c></b></a>", "a/b[2]/c", ())
    assert marked is not None
    assert marked.index is not None
    assert marked.lines[marked.index].strip() == "c: 2"


def test_ofx_entries_are_counted_from_one() -> None:
    marked = ofx_lines(files.statement_ofx(ENTRIES[:4]).decode(), (1, 3))
    marks = [marked.lines[at] for at in marked.marks]
    assert f"<TRNAMT>{ENTRIES[0].amount}" in marks
    assert f"<TRNAMT>{ENTRIES[2].amount}" in marks
    assert f"<TRNAMT>{ENTRIES[1].amount}" not in marks
    assert ofx_lines("<OFX></OFX>", (9,)).index is None


def test_through_the_child() -> None:
    with Pages() as pages:
        content = files.camt_xml(ENTRIES)
        found = pages.lines("x", lambda: content, "xml", rows=(2,))
    assert found.marked is not None
    assert found.lines[found.marked].strip() == "Ntry"
    assert len(found.marks) == 6
