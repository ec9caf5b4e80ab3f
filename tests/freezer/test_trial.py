"""Which script was a program made of, by the notes of PyInstaller? Where may something be that it lacks?"""

import subprocess
import sys
from pathlib import Path

from freezer.trial import Script, depend, in_copy, script_of

from tests.support.files import write

SPEC = """\
both = Analysis(["app/one.py", "two.py"], pathex=["lib"])
for name, others in (("one", ["two"]), ("two", ["one"]), ("both", [])):
    scripts = [row for row in both.scripts if row[0] not in others]
    EXE(PYZ([]), scripts, exclude_binaries=True, name=name)
"""


def test_the_script_of_each_program_is_known_from_the_notes_of_pyinstaller(tmp_path: Path) -> None:
    source, work = tmp_path / "src", tmp_path / "work"
    write(source, {"app/one.py": "", "two.py": "", "all.spec": SPEC})
    options: list[str | Path] = ["--workpath", work / "build", "--distpath", tmp_path / "dist"]
    command: list[str | Path] = [sys.executable, "-m", "PyInstaller", "--log-level=ERROR"]
    subprocess.run([*command, *options, "all.spec"], cwd=source, check=True)
    one, two = script_of(Path("dist/one"), work), script_of(Path("dist/two"), work)
    assert one
    assert two
    assert (one.file, two.file) == (source / "app/one.py", source / "two.py")
    assert source / "lib" in one.paths
    assert script_of(Path("dist/both"), work) is None  # PyInstaller runs one after the other
    assert script_of(Path("dist/three"), work) is None


def test_a_script_of_the_source_is_started_in_a_copy_and_another_one_where_it_is(
    tmp_path: Path,
) -> None:
    source, work = tmp_path / "src", tmp_path / "work"
    write(source, {"app/one.py": "", "app/data.txt": ""})
    work.mkdir()
    found = in_copy(Script(source / "app/one.py", (source / "app", tmp_path)), source, work)
    assert found == (work / "project/app/one.py", [work / "project/app", tmp_path])
    assert (work / "project/app/data.txt").exists()
    other = Script(work / "commands/tool-script.py", ())
    assert in_copy(other, source, work) == (other.file, [])


def test_other_files_of_requirements_are_named(tmp_path: Path) -> None:
    usual = "add it to the project's dependencies or to requirements.txt"
    write(tmp_path, {"requirements.txt": "", "notes.txt": ""})
    assert depend(tmp_path) == usual
    write(tmp_path, {"requirements/base.txt": "", "requirements-dev.txt": ""})
    names = "requirements-dev.txt or requirements/base.txt"
    assert depend(tmp_path) == f"{usual}, or set REQUIREMENTS={names}"
