from importlib.metadata import Distribution
from pathlib import Path

import pytest
from freezer.overlooked import (
    lazy_modules,
    lists_itself,
    loads_files,
    named,
    needs,
    python_data,
    runs_files,
    shared_data,
    standard_library,
)

from tests.support.files import write

INSTALLED = {
    "tool/__init__.py": "class Main: ...\n",
    "tool/core/__init__.py": "",
    "tool/core/work.py": "def run(): ...\n",
    "tool/templates/new/__init__.py": "",
    "tool/templates/new/app/main.py": "import logging.config\nimport collections.abc\nimport {{ name }}, single\nif x:\n  from single import y\n",
    "tool/core/skeleton/setup.py": "from absent.one import x\nfrom tool.core.work import run\n",
    "tool/inner/deep.py": "",
    "tool/tests/test_it.py": "import unittest\n",
    "space/more.py": "",
    "single.py": "LIST = []\n",
    "space/inner.py": "",
}


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    """Packages, a module, a package without `__init__.py`, and folders that are not packages."""
    write(tmp_path, INSTALLED)
    return tmp_path


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("KIND = 'tool.Main'", ["tool"]),
        ("run('tool.core.work:run')", ["tool.core.work"]),
        ('x = {"handler": "tool.core.work.run"}', ["tool.core.work"]),
        ("import_module('single')", ["single"]),
        ("uvicorn.run('single:LIST')", ["single"]),
        ("'single:other' 'a:b'", []),
        ('__import__( "tool.core")', ["tool.core"]),
        ("f = 'single.LIST'", ["single"]),
        ("'space.inner'", ["space.inner"]),
        ("'tool.inner.deep'; 'tool.inner'", ["tool.inner", "tool.inner.deep"]),
        # A word, the name of a file or of a logger, what is not installed, what Python has.
        ("name = 'single'", []),
        ("open('tool.txt'); open('single.cfg')", []),
        ("getLogger('tool.nothing.more')", []),
        ("'absent.module'", []),
        ("'os.path'; import_module('json')", []),
        ("'tool..core' 'tool.core.'", []),
    ],
)
def test_a_module_that_code_names_in_a_text_is_found_if_it_is_installed(
    code: str, modules: list[str], site_packages: Path
) -> None:
    assert named(code.encode(), [str(site_packages)]) == modules


def test_the_private_modules_that_a_package_imports_when_asked_are_found(tmp_path: Path) -> None:
    """As textual.widgets does it. A package that does so with public modules, as scipy does, is too large."""
    private = 'def __getattr__(name):\n    path = f"._{snake(name)}"\n    return import_module(path, __name__)\n'
    public = 'def __getattr__(name):\n    return import_module(f"tool.{name}")\n'
    names = {
        "tool/__init__.py": public,
        "tool/widgets/__init__.py": private,
        "tool/widgets/_tab_pane.py": "",
        "tool/widgets/button.py": "",
        "tool/_other.py": "",
    }
    record = "".join(f"{name},,\n" for name in names)
    write(tmp_path, {**names, "tool.dist-info/RECORD": record})
    package = Distribution.at(tmp_path / "tool.dist-info")
    assert lazy_modules(package) == ["tool.widgets._tab_pane"]


@pytest.mark.parametrize(
    ("code", "lists"),
    [
        ("for file in Path(__file__).parent.glob('*.py'): ...", True),
        ("here = dirname(__file__)\nos.listdir(here)", True),
        # As glances does it, in two modules.
        (
            "work = dirname(__file__)\nplugins: str = join(work, 'plugins')\nos.listdir(plugins)",
            True,
        ),
        (
            "text = (Path(__file__).parent / 'a.txt').read_text()\nfor f in Path.cwd().iterdir(): ...",
            False,
        ),
        ("for folder in os.walk(sys.argv[1]): ...", False),
    ],
)
def test_code_that_lists_its_own_folder_is_known(code: str, lists: bool) -> None:
    assert lists_itself(code.encode()) == lists


def test_what_a_wheel_puts_beside_python_is_data_but_for_documents(tmp_path: Path) -> None:
    names = (
        "share/tool/a.html",
        "share/tool/b/c.css",
        "etc/tool.cfg",
        "share/man/man1/tool.1",
        "bin/tool",
    )
    record = "".join(f"../../../{name},,\n" for name in names) + "tool/share/x.txt,,\n"
    site = tmp_path / "lib/python3.14/site-packages"
    write(site, {"tool.dist-info/RECORD": record, "tool/share/x.txt": ""})
    write(tmp_path, dict.fromkeys(names, ""))
    found = shared_data(Distribution.at(site / "tool.dist-info"))
    assert [(Path(file).resolve(), place) for file, place in found] == [
        (tmp_path / "etc/tool.cfg", "etc"),
        (tmp_path / "share/tool", "share/tool"),
    ]


def test_python_files_in_folders_that_are_not_packages_are_data_and_need_what_they_import(
    site_packages: Path,
) -> None:
    tool = site_packages / "tool"
    data, modules = python_data(tool, [str(site_packages)])
    assert modules == ["logging.config", "single", "tool.core.work"]
    assert data == [
        (f"{tool}/core/skeleton/*.py", "tool/core/skeleton"),
        (f"{tool}/inner/*.py", "tool/inner"),
        (f"{tool}/templates/new/*.py", "tool/templates/new"),
        (f"{tool}/templates/new/app/*.py", "tool/templates/new/app"),
    ]


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        # As kombu names its transports. A text with a dot may be a message.
        ("KINDS = {'one': 'tool.core.work:run'}", (["tool.core.work"], False, False)),
        ("warn('tool.core.work.run is old'); NAME = 'tool.core.work'", ([], False, False)),
        ("KINDS = ['single:LIST']", ([], False, False)),  # of another package
        ("import_module(f'.{kind}', __name__)", ([], True, False)),
        ("open(join(dirname(__file__), 'words.txt'))", ([], False, True)),
        ("files('tool.core').joinpath('words.txt')", (["tool.core"], False, False)),
    ],
)
def test_what_a_package_needs_of_itself(
    code: str, needed: tuple[list[str], bool, bool], site_packages: Path
) -> None:
    write(site_packages, {"tool/kinds.py": code, "tool.dist-info/RECORD": "tool/kinds.py,,\n"})
    package = Distribution.at(site_packages / "tool.dist-info")
    assert needs(package, [str(site_packages)]) == needed


def test_of_a_large_package_only_what_it_names_is_needed(site_packages: Path) -> None:
    names = [f"tool/m{number}.py" for number in range(151)]
    code = "import_module(f'.{kind}', __name__); KIND = 'tool.core.work:run'; __file__"
    write(site_packages, dict.fromkeys(names, code))
    write(site_packages, {"tool.dist-info/RECORD": "".join(f"{name},,\n" for name in names)})
    package = Distribution.at(site_packages / "tool.dist-info")
    assert needs(package, [str(site_packages)]) == (["tool.core.work"], False, False)


@pytest.mark.parametrize(
    ("codes", "loads"),
    [
        # As cfn-lint finds its rules.
        (
            ["for f in fnmatch.filter(os.walk(d), '[a-z]*.py'): ...", "spec_from_file_location"],
            True,
        ),
        (["glob('*.py')", "print('no file is run')"], False),
        (["for f in os.listdir(d): ...", "open('setup.py'); exec(text)"], False),
    ],
)
def test_a_program_that_runs_files_of_its_own_is_known(
    codes: list[str], loads: bool, tmp_path: Path
) -> None:
    write(tmp_path, {f"{number}.py": code for number, code in enumerate(codes)})
    assert loads_files(sorted(tmp_path.iterdir())) == loads


def test_the_sources_of_a_program_that_runs_its_files_are_data(site_packages: Path) -> None:
    tool = site_packages / "tool"
    data, _ = python_data(tool, [str(site_packages)], sources=True)
    assert {place for _, place in data} >= {"tool", "tool/core", "tool/templates/new"}
    assert "tool/tests" not in {place for _, place in data}


@pytest.mark.parametrize(
    ("code", "runs"),
    [
        ("exec(compile(text, 'conf.py', 'exec'), names)", True),
        ("run_path('dodo.py')", True),
        ("sys.path.insert(0, folder)\nimport_module(name)", True),
        ("sys.path.insert(0, folder)", False),
        ("app.exec()\ndef exec(query): ...", False),
    ],
)
def test_a_program_that_runs_files_of_its_user_is_known(code: str, runs: bool) -> None:
    assert runs_files(code.encode()) == runs


def test_a_file_of_a_user_may_import_what_python_has(tmp_path: Path) -> None:
    names = standard_library([str(tmp_path)])
    assert {"dbm.dumb", "email.mime.text", "html.parser", "sqlite3", "unicodedata"} <= set(names)
    tops = {name.partition(".")[0] for name in names}
    assert not {"test", "tkinter", "idlelib"} & tops


def test_a_file_of_a_user_on_windows_may_import_what_that_python_has(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(["Lib/os.py", "Lib/html/__init__.py", "Lib/html/parser.py"], ""))
    assert standard_library([str(tmp_path / "Lib/site-packages")]) == ["html", "html.parser", "os"]
