"""What a Mac reads of the program, and what it lets it do."""

from __future__ import annotations

import plistlib
import subprocess
import sys
from pathlib import Path

import pytest

from app import __version__

FOLDER = Path("packaging/macos")


def test_the_bundle_names_version_and_languages(root: Path) -> None:
    info = plistlib.loads((root / FOLDER / "Info.plist").read_bytes())
    assert info["CFBundleShortVersionString"] == info["CFBundleVersion"] == __version__
    assert info["CFBundleLocalizations"] == ["en", "zh-Hans"]
    (kind,) = info["UTExportedTypeDeclarations"]
    assert kind["UTTypeTagSpecification"]["public.filename-extension"] == ["cwz"]


def test_the_bundle_asks_for_nothing_but_memory_for_callbacks(root: Path) -> None:
    """No network, no camera, no microphone, no address book, and its libraries only."""
    info = plistlib.loads((root / FOLDER / "Info.plist").read_bytes())
    assert [key for key in info if key.endswith("UsageDescription")] == []
    asked = plistlib.loads((root / FOLDER / "entitlements.plist").read_bytes())
    assert asked == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


def test_the_type_of_a_package_is_the_same_on_every_system(root: Path) -> None:
    info = plistlib.loads((root / FOLDER / "Info.plist").read_bytes())
    mime = info["UTExportedTypeDeclarations"][0]["UTTypeTagSpecification"]["public.mime-type"][0]
    for other in ("windows/caseworth.nsi", "linux/caseworth.xml"):
        assert mime in (root / "packaging" / other).read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "darwin", reason="there it builds")
def test_the_recipe_refuses_other_systems(root: Path) -> None:
    done = subprocess.run([root / FOLDER / "build.sh"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "only be built on a Mac" in done.stderr
