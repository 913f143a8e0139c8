"""Sealing a decided case: what is in the package, what is refused, and that nothing is left half-done."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from app.adapters.package_checker import PackageChecker
from app.adapters.signing_keys import PersonSigner
from app.domain.case import Outcome, Status
from app.domain.changes import Changes
from app.domain.package import CONTENTS, MANIFEST
from app.domain.sentences import Problem, Sentence, State
from app.errors import EnvironmentFault, InputError
from app.usecases.verify_package import verify_package
from tests.decided_case import (
    DATA_KEY,
    DECIDED_AT,
    PERSON,
    SEALED_AT,
    PlainRenderer,
    add_decided_case,
    decided_workspace,
    export,
    new_signer,
)
from tests.doubles import FixedClock, MemoryWorkspace


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> PersonSigner:
    return new_signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def decided() -> tuple[MemoryWorkspace, str]:
    return decided_workspace()


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def loaded(path: Path, name: str) -> Any:
    return json.loads(parts_of(path)[name])


def test_a_package_holds_its_parts_in_order(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    workspace, case_id = decided
    result = export(workspace, case_id, tmp_path / "a.cwz", signer, PlainRenderer())
    stem = f"signatures/anna-bergstrom-{signer.key_id()[:8]}"
    assert list(parts_of(result.path)) == [MANIFEST, *CONTENTS, f"{stem}.json", f"{stem}.pem"]
    content = result.path.read_bytes()
    assert result.to_json() == {
        "case": case_id,
        "path": str(result.path),
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "signer": {"person": PERSON, "role": "underwriter", "key": signer.key_id()},
    }
    assert result.changes is Changes.CASES


def test_the_manifest_covers_every_other_part(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    parts = parts_of(export(*decided, tmp_path / "a.cwz", signer, PlainRenderer()).path)
    listed = {entry["path"]: (entry["sha256"], entry["size"]) for entry in json.loads(parts[MANIFEST])["files"]}
    assert listed == {name: (hashlib.sha256(parts[name]).hexdigest(), len(parts[name])) for name in CONTENTS}


def test_every_json_part_is_canonical(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    parts = parts_of(export(*decided, tmp_path / "a.cwz", signer, PlainRenderer()).path)
    for name, content in parts.items():
        if name.endswith(".json"):
            assert rfc8785.dumps(json.loads(content)) == content, name
    for line in parts["events.jsonl"].splitlines():
        assert rfc8785.dumps(json.loads(line)) == line


def test_the_same_case_gives_the_same_bytes(signer: PersonSigner, tmp_path: Path) -> None:
    """In two workspaces, and sealed once more in one of them."""
    first, second = decided_workspace(), decided_workspace()
    paths = [tmp_path / "1.cwz", tmp_path / "2.cwz", tmp_path / "3.cwz"]
    for (workspace, case_id), path in zip([first, second, second], paths, strict=True):
        export(workspace, case_id, path, signer, PlainRenderer())
    assert len({path.read_bytes() for path in paths}) == 1
    with second[0].read() as stores:
        assert [event.what for event in stores.events.of_case(second[1])].count("package.sealed") == 1


def test_sealing_again_after_a_change_is_another_event(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    workspace, case_id = decided
    export(workspace, case_id, tmp_path / "a.cwz", signer, PlainRenderer())
    with workspace.transaction() as stores:
        stores.events.append(PERSON, case_id, "fact.corrected", {"name": "request.amount"})
    export(workspace, case_id, tmp_path / "a.cwz", signer, PlainRenderer())
    kinds = [json.loads(line)["what"] for line in parts_of(tmp_path / "a.cwz")["events.jsonl"].splitlines()]
    assert kinds[-3:] == ["package.sealed", "fact.corrected", "package.sealed"]


def test_the_case_is_signed_and_its_sealing_is_in_the_package(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    workspace, case_id = decided
    parts = parts_of(export(workspace, case_id, tmp_path / "a.cwz", signer, PlainRenderer()).path)
    with workspace.read() as stores:
        assert stores.cases.get(case_id).status is Status.SIGNED
        assert stores.events.verify() is None
    events = [json.loads(line) for line in parts["events.jsonl"].splitlines()]
    assert {event["case_id"] for event in events} == {case_id}
    assert events[-1]["what"] == "package.sealed"
    assert events[-1]["detail"]["decision"] == hashlib.sha256(parts["decision.json"]).hexdigest()
    assert json.loads(parts["decision.json"])["case"]["status"] == "signed"


def test_facts_come_with_inputs_and_sources_but_no_prohibited_basis(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    path = export(*decided, tmp_path / "a.cwz", signer, PlainRenderer()).path
    record = loaded(path, "facts.json")
    facts = {fact["name"]: fact for fact in record["facts"]}
    assert facts["income.net_monthly"]["source"]["method"] == "income used"
    assert facts["income.net_monthly_documented"]["source"]["page"] == 1
    assert "applicant.date_of_birth" not in facts
    assert [entry["why"] for entry in record["left_out"]] == ["prohibited basis"]
    assert record["left_out"][0]["id"] in facts["income.net_monthly"]["source"]["inputs"]
    assert b"1990-04-01" not in path.read_bytes()
    assert [document["name"] for document in record["documents"]] == ["application.json", "payslip.pdf"]


def test_personal_facts_that_nothing_rests_on_stay_behind(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    names = {
        f["name"]
        for f in loaded(export(*decided, tmp_path / "a.cwz", signer, PlainRenderer()).path, "facts.json")["facts"]
    }
    assert "applicant.name" not in names


def test_run_times_are_left_out(decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path) -> None:
    assert set(loaded(export(*decided, tmp_path / "a.cwz", signer, PlainRenderer()).path, "report.json")) == {
        "language",
        "sentences",
    }


def test_the_pdf_is_given_the_package_and_the_words_for_it(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    renderer = PlainRenderer()
    path = export(*decided, tmp_path / "a.cwz", signer, renderer).path
    (data,) = renderer.seen
    assert data["decision"] == loaded(path, "decision.json")["decision"]
    assert data["sealed_at"] == SEALED_AT.isoformat()
    assert data["catalogue"]["request.amount"]["label"]["zh"] == "申请金额"
    assert set(data["catalogue"]) >= {fact["name"] for fact in data["facts"]}


def _change_sentence(workspace: MemoryWorkspace, case_id: str, change: dict[str, Any]) -> Sentence:
    with workspace.transaction() as stores:
        report = stores.reports.get(case_id)
        assert report
        changed = replace(report.sentences[0], **change)
        stores.reports.put(case_id, replace(report, sentences=(changed, *report.sentences[1:])))
    return changed


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"text": "The applicant asks for 12,500.00 EUR."}, "12,500.00"),
        ({"state": State.FLAGGED, "problems": (Problem("unsupported_name", "Orion AB"),)}, "Orion AB"),
        ({"state": State.FLAGGED}, "what is marked"),
        ({"text": "After 99 days it was paid.", "state": State.ADOPTED}, "99"),
    ],
)
def test_what_no_fact_supports_is_never_sealed(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path, change: dict[str, Any], names: str
) -> None:
    workspace, case_id = decided
    sentence = _change_sentence(workspace, case_id, change)
    with pytest.raises(InputError) as caught:
        export(workspace, case_id, tmp_path / "a.cwz", signer, PlainRenderer())
    assert names in caught.value.message
    assert sentence.text in caught.value.message
    _assert_nothing_happened(workspace, case_id, tmp_path)


def _assert_nothing_happened(workspace: MemoryWorkspace, case_id: str, folder: Path) -> None:
    assert list(folder.iterdir()) == []
    with workspace.read() as stores:
        assert stores.cases.get(case_id).status is not Status.SIGNED
        assert "package.sealed" not in [event.what for event in stores.events.of_case(case_id)]


def test_an_endless_report_is_refused(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    workspace, case_id = decided
    _change_sentence(workspace, case_id, {"text": "It holds. " * 6000})
    with pytest.raises(InputError, match="too large: the report"):
        export(workspace, case_id, tmp_path / "a.cwz", signer, PlainRenderer())
    _assert_nothing_happened(workspace, case_id, tmp_path)


def test_a_prohibited_basis_is_never_sealed(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    workspace, case_id = decided
    with workspace.read() as stores:
        (birth,) = [fact for fact in stores.facts.current(case_id) if fact.name == "applicant.date_of_birth"]
    _change_sentence(workspace, case_id, {"facts": (birth.id,)})
    with pytest.raises(InputError, match=r"prohibited basis \(applicant.date_of_birth\)"):
        export(workspace, case_id, tmp_path / "a.cwz", signer, PlainRenderer())
    _assert_nothing_happened(workspace, case_id, tmp_path)


def _empty_case(workspace: MemoryWorkspace) -> str:
    with workspace.transaction() as stores:
        return stores.cases.add(
            reference="r",
            applicant="A",
            product="p",
            amount=None,
            currency="EUR",
            term_months=None,
            received_on=None,
        ).id


def test_a_case_without_a_decision_is_refused(signer: PersonSigner, tmp_path: Path) -> None:
    workspace = MemoryWorkspace()
    case_id = _empty_case(workspace)
    with pytest.raises(InputError, match="no decision"):
        export(workspace, case_id, tmp_path / "a.cwz", signer)
    _assert_nothing_happened(workspace, case_id, tmp_path)


def test_a_decision_without_a_report_is_refused(signer: PersonSigner, tmp_path: Path) -> None:
    workspace, case_id = decided_workspace()
    bare = _empty_case(workspace)
    with workspace.transaction() as stores:
        decision = stores.decisions.get(case_id)
        assert decision
        stores.decisions.put(bare, replace(decision, outcome=Outcome.REFER, reasons=()))
    with pytest.raises(InputError, match="no report"):
        export(workspace, bare, tmp_path / "a.cwz", signer)


def test_an_unknown_case_is_refused(signer: PersonSigner, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no case"):
        export(MemoryWorkspace(), "C-2026-000099", tmp_path / "a.cwz", signer)


def test_only_the_person_who_decided_signs(decided: tuple[MemoryWorkspace, str], tmp_path: Path) -> None:
    workspace, case_id = decided
    other = new_signer(tmp_path / "keys", "Björn Ek")
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="Anna Bergström made this decision"):
        export(workspace, case_id, tmp_path / "out" / "a.cwz", other, PlainRenderer())
    _assert_nothing_happened(workspace, case_id, tmp_path / "out")


def test_a_clock_behind_the_decision_is_told(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    with pytest.raises(EnvironmentFault, match="clock"):
        export(*decided, tmp_path / "a.cwz", signer, PlainRenderer(), clock=FixedClock(DECIDED_AT - timedelta(hours=1)))
    _assert_nothing_happened(*decided, tmp_path)


def test_another_scorecard_of_the_same_name_is_told(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    changed = {"instalment-loan": {"name": "instalment-loan", "version": "1.1"}}
    with pytest.raises(InputError, match="was changed after"):
        export(*decided, tmp_path / "a.cwz", signer, PlainRenderer(), scorecards=changed)
    with pytest.raises(EnvironmentFault, match="scorecard instalment-loan is not installed"):
        export(*decided, tmp_path / "a.cwz", signer, PlainRenderer(), scorecards={})
    _assert_nothing_happened(*decided, tmp_path)


@pytest.mark.parametrize("place", ["missing/a.cwz", "file/a.cwz", "folder"])
def test_an_unwritable_target_is_told(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path, place: str
) -> None:
    workspace, case_id = decided
    (tmp_path / "file").write_text("")
    (tmp_path / "folder" / "full").mkdir(parents=True)
    with pytest.raises(EnvironmentFault, match="could not be written"):
        export(workspace, case_id, tmp_path / place, signer, PlainRenderer())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
    with workspace.read() as stores:
        assert stores.cases.get(case_id).status is not Status.SIGNED


def test_a_full_disk_is_told_and_leaves_the_older_package(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, case_id = decided
    (tmp_path / "a.cwz").write_bytes(b"older")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EnvironmentFault, match="No space left on device") as caught:
        export(workspace, case_id, tmp_path / "a.cwz", signer, PlainRenderer())
    assert "Free some space" in caught.value.remedy
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.cwz", b"older")]
    with workspace.read() as stores:
        assert stores.cases.get(case_id).status is not Status.SIGNED


def test_a_fault_while_typesetting_leaves_nothing(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    class Broken:
        def report_pdf(self, data: object) -> bytes:
            raise EnvironmentFault("The fonts are missing.")

    with pytest.raises(EnvironmentFault, match="fonts"):
        export(*decided, tmp_path / "a.cwz", signer, Broken())
    _assert_nothing_happened(*decided, tmp_path)


def test_the_archive_is_stored_uncompressed(
    decided: tuple[MemoryWorkspace, str], signer: PersonSigner, tmp_path: Path
) -> None:
    """Deflate gives other bytes with another zlib."""
    content = export(*decided, tmp_path / "a.cwz", signer, PlainRenderer()).path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_stored_workspace_seals_the_same_package(signer: PersonSigner, tmp_path: Path, language: str) -> None:
    """DuckDB gives the same facts, findings and events back as were put in; sealed, closed, opened and sealed again."""
    from app.adapters.cipher import AesGcmCipher
    from data.workspace import open_workspace

    folder = tmp_path / "workspace"
    folder.mkdir()
    options: dict[str, Any] = {"clock": FixedClock(SEALED_AT), "memory_limit_mb": 512, "threads": 1}
    with open_workspace(folder, lambda path: DATA_KEY, AesGcmCipher, **options) as stored:
        with stored.transaction() as stores:
            case_id = add_decided_case(stores, language)
        export(stored, case_id, tmp_path / "first.cwz", signer, PlainRenderer())
    with open_workspace(folder, lambda path: DATA_KEY, AesGcmCipher, **options) as stored:
        export(stored, case_id, tmp_path / "again.cwz", signer, PlainRenderer())
    memory, in_memory = decided_workspace(language)
    export(memory, in_memory, tmp_path / "memory.cwz", signer, PlainRenderer())
    assert (tmp_path / "first.cwz").read_bytes() == (tmp_path / "again.cwz").read_bytes()
    assert parts_of(tmp_path / "first.cwz").keys() == parts_of(tmp_path / "memory.cwz").keys()
    found = verify_package(tmp_path / "first.cwz", PackageChecker(), trusted_keys={signer.key_id()})
    assert found.problems == ()
    for name in ("facts.json", "findings.json", "report.json", "decision.json", "scorecard.json", "policy.json"):
        assert loaded(tmp_path / "first.cwz", name) == loaded(tmp_path / "memory.cwz", name), name
