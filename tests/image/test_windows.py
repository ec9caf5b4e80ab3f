"""The image that freezes programs for Windows, run as its users run it; Wine runs what it makes."""

import re
from pathlib import Path

import pefile  # type: ignore[import-untyped]  # it has no stubs
import pytest

from tests.image.freezing import OWNER, PYPROJECT, STRICT, Freeze, files
from tests.image.windows import VERSION_FILE, icon, resources, start, windowed
from tests.support.files import write
from tests.support.sboms import listed


def test_a_lone_script_becomes_one_file_with_an_icon_and_a_version(
    windows_builder_image: str, freeze_for_windows: Freeze, source: Path
) -> None:
    code = "import sys\nprint('hello', sys.argv[1:])\nsys.exit(len(sys.argv))\n"
    write(source, {"main.py": code, "needs.txt": "", "version.txt": VERSION_FILE})
    (source / "icon.ico").write_bytes(icon())
    arguments = ["--onefile", "--icon=icon.ico", "--version-file=version.txt", "main.py"]
    options = [*STRICT, "--network=none", f"--user={OWNER}:{OWNER}", "--env=UPX_PACK=off"]
    result = freeze_for_windows(*arguments, options=options)
    assert result.returncode == 0, result.stderr
    assert files(source) == {"main.py", "needs.txt", "version.txt", "icon.ico", "dist"}
    program = source / "dist/main.exe"
    assert not windowed(program)
    (version,) = pefile.PE(program).VS_FIXEDFILEINFO
    assert (version.FileVersionMS, version.FileVersionLS) == (0x00010002, 0x00030004)
    assert {"RT_ICON", "RT_GROUP_ICON", "RT_VERSION"} <= resources(program)
    output = start(windows_builder_image, source, "wine", "dist/main.exe", "a", "b c")
    assert output == ("hello ['a', 'b c']\n", 3)


def test_a_windowed_program_with_a_compiled_module_runs(
    windows_builder_image: str, freeze_for_windows: Freeze, source: Path
) -> None:
    code = """\
import pathlib, sys
from markupsafe import _speedups
answer = len(_speedups._escape_inner(sys.argv[1])) if sys.argv[1:] else 0
if answer:
    pathlib.Path("answer.txt").write_text(str(answer))
sys.exit(answer)
"""
    write(source, {"main.py": code, "needs.txt": "markupsafe==3.0.3\n"})
    options = ["--env=REQUIREMENTS=needs.txt"]
    result = freeze_for_windows("--onefile", "--windowed", options=options)
    assert result.returncode == 0, result.stderr
    assert windowed(source / "dist/main.exe")
    assert start(windows_builder_image, source, "wine", "dist/main.exe", "<b>") == ("", 9)
    assert (source / "answer.txt").read_text() == "9"


def test_a_folder_with_numpy_belongs_to_the_owner_and_computes(
    windows_builder_image: str, freeze_for_windows: Freeze, source: Path
) -> None:
    code = (
        "import numpy\nprint(numpy.arange(6.0).reshape(2, 3) @ numpy.ones(3), numpy.__version__)\n"
    )
    write(source, {"main.py": code, "needs.txt": "numpy==2.3.5\n"})
    result = freeze_for_windows(options=["--env=REQUIREMENTS=needs.txt"])
    assert result.returncode == 0, result.stderr
    assert files(source) == {"main.py", "needs.txt", "dist"}
    assert {"numpy", "python"} <= listed(source / "dist", "main")
    owners = {(path.stat().st_uid, path.stat().st_gid) for path in source.rglob("*")}
    assert owners == {(OWNER, OWNER)}
    output = start(windows_builder_image, source, "wine", "dist/main/main.exe")
    assert output == ("[ 3. 12.] 2.3.5\n", 0)
    # What UPX breaks is left as it was, and the last line says so.
    last = result.stdout.splitlines()[-1]
    figures = re.fullmatch(
        r"dist/main [\d.]+ MB; UPX packed (\d+) of (\d+) libraries: ([\d.]+) MB are now ([\d.]+) MB; .*",
        last,
    )
    assert figures, last
    packed, libraries, before, after = map(float, figures.groups())
    assert 20 < packed < libraries
    assert after < before / 2
    assert re.search(r"; 1 would not load: python3\d+\.dll", last)


@pytest.mark.parametrize("package", ["uvloop==0.22.1", "no-such-package-of-ours==99"])
def test_a_requirement_without_a_wheel_for_windows_is_named(
    freeze_for_windows: Freeze, source: Path, package: str
) -> None:
    write(source, {"main.py": "", "requirements.txt": package})
    result = freeze_for_windows()
    assert result.returncode == 1
    assert package.partition("==")[0] in result.stderr
    assert not (source / "dist").exists()


def test_a_package_with_compiled_code_of_its_own_is_refused(
    freeze_for_windows: Freeze, source: Path
) -> None:
    code = "from setuptools import Distribution, setup\nDistribution.has_ext_modules = lambda _: True\n"
    write(source, {"pyproject.toml": PYPROJECT.format(dependencies="")})
    write(source, {"setup.py": f"{code}setup()\n", "src/sample/__init__.py": ""})
    result = freeze_for_windows()
    assert result.returncode == 1
    assert "holds code that is compiled for Linux" in result.stderr


def test_exit_codes_are_true(freeze_for_windows: Freeze, source: Path) -> None:
    write(source, {"main.spec": "raise SystemExit(3)\n"})
    result = freeze_for_windows()
    assert result.returncode == 3
    assert result.stderr.endswith("error: PyInstaller exited with 3\n")
    assert freeze_for_windows("--no-such-option").returncode == 2
