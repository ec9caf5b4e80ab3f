"""How is a script started unfrozen? Where may something be that it lacks?"""

from pathlib import Path

from freezer.trial import Script, depend, in_copy

from tests.support.files import write


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
