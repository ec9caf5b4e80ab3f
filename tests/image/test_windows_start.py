"""Each Windows program that was made is started once: whether it does decides how a run ends."""

from pathlib import Path

from tests.image.freezing import Freeze
from tests.support.files import write
from tests.support.samples import sample


def test_a_program_that_does_not_start_fails_with_what_its_loader_says(
    freeze_for_windows: Freeze, source: Path
) -> None:
    write(source, {"main.py": "import importlib\nimportlib.import_module('no_such' + '_module')\n"})
    result = freeze_for_windows(options=["--env=UPX_PACK=off"])
    assert result.returncode == 1
    assert "error: main.exe does not start: ModuleNotFoundError: " in result.stderr
    assert "No module named 'no_such_module'" in result.stderr
    assert "[PYI-" in result.stderr
    assert result.stderr.endswith("--no-verify skips this.\n")


def test_a_windowed_program_fails_with_what_its_box_says(
    freeze_for_windows: Freeze, source: Path
) -> None:
    spec = """\
a = Analysis(["main.py"])
exe = EXE(PYZ(a.pure), a.scripts, name="main", exclude_binaries=True, console=False)
COLLECT(exe, [file for file in a.binaries if "python3" not in file[0]], a.datas, name="main")
"""
    write(source, {"main.py": "", "main.spec": spec})
    result = freeze_for_windows(options=["--env=UPX_PACK=off"])
    assert result.returncode == 1
    assert "error: main.exe does not start:" in result.stderr
    assert "Failed to load Python DLL" in result.stderr


def test_a_program_that_starts_itself_is_ended_with_all_that_it_started(
    freeze_for_windows: Freeze, source: Path
) -> None:
    sample("itself", source)
    # If the freezer did not end it, Docker would, before it fills this machine.
    options = ["--pids-limit=500", "--memory=4g", "--env=UPX_PACK=off"]
    result = freeze_for_windows("--onefile", options=options)
    assert result.returncode == 1
    assert "error: main.exe does not start: it starts itself." in result.stderr
