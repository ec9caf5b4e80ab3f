"""Bad input: what the build of an app's image says, and that it names the file and the command.

tests/freezer/test_download.py has the other cases, which need no image.
"""

from pathlib import Path

from tests.image.building import build
from tests.support.docker import Docker


def replace(file: Path, old: str, new: str) -> None:
    """Replace a text that is in a file."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_stale_lock_stops_the_image_with_the_command(docker: Docker, copy: Path) -> None:
    replace(copy / "pyproject.toml", "dependencies = []", 'dependencies = ["rich"]')
    output = build(copy, "--target=project", expect=1)
    assert "`uv.lock` needs to be updated" in output
    assert "uv.lock is missing, stale or damaged: run `uv lock`" in output


def test_a_program_that_prints_an_error_instead_of_its_version_is_not_an_image(
    docker: Docker, copy: Path
) -> None:
    # Without PyInstaller it finds the module.
    (copy / "src/my_tool/cli.py").write_text(
        "import importlib\n\ndef main():\n    try:\n        importlib.import_module('wsgi' + 'ref')\n"
        "    except ImportError as error:\n        print('error:', error)\n    print('1.0')\n"
    )
    output = build(copy, "--target=freeze", expect=1)
    assert "error: my-tool --version: error: No module named 'wsgiref'" in output
    assert "--hidden-import=wsgiref adds it. In a spec, that is hiddenimports." in output
