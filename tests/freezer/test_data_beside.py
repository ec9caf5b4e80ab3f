from pathlib import Path

import pytest
from freezer.data_beside import data_beside

from tests.support.files import write

OWN = "from pathlib import Path\nHERE = Path(__file__).parent\n"


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("(HERE / 'data.json').read_text()", ["--add-data=data.json:."]),
        ("(HERE / 'pages' / 'a.html').read_text()", ["--add-data=pages/*.html:pages"]),
        ("sys.path.insert(0, HERE / 'lib')", ["--paths=lib"]),
        (
            "list((HERE / 'plugins').glob('*.py'))",
            ["--add-data=plugins/*.py:plugins", "--hidden-import=plugins.one"],
        ),
        ("importlib.resources.files('plugins')", ["--hidden-import=plugins.one"]),
        ("(HERE / 'helper.py', HERE / '.', HERE / '..', HERE / 'none', HERE / '.env')", []),
        ("open('/etc/passwd')", []),
    ],
)
def test_what_the_code_of_a_script_names_beside_it_is_added(
    tmp_path: Path, code: str, options: list[str]
) -> None:
    names = (
        "data.json",
        "pages/a.html",
        "lib/more.py",
        "plugins/one.py",
        "helper.py",
        ".env",
    )
    write(tmp_path, dict.fromkeys(names, ""))
    write(tmp_path, {"main.py": f"{OWN}{code}\n"})
    assert data_beside(tmp_path / "main.py", tmp_path) == options


def test_a_module_beside_the_script_may_name_it_too(tmp_path: Path) -> None:
    write(tmp_path, {"app/main.py": "import lib.reader\n", "app/config/a.toml": ""})
    write(tmp_path, {"app/lib/reader.py": f"{OWN}HERE.parent / 'config'\n"})
    assert data_beside(tmp_path / "app/main.py", tmp_path) == [
        "--add-data=app/config/*.toml:config"
    ]


def test_templates_of_flask_are_added(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "from flask import Flask\napp = Flask(__name__)\n"})
    write(tmp_path, {"templates/index.html": "", "static/a.css": "", "other/b.css": ""})
    assert data_beside(tmp_path / "app.py", tmp_path) == [
        "--add-data=static/*.css:static",
        "--add-data=templates/*.html:templates",
    ]


def test_code_that_does_not_ask_for_its_own_folder_names_nothing_beside_it(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "open('data.json')\n", "data.json": ""})
    assert data_beside(tmp_path / "main.py", tmp_path) == []


def test_a_module_that_cannot_be_parsed_names_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "print 'data.json', __file__\n", "data.json": ""})
    assert data_beside(tmp_path / "main.py", tmp_path) == []
