"""No folder of the template gets into a project's wheel, or stops its build, whichever tool builds it."""

import zipfile
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.support.commands import command, run
from tests.support.files import tree, write
from tests.support.ownership import owner
from tests.support.rendering import Render

# The packages that build, and the lines without which they do not find a package in a flat layout.
BACKENDS = {
    "setuptools": ("setuptools.build_meta", ""),
    "hatchling": ("hatchling.build", ""),
    "flit-core": ("flit_core.buildapi", ""),
    "poetry-core": ("poetry.core.masonry.api", ""),
    "pdm-backend": ("pdm.backend", ""),
    "uv-build": ("uv_build", '[tool.uv.build-backend]\nmodule-root = ""\n'),
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has them all."""
    folder = tmp_path_factory.mktemp("backends")
    run(find_uv_bin(), "venv", "--quiet", folder / "venv", cwd=folder)
    python = folder / "venv/bin/python"
    run(find_uv_bin(), "pip", "install", "--quiet", "--python", python, *BACKENDS, cwd=folder)
    return python


@pytest.fixture(scope="module")
def ours(render: Render) -> dict[str, str]:
    """The template's own files in an app."""
    app = render()
    return {path: (app / path).read_text() for path in tree(app) if owner(path) != "project"}


@pytest.mark.parametrize("layout", ["", "src/"], ids=["flat", "src"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_wheel_holds_the_projects_package_alone(
    backend: str, layout: str, python: Path, ours: dict[str, str], tmp_path: Path
) -> None:
    module, flat = BACKENDS[backend]
    metadata = f'[build-system]\nrequires = ["{backend}"]\nbuild-backend = "{module}"\n'
    metadata += '[project]\nname = "my-tool"\nversion = "1.0"\ndescription = "Ours."\n'
    project = tmp_path / "project"
    write(
        project,
        {
            **ours,
            "pyproject.toml": metadata + ("" if layout else flat),
            f"{layout}my_tool/__init__.py": "",
            "tests/test_it.py": "",
        },
    )
    options = (
        "--wheel",
        "--no-build-isolation",
        "--python",
        python,
        "--out-dir",
        tmp_path / "made",
    )
    result = command(find_uv_bin(), "build", *options, project, cwd=project)
    assert result.returncode == 0, result.stderr
    (wheel,) = (tmp_path / "made").glob("*.whl")
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert names == {"my_tool", "my_tool-1.0.dist-info"}
