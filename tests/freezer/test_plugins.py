from importlib.metadata import Distribution
from pathlib import Path

import pytest
from freezer.plugins import overlooked, plugins

from tests.support.files import write


@pytest.fixture
def site_packages(tmp_path: Path) -> str:
    """Packages of which one asks for the plugins of another."""
    files = {
        "host/__init__.py": "from importlib.metadata import entry_points\nentry_points(group='host.kinds')\n",
        "plugin-1.dist-info/METADATA": "Name: plugin\nVersion: 1\n",
        "plugin-1.dist-info/entry_points.txt": (
            "[host.kinds]\na = plugin.a:A\nb = plugin.b [more]\n[nobody]\nc = plugin.c\n"
            "[console_scripts]\nhost.kinds = plugin.d:main\n[distutils.commands]\ne = plugin.e:E\n"
        ),
        "broken-1.dist-info/METADATA": "Name: broken\nVersion: 1\n",
        "broken-1.dist-info/entry_points.txt": "[host.kinds]\na = --clean; x\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "broken.py").symlink_to("nowhere")
    return str(tmp_path)


def test_plugins_are_added_for_which_an_installed_package_asks(site_packages: str) -> None:
    assert plugins([site_packages]) == [
        "--copy-metadata=plugin",
        "--hidden-import=plugin.a",
        "--hidden-import=plugin.b",
    ]


def test_without_entry_points_there_are_no_plugins(tmp_path: Path) -> None:
    assert plugins([str(tmp_path)]) == []


def test_what_a_project_a_script_and_packages_name_and_a_projects_templates_are_added(
    tmp_path: Path,
) -> None:
    site, source = tmp_path / "site", tmp_path / "src"
    files = {
        "tool/__init__.py": "from importlib.metadata import version\nKIND = 'named.one.Kind'\n",
        "tool/about.py": "versions = [version(name) for name in NAMES]\n",
        "tool/find.py": "os.listdir(os.path.dirname(__file__))\n",
        "tool/templates/[one]/run.py": "import logging.config\n",
        "named/__init__.py": "",
        "named/one.py": "class Kind: ...\n",
        "other/__init__.py": "UNUSED = 'named.two'\n",
        "helper/__init__.py": "import_module(f'.{kind}', __name__); open(__file__); K = 'helper.kind:K'\n",
        "helper/kind.py": "K = 1\n",
        "helper/words.txt": "",
        "bare/__init__.py": "open(__file__)\n",
        "named/two.py": "",
        "named/three.py": "",
    }
    write(site, files)
    for one in ("bare", "helper", "tool"):
        record = "".join(f"{name},,\n" for name in files if name.startswith(f"{one}/"))
        write(site / f"{one}-1.dist-info", {"RECORD": record, "METADATA": f"Name: {one}\n"})
    write(source, {"start.py": "", "beside.py": "import_module('named.three')\n"})
    # The builder knows the project by its wheel.
    project = Distribution.at(site / "tool-1.dist-info")
    assert overlooked([str(site)], project, source / "start.py") == [
        "--recursive-copy-metadata=tool",
        "--debug=noarchive",
        f"--add-data={site}/tool/templates/[[]one]/*.py:tool/templates/[one]",
        "--collect-submodules=helper",
        "--collect-data=helper",
        "--hidden-import=helper.kind",
        "--hidden-import=logging.config",
        "--hidden-import=named.one",
        "--hidden-import=named.three",
    ]
