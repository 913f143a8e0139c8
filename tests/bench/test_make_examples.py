"""The reports in docs/examples are what the program drafts."""

from __future__ import annotations

from pathlib import Path

from bench.make_examples import EXAMPLES, ROOT, write_examples


def test_the_examples_are_what_the_program_drafts(tmp_path: Path) -> None:
    written = write_examples(tmp_path)
    assert len(written) == len(EXAMPLES) == 3
    for path in written:
        assert path.read_text(encoding="utf-8") == (ROOT / "docs/examples" / path.name).read_text(encoding="utf-8")
