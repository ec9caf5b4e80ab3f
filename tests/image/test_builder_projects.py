"""Projects that nobody here wrote: the image freezes their commands, whatever builds them."""

from pathlib import Path

from tests.image.freezing import PYPROJECT, Freeze, files, start
from tests.support.docker import Docker
from tests.support.files import write
from tests.support.git import commit, git
from tests.support.samples import sample
from tests.support.sboms import listed

SETUP_CFG = """\
[metadata]
name = sample
version = 1.2.3
[options]
packages = sample
[options.package_data]
sample = data.txt, scripts/*.py
[options.entry_points]
console_scripts =
    sample = sample.cli:main
"""


def test_the_command_of_a_project_is_frozen_with_its_data_metadata_and_modules(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    build = {"setup.py": "from setuptools import setup\nsetup()\n", "setup.cfg": SETUP_CFG}
    sample("package", source)
    # A folder that is not a package: the program reads and runs what is in it.
    script = "from colorsys import rgb_to_yiq\nprint(rgb_to_yiq.__module__)\n"
    run_it = """\
    exec(importlib.resources.files("sample").joinpath("scripts/one.py").read_text())
    sys.stdout.flush()
    child = multiprocessing.get_context("spawn").Process(target=print, args=["child"])
    child.start()
    child.join()
"""
    cli = f"import multiprocessing, sys\n{(source / 'sample/cli.py').read_text()}{run_it}"
    write(source, {**build, "sample/scripts/one.py": script, "sample/cli.py": cli})
    result = freeze()
    assert result.returncode == 0, result.stderr
    assert files(source / "dist") == {"sample", "sample.cdx.json"}
    assert start(docker, source, "sample/sample") == "1.2.3 data plugin\ncolorsys\nchild\n"
    assert files(source) == {*build, "sample", "dist"}


def test_a_package_with_rich_is_frozen_under_its_commands_name_and_packed_with_upx(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    code = "from rich import print\ndef main():\n    print('[bold]rich[/bold]')\n"
    write(source, {"pyproject.toml": PYPROJECT.format(dependencies="'rich==14.2.0'")})
    write(source, {"src/sample/__init__.py": "", "src/sample/cli.py": code})
    result = freeze(options=["--env=UPX_PACK=on"])
    assert result.returncode == 0, result.stderr
    assert "UPX packed" in result.stdout
    assert start(docker, source, "sample/sample") == "rich\n"
    assert files(source) == {"pyproject.toml", "src", "dist"}
    inside = listed(source / "dist", "sample")
    assert {"sample", "rich", "pygments", "python"} <= inside
    assert not {"altgraph", "packaging", "pip", "setuptools", "uv"} & inside
    assert files(source / "src") == {"sample"}


def test_a_project_takes_its_version_and_a_requirement_from_git(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    setup = "from setuptools import setup\nsetup(name='library', py_modules=['library'])\n"
    write(source / "library", {"setup.py": setup, "library.py": "NAME = 'of a repository'\n"})
    commit(source / "library")
    scm = PYPROJECT.format(dependencies="'library @ git+file:///src/library'")
    scm = scm.replace('version = "1.2.3"', 'dynamic = ["version"]')
    scm = scm.replace('["setuptools"]', '["setuptools", "setuptools-scm==9.2.2"]')
    code = """\
from importlib.metadata import version
import library
def main():
    print(version("sample"), library.NAME)
"""
    write(source, {"pyproject.toml": f"{scm}[tool.setuptools_scm]\n", ".gitignore": "library\n"})
    write(source, {"src/sample/__init__.py": "", "src/sample/cli.py": code})
    commit(source)
    git(source, "tag", "v4.5.6")
    result = freeze()
    assert result.returncode == 0, result.stderr
    assert start(docker, source, "sample/sample") == "4.5.6 of a repository\n"
