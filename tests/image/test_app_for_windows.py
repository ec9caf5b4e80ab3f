"""An app's spec for Windows: frozen by the template's own builder, and started under Wine.

A release freezes on Windows itself, by scripts/freeze.py. This shows that the spec works there, and
that Windows is told what the project says of itself.
"""

import subprocess
import sys
from pathlib import Path

import pefile  # type: ignore[import-untyped]  # it has no stubs
import pytest

from tests.image.freezing import Freeze
from tests.image.windows import icon, resources, start
from tests.support.commands import run
from tests.support.rendering import Render

# What the metadata of the sample is, once it is installed.
METADATA = {
    "name": "my-tool",
    "version": "0.1.0",
    "summary": "Greets people.",
    "author": "Ada Lovelace",
    "license_expression": "MIT",
}


@pytest.fixture
def project(render: Render, source: Path) -> Path:
    """A generated app where the builder freezes, with an icon and what scripts/freeze.py writes."""
    app = render(python_version="3.13")
    subprocess.run(["cp", "-r", f"{app}/.", source], check=True)
    program = f"from freezer.download import resource; print(resource({METADATA}, 'my-tool'))"
    (source / "version.txt").write_text(run(sys.executable, "-c", program, cwd=app / "scripts"))
    (source / "icon.ico").write_bytes(icon())
    return source


def properties(program: Path) -> dict[str, str]:
    """What Windows shows of a program."""
    [found] = pefile.PE(program).FileInfo
    [table] = [table for entry in found for table in getattr(entry, "StringTable", ())]
    return {key.decode(): text.decode() for key, text in table.entries.items()}


def test_an_app_runs_on_windows_with_its_icon_and_its_version(
    windows_builder_image: str, freeze_for_windows: Freeze, project: Path
) -> None:
    # Both at once, because Wine analyses for half a minute. Modules are files, as in the folder of a release.
    spec = project / "my-tool.spec"
    text = spec.read_text()
    for old, new in (("\nelse:\n", "\nif True:\n"), ("=recipe.noarchive,", "=True,")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    spec.write_text(text)
    arguments = ["my-tool.spec", "--", "--onefile", "--version-file=version.txt"]
    result = freeze_for_windows(*arguments, options=["--env=UPX_PACK=off"])
    assert result.returncode == 0, result.stderr
    for program in ("dist/my-tool/my-tool.exe", "dist/my-tool-onefile.exe"):
        output = start(windows_builder_image, project, "wine", program, "--version")
        assert output == ("my-tool 0.1.0\n", 0)
        output = start(windows_builder_image, project, "wine", program, "hello", "Ada")
        assert output == ("Hello, Ada!\n", 0)
        assert {"RT_ICON", "RT_GROUP_ICON", "RT_VERSION"} <= resources(project / program)
        (version,) = pefile.PE(project / program).VS_FIXEDFILEINFO
        assert (version.FileVersionMS, version.FileVersionLS) == (1, 0)
        assert properties(project / program) == {
            "CompanyName": "Ada Lovelace",
            "FileDescription": "Greets people.",
            "FileVersion": "0.1.0",
            "InternalName": "my-tool",
            "LegalCopyright": "MIT",
            "OriginalFilename": "my-tool.exe",
            "ProductName": "my-tool",
            "ProductVersion": "0.1.0",
        }
