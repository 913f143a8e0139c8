"""The command line as a person or a script meets it, over the real parts and without the model."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from app.cli.parser import build_parser

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
HEAVY = {"PySide6", "pandas", "numpy", "matplotlib", "llama_cpp", "typst", "pyhanko", "zen", "openpyxl", "pypdfium2"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One workspace with all sample folders in it."""
    home = tmp_path_factory.mktemp("cli")
    (home / "passphrase").write_text("correct horse battery staple\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEWORTH_PASSPHRASE_FILE", str(home / "passphrase"))
        patch.setenv("CASEWORTH_WORKSPACE", str(home / "desk"))
        assert run(["init", str(home / "desk"), "--person", "Vera Prüfer", "--no-keyring"]) == 0
        assert run(["import", *map(str, sorted((SAMPLES / "folders").iterdir()))]) == 0
        yield home


@pytest.fixture
def ask(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command with ``--json`` and return its object."""

    def asked(*arguments: object, status: int = 0) -> Any:
        capsys.readouterr()
        assert run([*map(str, arguments), "--json"]) == status, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    return asked


def test_folders_become_cases(ask: Any) -> None:
    listed = ask("cases")["cases"]
    assert {case["reference"] for case in listed} >= {path.name for path in (SAMPLES / "folders").iterdir()}
    assert next(c for c in listed if c["reference"] == "chinese")["language"] == "zh"


def test_importing_again_changes_nothing(ask: Any) -> None:
    again = ask("import", SAMPLES / "folders" / "good")
    assert (again["cases"], again["documents"], again["rejected"]) == (0, 0, 0)


def test_facts_know_their_source(ask: Any) -> None:
    facts = {fact["name"]: fact for fact in ask("show", "contradicting-income")["facts"]}
    stated, documented = facts["income.net_monthly_stated"], facts["income.net_monthly_documented"]
    assert (stated["value"], documented["value"]) == ("3100.00", "2450.00")
    assert documented["source"]["page"] == 1
    assert len(documented["source"]["box"]) == 4
    used = facts["income.net_monthly"]
    assert used["value"] == "2450.00"
    assert documented["id"] in used["source"]["inputs"]


def test_contradiction_names_both_sources(ask: Any) -> None:
    shown = ask("show", "contradicting-income")
    finding = next(f for f in shown["findings"] if f["code"] == "income.contradiction")
    names = {fact["id"]: fact["name"] for fact in shown["facts"]}
    assert {names[fact] for fact in finding["facts"]} >= {"income.net_monthly_documented", "income.net_monthly_stated"}


@pytest.mark.parametrize("name", sorted(path.name for path in (SAMPLES / "folders").iterdir()))
def test_every_sample_is_scored_and_drafted(ask: Any, name: str) -> None:
    scored = ask("score", name)
    assert scored["scored"] == 1
    assert len(scored["reasons"]) <= 4
    drafted = ask("draft", name, "--model", "none")
    assert drafted["model"] is None
    assert len(drafted["sentences"]) >= 5
    assert all(sentence["author"] == "rule" and sentence["text"] for sentence in drafted["sentences"])
    chinese = any("\u4e00" <= sign <= "\u9fff" for sign in drafted["sentences"][1]["text"])
    assert chinese == (name == "chinese")


def test_from_decision_to_verified_package(ask: Any, tmp_path: Path) -> None:
    ask("score", "good")
    ask("draft", "good", "--model", "none")
    decided = ask("decide", "good", "--outcome", "approve", "--reason", "Documented income carries the instalment.")
    assert decided["decision"]["person"] == "Vera Prüfer"
    package = tmp_path / "good.cwz"
    ask("export", "good", "--out", package)
    ask("key", "--out", tmp_path / "vera.pem")
    verified = ask("verify", package, "--trust", tmp_path / "vera.pem")
    assert verified["valid"]
    assert verified["signatures"][0]["trusted"]
    broken = bytearray(package.read_bytes())
    broken[len(broken) // 2] ^= 1
    package.write_bytes(broken)
    assert not ask("verify", package, status=1)["valid"]


def test_decline_needs_reasons_that_were_used(ask: Any, capsys: pytest.CaptureFixture[str]) -> None:
    ask("score", "over-indebted")
    ask("draft", "over-indebted", "--model", "none")
    refused = ["decide", "over-indebted", "--outcome", "decline", "--reason", "No.", "--reason-code", "C1-21"]
    assert run(refused) == 1
    assert "C1-21" in capsys.readouterr().err
    decision = ask("decide", "over-indebted", "--outcome", "decline", "--reason", "Instalments exceed the limit.")
    assert 1 <= len(decision["decision"]["principal_reasons"]) <= 4


def test_unknown_case_is_named(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "C-2020-999999"]) == 1
    captured = capsys.readouterr()
    assert "C-2020-999999" in captured.err
    assert captured.out == ""


def test_wrong_passphrase_is_refused(workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("something else\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEWORTH_PASSPHRASE_FILE", str(wrong))
        assert run(["cases"]) == 1
    assert "passphrase" in capsys.readouterr().err.lower()


def test_missing_workspace_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--workspace", str(tmp_path / "none"), "cases"]) != 0
    assert "init" in capsys.readouterr().err


def test_read_needs_no_workspace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CASEWORTH_WORKSPACE", str(tmp_path / "none"))
    assert run(["read", str(SAMPLES / "folders" / "good" / "payslip.pdf"), "--json"]) == 0
    read = json.loads(capsys.readouterr().out)
    assert read["kind"] == "payslip"
    net = next(field for field in read["fields"] if field["name"] == "net_pay")
    assert (net["value"], net["currency"], net["fact"]) == ("3450.00", "EUR", "income.net_monthly_documented")
    assert read["transactions"] is None


@pytest.mark.parametrize("command", ["--help", "verify --help", "verify nothing.cwz", "cases --help"])
def test_light_commands_import_nothing_heavy(root: Path, command: str) -> None:
    code = (
        "import sys\nfrom app.cli import run\n"
        f"try:\n    run({command.split()!r})\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert set(done.stderr.split("LOADED")[1].split()) & HEAVY == set()


def subcommands() -> dict[str, Any]:
    return next(action.choices for action in build_parser()._actions if action.choices)  # type: ignore[return-value]


def test_every_command_and_option_is_documented(root: Path) -> None:
    text = (root / "docs" / "command-line.md").read_text(encoding="utf-8")
    for name, parser in subcommands().items():
        row = re.findall(rf"(?m)^\| `{name}[ `].*$", text)
        assert row, f"{name} is missing from docs/command-line.md"
        options = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
        for option in options - {"--help", "--json", "--workspace", "--debug-sql"}:
            assert any(option in line for line in row), f"{name} {option} is missing from docs/command-line.md"


def test_commands_in_the_readme_exist(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:bin/|Scripts\\|`)caseworth ([a-z]+)", text))
    assert named
    assert named <= subcommands().keys()
