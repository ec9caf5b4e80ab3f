"""Each row of the table in docs/design.md, and the texts that real programs print."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from freezer import judgement
from freezer.judgement import Verdict, in_doubt, judge, remedy_for, verdict
from freezer.remedies import Places
from freezer.starts import Start

TRACEBACK = "Traceback (most recent call last):\n"
FAILED = "[PYI-7:ERROR] Failed to execute script 'tool' due to unhandled exception!\n"
NAMES = ["tool", "tool-script"]
CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"
CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"


def raised(exception: str) -> str:
    """What Python prints of an exception that ends a program."""
    return f'{TRACEBACK}  File "tool.py", line 1, in <module>\n{exception}\n'


def frozen(exception: str, code: int | None = 1) -> Start:
    """A frozen program that an exception has ended."""
    return Start(output=raised(exception) + FAILED, code=code)


def ended(exception: str) -> Start:
    """A program that Python has run, and that an exception has ended."""
    source = '  File "/src/tool.py", line 1, in <module>\n    import x\n           ^\n'
    return Start(output=f"{TRACEBACK}{source}{exception}\n", code=1)


OURS = "ValueError: this program has no --help"
MODULE = "ModuleNotFoundError: No module named 'six'"
NO_SIX = "No module named 'six'"
LIBRARIES = (
    "ImportError: failed to find libmagic.  Check your installation",
    "OSError: PortAudio library not found",
    "RuntimeError: hidapi library not found",
    "OSError: cannot load library 'libpango-1.0-0': libpango-1.0-0: cannot open shared object file",
    "OSError: libsodium not found",
    "OSError: failed to load dynamic libraries",
    "AttributeError: python: undefined symbol: libusb_init",
)
DISPLAYS = (
    "_tkinter.TclError: no display name and no $DISPLAY environment variable",
    "ImportError: this platform is not supported: Bad display name",
    "ImportError: Cannot load backend 'QtAgg', as 'headless' is currently running",
)
USAGE = Start(output="usage: tool [-h] [--on-error {stop,go}]\n", code=0)
NO_LIBMAGIC = Start(output="tool: unable to find libmagic\n", code=1)
SERVICE = Start(output="ERROR:root:no notifications\nModuleNotFoundError: No module named 'y'\n")


@pytest.mark.parametrize(
    ("program", "without", "reason"),
    [
        # It could not be loaded, or was ended.
        (Start(output="", fault="SIGSEGV ended it"), None, "SIGSEGV ended it"),
        (
            Start(output="[PYI-7:ERROR] Failed to load x\n", code=1),
            None,
            "[PYI-7:ERROR] Failed to load x",
        ),
        # It ends as it does without PyInstaller.
        (USAGE, USAGE, ""),
        (frozen(OURS), ended(OURS), ""),
        (
            Start(output="tool: error: no --help\n", code=2),
            Start(output="tool.py: error: no --help\n", code=2),
            "",
        ),
        # Something is missing with and without PyInstaller.
        (frozen(MODULE), ended(MODULE), MODULE),
        # It ends with another exit code, or one runs on.
        (frozen(OURS), USAGE, OURS),
        (Start(output="", code=3), USAGE, "it exits with 3; without PyInstaller it exits with 0"),
        (
            Start(output="", code=1),
            Start(output=""),
            "it exits with 1; without PyInstaller it runs on",
        ),
        (Start(output=""), USAGE, "it runs on; without PyInstaller it exits with 0"),
        # It runs on, and says what it says without PyInstaller.
        (SERVICE, SERVICE, ""),
        (Start(output="ERROR: no app\n"), Start(output="started\n"), "ERROR: no app"),
        # It exits with 0, and tells of an error.
        (
            Start(output="plugin x not found\n", code=0),
            Start(output="plugin x\n", code=0),
            "plugin x not found",
        ),
        # There is nothing to compare with: only what is missing counts.
        (frozen(OURS), None, ""),
        (frozen(MODULE), None, MODULE),
        # The same signal ends it.
        (Start(output="no display\n", code=-6), Start(output="no display\n", code=-6), ""),
        (
            Start(output="", code=-11),
            USAGE,
            "it is ended by SIGSEGV; without PyInstaller it exits with 0",
        ),
        (Start(output="", code=-11), None, "it is ended by SIGSEGV"),
        # It says itself that something is missing.
        (
            Start(output=f"this needs six: {NO_SIX}\n", code=1),
            Start(output=f"this needs six: {NO_SIX}\n", code=1),
            f"this needs six: {NO_SIX}",
        ),
        (
            Start(output=f"no speedups: {NO_SIX}\nerror: --help\n", code=2),
            Start(output=f"no speedups: {NO_SIX}\nerror: --help\n", code=2),
            "",
        ),
        (
            Start(
                output="fatal: Failed to load dynlib/dll 'libusb-1.0.so.0'. Most likely\n", code=1
            ),
            Start(output="fatal: libusb-1.0.so.0: cannot open shared object file\n", code=1),
            "fatal: libusb-1.0.so.0: cannot open shared object file",
        ),
        (NO_LIBMAGIC, NO_LIBMAGIC, "tool: unable to find libmagic"),
        # A library is missing, by whatever exception; or only a display.
        *((frozen(said), ended(said), said) for said in LIBRARIES),
        *((frozen(said), ended(said), "") for said in DISPLAYS),
        # Python does not find what PyInstaller was told to add.
        (Start(output="usage: tool\n", code=2), ended(MODULE), ""),
    ],
)
def test_a_start_is_judged_against_the_same_program_without_pyinstaller(
    program: Start, without: Start | None, reason: str
) -> None:
    assert judge(program, without, NAMES).reason == reason


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (
            "usage: tool [-h] [--log {error,info}]",
            "usage: tool-script.py [-h]\n  [--log {error,info}]",
        ),
        ("tool.exe: error: no", "tool-script.py: error: no"),
        ("  --on {error,go}\n   nothing", "  --on\n  {go,error} nothing"),
        ("/x/_internal/y/z.py:3: failed", "/venv/lib/y/z.py:4: failed"),
        (r"C:\\Temp\\_MEI12\\y.txt failed", "Z:/src/y.txt failed"),
        ("12:01:02 ERROR at 0x7f12", "12:01:17 ERROR at 0x7e99"),
        ("\x1b[31merror\x1b[0m: no", "error: no"),
    ],
)
def test_what_differs_from_start_to_start_is_not_a_difference(said: str, known: str) -> None:
    assert not judge(Start(output=said, code=2), Start(output=known, code=2), NAMES).reason


def test_what_a_program_says_that_it_lacks_is_the_evidence() -> None:
    said = "this needs tkinter: libtk8.6.so: cannot open shared object file"
    program = Start(output="this needs tkinter: No module named 'tkinter'\n", code=1)
    found = judge(program, Start(output=f"{said}\n", code=1), NAMES)
    assert found == Verdict(said, said, anyway=True)


def test_what_fails_without_pyinstaller_too_is_not_frozen_once_more(tmp_path: Path) -> None:
    (tmp_path / "six").mkdir()
    (tmp_path / "six/__init__.py").touch()
    here = Places([str(tmp_path)])
    moves = "ModuleNotFoundError: No module named 'six.moves'"
    helps = remedy_for(judge(frozen(moves), ended(moves), NAMES), here)
    assert not helps.options
    assert helps.advice.startswith("It fails in the same way without PyInstaller.")
    # Frozen alone, it may need an option. What is not installed must be installed in any case.
    assert remedy_for(judge(frozen(moves), USAGE, NAMES), here).options == ["--collect-all=six"]
    assert (
        "six is not installed"
        in remedy_for(judge(frozen(MODULE), ended(MODULE), NAMES), Places()).advice
    )


@pytest.mark.parametrize("library", [None, "libtk8.6.so.0"])
def test_without_a_display_tk_must_still_be_there(
    monkeypatch: pytest.MonkeyPatch, library: str | None
) -> None:
    said = (
        "ImportError: Cannot load backend 'TkAgg' which requires the 'tk' interactive framework, as "
        "'headless' is currently running"
    )
    monkeypatch.setattr(judgement, "find_library", lambda _: library)
    assert judge(frozen(said), ended(said), NAMES).reason == ("" if library else said)


def test_words_that_stand_apart_in_the_help_text_do_not_hide_an_error() -> None:
    # RichHandler writes the time of several messages once, and indents the others.
    said = "[10:12:13] INFO start\n           ERROR could not load the plugin yaml\n"
    middle = "more words\n" * 20
    known = f"[10:12:14] INFO start\n  --yaml the plugin\n{middle}\n  ERROR if it could not load\n"
    reason = judge(Start(output=said, code=0), Start(output=known, code=0), NAMES).reason
    assert reason.strip() == "ERROR could not load the plugin yaml"


@pytest.mark.parametrize(
    ("program", "without", "reason"),
    [
        (
            frozen("ModuleNotFoundError: No module named 'tkinter'"),
            ended("ImportError: libtk8.6.so: cannot open shared object file: No such file"),
            "ImportError: libtk8.6.so: cannot open shared object file: No such file",
        ),
        (
            frozen(
                f"OSError: libusb-1.0.so.0: cannot open shared object file\n{CAUSE}{TRACEBACK}pyimod03_ctypes.install.<locals>.PyInstallerImportError: Failed to load dynlib/dll"
            ),
            ended("OSError: libusb-1.0.so.0: cannot open shared object file"),
            "OSError: libusb-1.0.so.0: cannot open shared object file",
        ),
        (
            frozen(
                f"{MODULE}\n{CONTEXT}{raised('zoneinfo._common.ZoneInfoNotFoundError: No time zone')}"
            ),
            ended(
                f"{MODULE}\n{CONTEXT}{raised('zoneinfo._common.ZoneInfoNotFoundError: No time zone')}"
            ),
            MODULE,
        ),
    ],
    ids=["tkinter", "ctypes", "time zone"],
)
def test_what_is_missing_without_pyinstaller_too_is_named_as_python_names_it(
    program: Start, without: Start, reason: str
) -> None:
    assert judge(program, without, NAMES).reason == reason


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (MODULE, MODULE),
        ("ImportError: no pq wrapper available", "ImportError: no pq wrapper available"),
        (
            "importlib.metadata.PackageNotFoundError: No package metadata was found for x",
            "importlib.metadata.PackageNotFoundError: No package metadata was found for x",
        ),
        (
            "FileNotFoundError: [Errno 2] No such file: '/src/dist/x/_internal/x/data.txt'",
            "FileNotFoundError: [Errno 2] No such file: '/src/dist/x/_internal/x/data.txt'",
        ),
        ("FileNotFoundError: [Errno 2] No such file: '/etc/tool.conf'", ""),
        (f"{MODULE}\n{CONTEXT}{raised(OURS)}", ""),
    ],
)
def test_what_pyinstaller_did_not_find_is_told_from_the_programs_own_errors(
    said: str, expected: str
) -> None:
    assert judge(frozen(said), None, NAMES).reason == expected
    # A windowed program shows the error that ended it, and waits.
    assert judge(frozen(said, code=None), None, NAMES).reason == expected


def test_a_windowed_program_that_shows_the_exception_of_the_unfrozen_one_has_started() -> None:
    said = "ValueError: '--help' is not a number"
    unfrozen = Start(output=f"{TRACEBACK}\n{said}\n", code=1)
    assert judge(Start(output=raised(said)), unfrozen, NAMES).reason == ""
    other = Start(output=raised("ValueError: another one"))
    assert judge(other, unfrozen, NAMES).reason == "ValueError: another one"


@pytest.mark.parametrize(
    "said",
    [
        "[PYI-7:ERROR] Failed to load Python shared library '/x/libpython3.14.so.1.0'",
        "/src/dist/tool: error while loading shared libraries: libz.so.1: cannot open",
        "err:msgbox:MSGBOX_OnInit L'Failed to load Python DLL'",
    ],
)
def test_what_the_loader_says_is_a_failure(said: str) -> None:
    found = judge(Start(output=f"before\n{said}\nafter\n", code=1), None, NAMES)
    assert found.reason
    assert found.reason in said


def test_the_evidence_has_the_new_errors_and_the_whole_traceback() -> None:
    first = "ModuleNotFoundError: No module named 'serve'"
    program = frozen(f"{first}\n{CONTEXT}{raised('ImportError: no app')}")
    program = Start(output=f"ERROR: could not import 'serve'\n{program.output}", code=1)
    found = judge(program, Start(output="started\n"), NAMES)
    assert found.reason == "ImportError: no app"
    assert "ERROR: could not import 'serve'" in found.evidence
    assert first in found.evidence


class Starts:
    """A program that starts as it is told, and notes for how long it may run."""

    def __init__(self, *starts: Start) -> None:
        self.starts = list(starts)
        self.seconds: list[float] = []

    def __call__(self, seconds: float = 0) -> Start:
        """Start."""
        self.seconds.append(seconds)
        return self.starts.pop(0)


@pytest.mark.parametrize(
    ("starts", "others", "seconds", "started"),
    [
        ([Start(output="usage: tool\n", code=0)], [], [10], True),
        ([Start(output="", fault="it crashed")], [], [10], False),
        ([Start(output="")], [Start(output="")], [10], True),
        ([Start(output=""), USAGE], [USAGE], [10, 30], True),
        ([Start(output=""), Start(output="")], [USAGE], [10, 30], False),
    ],
    ids=["no doubt", "a fault", "a service", "only slow", "it hangs"],
)
def test_the_comparison_is_made_only_where_there_is_a_doubt(
    starts: Sequence[Start], others: Sequence[Start], seconds: list[float], started: bool
) -> None:
    program, without = Starts(*starts), Starts(*others)
    found: Verdict
    _, found = verdict(program, without, NAMES)
    assert program.seconds == seconds
    assert not without.starts
    assert (found.reason == "") is started


def test_a_word_for_an_error_makes_a_doubt() -> None:
    assert in_doubt(Start(output="usage: tool [--on-error]\n", code=0))
    assert not in_doubt(Start(output="usage: tool [-h]\n", code=0))
