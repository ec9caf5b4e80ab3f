import importlib
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from freezer.project import build_advice
from freezer.remedies import Places, Remedy, debian_package, remedy


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Where a package and a distribution are installed, and a script has modules and data beside it."""
    for name in (
        "src/rich",
        "site/rich",
        "site/rich-14.2.0.dist-info",
        "src/tally/texts",
        "src/pages",
    ):
        (tmp_path / name).mkdir(parents=True)
    for name in ("site/rich/__init__.py", "src/serve.py", "src/tally/__init__.py", "src/data.txt"):
        (tmp_path / name).touch()
    for name in ("src/tally/words.txt", "src/tally/texts/a.md", "src/pages/index.html"):
        (tmp_path / name).touch()
    (tmp_path / "site/rich-14.2.0.dist-info/METADATA").write_text("Name: rich\nVersion: 14.2.0\n")
    source = tmp_path / "src"
    (tmp_path / "tally.dist-info").mkdir()
    listed = "Name: Tal_ly\nRequires-Dist: Jinja2>=3; extra == 'docs'\n"
    (tmp_path / "tally.dist-info/METADATA").write_text(listed)
    project = Distribution.at(tmp_path / "tally.dist-info")
    return Places([str(tmp_path / "site")], source, source, project, lambda _: None)


TALLY = [
    "--hidden-import=tally",
    "--add-data=tally/*.txt:tally",
    "--add-data=tally/texts/*.md:tally/texts",
]


@pytest.mark.parametrize(
    ("reason", "options"),
    [
        ("ModuleNotFoundError: No module named 'rich._more'", ["--collect-all=rich"]),
        ("ModuleNotFoundError: No module named 'xml.sax'", ["--hidden-import=xml.sax"]),
        ("No package metadata was found for rich", ["--copy-metadata=rich"]),
        ("importlib_metadata.PackageNotFoundError: rich", ["--copy-metadata=rich"]),
        (
            "pkg_resources.DistributionNotFound: The 'rich' distribution was not found",
            ["--copy-metadata=rich"],
        ),
        ("FileNotFoundError: '/src/dist/x/_internal/rich/data.txt'", ["--collect-data=rich"]),
        (r"NotADirectoryError: 'C:\\Temp\\_MEI123\\rich\\data.txt'", ["--collect-data=rich"]),
        # What a program has caught, and says in its own words.
        (
            'ERROR:    Error loading ASGI app. Could not import module "serve".',
            ["--hidden-import=serve"],
        ),
        (
            "Error: class uri 'rich.logging.RichHandler' invalid or not found",
            ["--collect-all=rich"],
        ),
        ("Error: cannot load 'serve:app'", ["--hidden-import=serve"]),
        # What is beside the script is not installed, so no hook of PyInstaller finds it.
        ("ModuleNotFoundError: No module named 'tally'", TALLY),
        ("FileNotFoundError: '/src/dist/x/_internal/tally/words.txt'", TALLY[1:]),
        (
            "  File \"serve.py\", line 1, in f\nFileNotFoundError: '/tmp/_MEI1/data.txt'",
            ["--add-data=data.txt:."],
        ),
        ("FileNotFoundError: '/tmp/_MEI1/pages/index.html'", ["--add-data=pages/*.html:pages"]),
        # A relative name is in the package of the traceback.
        (
            (
                '  File "rich/console.py", line 1, in f\n  File "importlib/__init__.py", line 88, in '
                "import_module\nModuleNotFoundError: No module named '.screens'"
            ),
            ["--collect-all=rich"],
        ),
    ],
)
def test_what_is_there_and_not_frozen_is_added_by_options_that_are_not_tried_twice(
    reason: str, options: list[str], places: Places
) -> None:
    found = remedy(reason, places)
    assert found.options == options
    assert found.advice.startswith(f"{' '.join(options)} adds it.")
    again = remedy(reason, places, options)
    assert not again.options
    assert again.advice == f"{' '.join(options)} was tried and did not help."


@pytest.mark.parametrize(
    ("option", "in_spec"),
    [
        ("No module named 'rich.x'", "collect_all()"),
        ("No module named 'xml.x'", "hiddenimports"),
        ("'/_internal/rich/x'", "collect_data_files()"),
        ("'/_internal/data.txt'", "datas"),
        ("DistributionNotFound: The 'rich' distribution", "copy_metadata()"),
    ],
)
def test_what_a_spec_calls_it_exists(option: str, in_spec: str, places: Places) -> None:
    assert remedy(option, places).advice.endswith(f"In a spec, that is {in_spec}.")
    if in_spec.endswith("()"):
        assert hasattr(importlib.import_module("PyInstaller.utils.hooks"), in_spec[:-2])


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("ModuleNotFoundError: No module named 'six'", "six is not installed: "),
        ("No package metadata was found for six", "six is not installed: "),
        ("ModuleNotFoundError: No module named 'jinja2.x'", "set EXTRAS=docs."),
        (
            "No module named 'absent_first'\nNo module named 'jinja2'\nNo module named 'one'",
            "set EXTRAS=docs.",
        ),
        (
            "No module named 'first'\nDuring handling\nNo module named 'last_one'",
            "last_one is not installed",
        ),
        ("ModuleNotFoundError: No module named 'tkinter'", "set APT_PACKAGES=tk."),
        ("ImportError: libtk8.6.so: cannot open shared object file", "set APT_PACKAGES=tk."),
        ("ImportError: it requires the 'tk' interactive framework", "set APT_PACKAGES=tk."),
        (
            "ImportError: attempted relative import with no known parent package",
            "Use an absolute import",
        ),
        ("ImportError: no pq wrapper available.", "psycopg[binary]"),
        ("Make sure you've installed it with: pip install 'tal.ly[docs]'", "set EXTRAS=docs."),
        ("run: `pip install tal-ly[docs,gui]`.", "set EXTRAS=docs,gui."),
        ("pip install uvicorn[standard]", "uvicorn[standard] is not installed: add it"),
        ("ImportError: libpq.so.5: cannot open shared object file", "set APT_PACKAGES=libpq5."),
        ("OSError: libusb-1.0.so.0: cannot open shared object", "set APT_PACKAGES=libusb-1.0-0."),
        ("ModuleNotFoundError: No module named '.x'", "--collect-all=PACKAGE"),
        ("ImportError: cannot import name 'x' from 'y'", "--collect-all=PACKAGE"),
    ],
)
def test_what_is_not_there_is_named_with_what_brings_it(
    reason: str, advice: str, places: Places
) -> None:
    found = remedy(reason, places)
    assert not found.options
    assert advice in found.advice


def test_the_index_of_apt_knows_the_package_of_a_library() -> None:
    reason = "ImportError: libgthread-2.0.so.0: cannot open shared object file"
    index = {"libgthread-2.0.so.0": "libglib2.0-0"}
    found = remedy(reason, Places(debian=index.get))
    assert found == Remedy(
        "The library should be in a Debian package: set APT_PACKAGES=libglib2.0-0."
    )


@pytest.mark.parametrize(
    ("reason", "library"),
    [
        ("ImportError: failed to find libmagic.  Check your installation", "libmagic.so"),
        ("OSError: PortAudio library not found", "libportaudio.so"),
        ("ImportError: Unable to find zbar shared library", "libzbar.so"),
        (
            "OSError: cannot load library 'libpango-1.0-0': libpango-1.0-0: cannot open shared object",
            "libpango-1.0.so",
        ),
        (
            "OSError: cannot load library 'sodium': sodium: cannot open shared object",
            "libsodium.so",
        ),
    ],
)
def test_a_library_without_a_version_is_found_in_the_index_of_apt(
    reason: str, library: str
) -> None:
    advice = remedy(reason, Places(debian={library: "the-package"}.get)).advice
    assert advice.endswith("set APT_PACKAGES=the-package.")


def test_windows_has_no_debian_packages() -> None:
    advice = remedy("ModuleNotFoundError: No module named '_tkinter'", Places()).advice
    assert "APT_PACKAGES" not in advice
    assert "tkinter" in advice


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("fcntl", "Python has no fcntl on Windows."),
        ("_curses", "windows-curses brings it: add it to"),
    ],
)
def test_a_module_that_python_lacks_on_windows_is_not_looked_for(name: str, advice: str) -> None:
    error = f"ModuleNotFoundError: No module named '{name}'"
    found = remedy(error, Places(windows=True))
    assert advice in found.advice
    assert not found.options
    assert remedy(error, Places(windows=False)).options == [f"--hidden-import={name}"]


def test_what_pyinstaller_itself_misses_has_no_debian_package() -> None:
    reason = "[PYI-7:ERROR] Failed to load '/x/libz.so.1': /x/libz.so.1: cannot open shared object"
    assert "Debian" not in remedy(reason, Places()).advice


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (
            "Building wheel...\nerror: HEADERS is not set\nerror: Failed to build `/x`\n",
            "error: HEADERS is not set",
        ),
        ("Traceback:\nKeyError: 'HEADERS'\nerror: Failed to build `/x`\n", "KeyError: 'HEADERS'"),
        (
            "error: [Errno 2] No such file or directory: 'gcc'\nerror: Failed to build `/x`\n",
            "set APT_PACKAGES=build-essential.",
        ),
        (
            "error: Multiple top-level packages discovered\nerror: Failed to build `/x`\n",
            "package = false",
        ),
        ("error: Failed to build `/x`\n  cause: no network\n", "cause: no network"),
        (
            "LookupError: setuptools-scm was unable to detect version\nerror: Failed to build `/x`\n",
            "SETUPTOOLS_SCM_PRETEND_VERSION",
        ),
    ],
)
def test_the_reason_of_a_failed_build_is_in_the_words_of_its_tool(
    tmp_path: Path, output: str, reason: str
) -> None:
    (tmp_path / ".git").write_text("gitdir: /elsewhere/.git/worktrees/x\n")
    assert reason in build_advice(output, tmp_path)


@pytest.mark.parametrize(
    ("library", "version", "package"),
    [("libGL", "1", "libgl1"), ("libglib-2.0", "0", "libglib-2.0-0"), ("libX11", "6", "libx11-6")],
)
def test_a_debian_package_has_the_name_of_its_library(
    library: str, version: str, package: str
) -> None:
    assert debian_package(library, version) == package
