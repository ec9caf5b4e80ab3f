"""How is a script started unfrozen? Where may something be that it lacks?"""

from pathlib import Path

import pytest
from freezer.judgement import Verdict
from freezer.remedies import Places
from freezer.starts import Start
from freezer.trial import Script, Trial, by_command, conclude, depend, in_copy

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


def test_a_command_is_started_unfrozen_by_its_own_name(tmp_path: Path) -> None:
    """rich-click lays out its help by the name."""
    write(tmp_path, {"tool-script.py": "", "other.py": ""})
    assert by_command(tmp_path / "tool-script.py") == tmp_path / "tool"
    assert (tmp_path / "tool").resolve() == tmp_path / "tool-script.py"
    assert by_command(tmp_path / "tool-script.py") == tmp_path / "tool"  # once more
    assert by_command(tmp_path / "other.py") == tmp_path / "other.py"


def test_an_exception_that_tells_of_nothing_missing_is_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As reuse ends, which needs one of its extras."""
    output = 'Traceback (most recent call last):\n  File "x.py", line 1\nreuse.NoEncoding: none\n'
    trials = [
        Trial(Path("dist/one"), None, Start(output, 1), Verdict()),
        Trial(Path("dist/two"), None, Start("usage: two\n", 2), Verdict()),
    ]
    conclude(trials, Places([]), [])
    assert capsys.readouterr().out == (
        "warning: one --help ends with an exception, and nothing seems to be missing:\n" + output
    )
