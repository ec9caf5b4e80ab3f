import os
import sys
import time
from pathlib import Path

import pytest
from freezer import starts
from freezer.judgement import judge
from freezer.results import made, size
from freezer.starts import Start, as_python, start


def python(code: str, work: Path, seconds: float = 10) -> Start:
    return start([sys.executable, "-c", code], work, os.environ, seconds)


def test_a_program_runs_in_an_empty_folder_without_input(tmp_path: Path) -> None:
    code = "import os, sys; print(os.listdir(), repr(sys.stdin.read())); sys.exit(3)"
    assert python(code, tmp_path) == Start(output="[] ''\n", code=3)
    assert not any(tmp_path.iterdir())


def test_what_a_program_keeps_in_its_home_is_gone_at_the_next_start(tmp_path: Path) -> None:
    code = "import pathlib; file = pathlib.Path.home() / 'x'; print(file.exists()); file.touch()"
    assert [python(code, tmp_path).output for _ in range(2)] == ["False\n", "False\n"]


def test_a_program_knows_a_terminal_as_a_person_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TERM", raising=False)
    code = "import os; print(os.environ['TERM'])"
    assert python(code, tmp_path) == Start(output="xterm\n", code=0)


def test_a_program_that_runs_on_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    code = "import subprocess; subprocess.run(['sh', '-c', 'sleep 5; touch %s'])"
    code = code.replace("%s", str(tmp_path / "survived"))
    begin = time.monotonic()
    assert python(code, tmp_path, seconds=0.4) == Start(output="", code=None)
    time.sleep(max(0, begin + 5.2 - time.monotonic()))
    assert not (tmp_path / "survived").exists()


def test_a_program_that_is_still_busy_gets_more_time(tmp_path: Path) -> None:
    code = "import time; end = time.monotonic() + 1.5\nwhile time.monotonic() < end: pass\nprint('no app')"
    assert python(code, tmp_path, seconds=0.5) == Start(output="no app\n", code=0)
    assert python("while True: pass", tmp_path, seconds=0.2) == Start(output="", code=None)


def test_what_a_program_leaves_running_is_ended_too(tmp_path: Path) -> None:
    code = "import subprocess; subprocess.Popen(['sh', '-c', 'sleep 1; touch %s'])"
    code = code.replace("%s", str(tmp_path / "survived"))
    assert python(code, tmp_path).code == 0
    time.sleep(1.2)
    assert not (tmp_path / "survived").exists()


def test_a_program_that_starts_itself_without_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starts, "MOST_PROCESSES", 5)
    script = tmp_path / "itself.py"
    script.write_text(
        "import subprocess, sys\nfor _ in range(2):\n"
        "    subprocess.Popen([sys.executable, __file__])\nsys.stdin.read()\nimport time\ntime.sleep(9)"
    )
    found = start([sys.executable, script], tmp_path, os.environ)
    assert "starts itself" in found.fault


@pytest.mark.parametrize(
    ("command", "is_so"),
    [
        (b"/src/dist/tool/tool\0-c\0print(1)\0", True),
        (rb"Z:\src\dist\tool.exe" + b"\0-m\0pip\0", True),
        (b"/src/dist/tool/tool\0/src/work.py\0", True),
        (b"/src/dist/tool/tool\0--help\0", False),
        (b"/usr/bin/python3\0-c\0print(1)\0", False),
        (b"/src/dist/tool/tool\0-c\0from multiprocessing.spawn import spawn_main\0", False),
    ],
)
def test_a_program_that_calls_itself_as_if_it_were_python_is_known(
    command: bytes, is_so: bool
) -> None:
    name = "tool.exe" if b".exe" in command else "tool"
    assert list(as_python([command], name)) == [is_so]


def test_a_program_that_takes_all_memory_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starts, "MOST_MEMORY", 200_000_000)
    found = python("import time; data = b'x' * 300_000_000; time.sleep(9)", tmp_path)
    assert found.code is None
    assert "GB of memory" in found.fault


def test_a_program_that_a_signal_ends_has_not_started(tmp_path: Path) -> None:
    found = python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", tmp_path)
    assert judge(found, None, []).reason == "it is ended by SIGSEGV"


def test_a_file_that_cannot_be_executed_has_not_started(tmp_path: Path) -> None:
    program = tmp_path / "tool"
    program.write_text("no program")
    found = start([program], tmp_path, os.environ)
    assert judge(found, None, []).reason == "it cannot be executed"


def test_a_program_that_prints_without_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starts, "MOST_OUTPUT", 1_000_000)
    found = python("while True: print('x' * 1000)", tmp_path)
    assert found.fault == "it prints more than 1 MB"
    assert len(found.output) <= 2 * starts.MOST_READ + 1


def test_of_much_output_the_beginning_and_the_end_are_read(tmp_path: Path) -> None:
    code = "print('first'); print('x' * 200_000); print('last')"
    said = python(code, tmp_path).output
    assert said.startswith("first\n")
    assert said.endswith("last\n")
    assert len(said) < 200_000


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
    (tmp_path / "folder/_internal/library.1").symlink_to("library")
    assert size(tmp_path / "one", tmp_path) == f"{tmp_path}/one 1.0 MB"
    assert size(tmp_path / "folder/two", tmp_path) == f"{tmp_path}/folder 3.0 MB"
