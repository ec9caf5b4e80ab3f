"""The builder for Windows freezes a command with its data and modules, and what the lock lists.

tests/freezer/test_installing.py installs what each lock lists, for both targets.
"""

from pathlib import Path

from tests.image.freezing import PYPROJECT, Freeze
from tests.image.windows import start
from tests.support.commands import run
from tests.support.files import write
from tests.support.samples import sample

OLD = "1.15.0"  # the oldest version that fits: nothing but a lock brings it
EXTRA = """\
[project.optional-dependencies]
more = ["idna>=3.10"]
[tool.setuptools]
packages = ["sample"]
package-data.sample = ["data.txt"]
[dependency-groups]
some = ["packaging>=25.0"]
"""


def test_the_lock_of_uv_fixes_the_versions_and_has_extras_and_groups(
    windows_builder_image: str, freeze_for_windows: Freeze, source: Path
) -> None:
    sample("package", source)
    sample("locked", source)
    write(source, {"pyproject.toml": PYPROJECT.format(dependencies=f"'six>={OLD}'") + EXTRA})
    run("uv", "lock", "--quiet", "--resolution=lowest-direct", cwd=source)
    # To pack, and to start the program, says nothing about locks.
    options = ["--env=UPX_PACK=off", "--env=EXTRAS=more", "--env=GROUPS=some"]
    hidden = ["--hidden-import=idna", "--hidden-import=packaging"]
    done = freeze_for_windows("--no-verify", *hidden, options=options)
    assert done.returncode == 0, done.stderr
    assert "The dependencies are those of uv.lock.\n" in done.stdout
    printed, _ = start(windows_builder_image, source, "wine", "dist/sample/sample.exe")
    assert printed == f"{OLD} 1.2.3 data plugin idna packaging\n"
