import os
import sys
import time
from pathlib import Path

import pytest
from freezer import programs
from freezer.programs import Start, check, made, missing, overlooked, start

TRACEBACK = "Traceback (most recent call last):\n  File 'cli.py', line 1, in <module>\n"
FAILED = "[PYI-7:ERROR] Failed to execute script 'tool' due to unhandled exception!\n"


def python(code: str, work: Path, seconds: float = 10) -> Start:
    return start([sys.executable, "-c", code], work, os.environ, seconds)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("ModuleNotFoundError: No module named 'x'\n", "ModuleNotFoundError: No module named 'x'"),
        ("ImportError: no pq wrapper available\n", "ImportError: no pq wrapper available"),
        (
            "importlib.metadata.PackageNotFoundError: No package metadata was found for x\n",
            "importlib.metadata.PackageNotFoundError: No package metadata was found for x",
        ),
        (
            "FileNotFoundError: [Errno 2] No such file: '/src/dist/x/_internal/x/data.txt'\n",
            "FileNotFoundError: [Errno 2] No such file: '/src/dist/x/_internal/x/data.txt'",
        ),
        ("FileNotFoundError: [Errno 2] No such file: '/etc/tool.conf'\n", ""),
        ("ValueError: --help is not a number\n", ""),
    ],
)
def test_what_pyinstaller_did_not_find_is_told_from_the_programs_own_errors(
    said: str, expected: str
) -> None:
    assert missing(Start(said=TRACEBACK + said + FAILED, code=1)) == expected


def test_a_program_that_reports_a_missing_module_itself_has_started() -> None:
    said = f"{TRACEBACK}ImportError: no colours\ntool: works without colours\n"
    assert missing(Start(said=said, code=0)) == ""


@pytest.mark.parametrize(
    "said",
    [
        "[PYI-7:ERROR] Failed to load Python shared library '/x/libpython3.14.so.1.0'",
        "/src/dist/tool: error while loading shared libraries: libz.so.1: cannot open",
        "err:msgbox:MSGBOX_OnInit L'Failed to load Python DLL'",
    ],
)
def test_what_the_loader_says_is_a_failure(said: str) -> None:
    found = missing(Start(said=f"before\n{said}\nafter\n", code=1))
    assert found
    assert found in said


def test_what_is_missing_is_said_first_and_what_helps_last(tmp_path: Path) -> None:
    said = f"{TRACEBACK}ModuleNotFoundError: No module named 'xml.x'\n{FAILED}"
    with pytest.raises(SystemExit) as ended:
        check(tmp_path / "tool", Start(said=said, code=1), [])
    first, *middle, advice, _ = str(ended.value).splitlines()
    assert first == "error: tool does not start: ModuleNotFoundError: No module named 'xml.x'"
    assert middle == said.splitlines()
    assert advice == "--hidden-import=xml.x adds it. In a spec, that is hiddenimports."


def test_only_what_a_start_shows_to_be_missing_is_added() -> None:
    def failing(module: str) -> Start:
        said = f"{TRACEBACK}ModuleNotFoundError: No module named '{module}'\n{FAILED}"
        return Start(said=said, code=1)

    crashed = Start(said=failing("xml.y").said, fault="it crashed")
    starts = [failing("xml.x"), failing("xml.x"), Start(said="usage: tool\n", code=0), crashed]
    assert overlooked(starts, []) == ["--hidden-import=xml.x"]


def test_a_program_runs_in_an_empty_folder_without_input(tmp_path: Path) -> None:
    code = "import os, sys; print(os.listdir(), repr(sys.stdin.read())); sys.exit(3)"
    assert python(code, tmp_path) == Start(said="[] ''\n", code=3)


def test_a_program_that_runs_on_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    code = "import subprocess; subprocess.run(['sh', '-c', 'sleep 1; touch survived'])"
    assert python(code, tmp_path, seconds=0.4) == Start(said="", code=None)
    time.sleep(1)
    assert not (tmp_path / "empty/survived").exists()


def test_what_a_program_leaves_running_is_ended_too(tmp_path: Path) -> None:
    code = "import subprocess; subprocess.Popen(['sh', '-c', 'sleep 1; touch survived'])"
    assert python(code, tmp_path).code == 0
    time.sleep(1.2)
    assert not (tmp_path / "empty/survived").exists()


def test_a_program_that_starts_itself_without_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "MOST_PROCESSES", 5)
    script = tmp_path / "itself.py"
    script.write_text(
        "import subprocess, sys\nfor _ in range(2):\n"
        "    subprocess.Popen([sys.executable, __file__])\nsys.stdin.read()\nimport time\ntime.sleep(9)"
    )
    found = start([sys.executable, script], tmp_path, os.environ)
    assert "starts itself without end" in found.fault


def test_a_program_that_takes_all_memory_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "MOST_MEMORY", 200_000_000)
    found = python("import time; data = b'x' * 300_000_000; time.sleep(9)", tmp_path)
    assert found.code is None
    assert "GB of memory" in found.fault


def test_a_program_that_a_signal_ends_has_not_started(tmp_path: Path) -> None:
    found = python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", tmp_path)
    assert found.fault == "SIGSEGV ended it"
    with pytest.raises(SystemExit, match="tool does not start: SIGSEGV ended it"):
        check(tmp_path / "tool", found, [])


def test_a_file_that_cannot_be_executed_has_not_started(tmp_path: Path) -> None:
    program = tmp_path / "tool"
    program.write_text("no program")
    with pytest.raises(SystemExit, match="tool does not start: it cannot be executed"):
        check(program, start([program], tmp_path, os.environ), [])


def test_a_program_that_refuses_help_has_started(tmp_path: Path) -> None:
    found = python("import sys; sys.exit('unknown option --help')", tmp_path)
    check(tmp_path / "tool", found, [])


def test_only_new_programs_are_found_and_no_libraries(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    for name in ("one", "folder/two", "folder/_internal/three", "old"):
        (dist / name).parent.mkdir(parents=True, exist_ok=True)
        (dist / name).touch()
    os.utime(dist / "old", (0, 0))
    found = made(dist, time.time() - 60, lambda path: path.name != "folder")
    assert [path.relative_to(dist).as_posix() for path in found] == ["folder/two", "one"]


def test_the_size_is_that_of_the_folder_or_of_the_one_file(tmp_path: Path) -> None:
    (tmp_path / "folder/_internal").mkdir(parents=True)
    (tmp_path / "one").write_bytes(b"0" * 1_000_000)
    (tmp_path / "folder/two").write_bytes(b"0" * 1_000_000)
    (tmp_path / "folder/_internal/library").write_bytes(b"0" * 2_000_000)
    assert programs.size(tmp_path / "one", tmp_path) == f"{tmp_path}/one 1.0 MB"
    assert programs.size(tmp_path / "folder/two", tmp_path) == f"{tmp_path}/folder 3.0 MB"
