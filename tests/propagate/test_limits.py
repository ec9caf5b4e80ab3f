"""One bad repository never stops the others: what each may take, and what is said of it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.propagate import commands, processes
from scripts.propagate.clones import Clone
from scripts.propagate.commands import run
from scripts.propagate.results import Result, in_one_line
from tests.propagate.organisation import BRANCH, Organisation
from tests.support.fuzzing import EXAMPLES
from tests.support.git import git
from tests.support.rendering import Scaffold

# Does to a repository, whose URL is its name, what the name says, in the process that has the limits.
TASKS = """
import os, subprocess, sys, time
from pathlib import Path
from scripts.propagate import processes
from scripts.propagate.commands import run
from scripts.propagate.results import Result

processes.FILE = 1_000_000

def task(url, folder):
    if url == "sleeps":
        subprocess.run(["sleep", "1000.25"])
    if url == "leaves":
        subprocess.Popen(["sleep", "1000.75"])
    if url == "eats":
        bytearray(processes.MEMORY)
    if url == "writes":
        run("dd", "if=/dev/zero", "of=x", "bs=1M", "count=2")
    if url == "dies":
        os._exit(7)
    if url == "says":
        raise ValueError("\\x1b[2J ##[add-mask]x https://ada:secret@git.example " + "x " * 500)
    if url == "digs":
        for _ in range(1200):
            os.mkdir("d"); os.chdir("d")
    return Result(url, "updated")

scratch = Path(sys.argv[1])
names = ["sleeps", "leaves", "eats", "writes", "dies", "says", "digs", "well"]
for result in processes.work_all(names, lambda url, folder: (os.chdir(folder), task(url, folder))[1], scratch, 2, seconds=8):
    print(result)
print(*(len(list(slot.iterdir())) for slot in scratch.iterdir()))
"""


def test_each_repository_has_limits_and_its_own_reason(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", TASKS, tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    *lines, left = result.stdout.splitlines()
    said = {line.split()[1]: line for line in lines}
    assert "took longer than 8 s" in said["sleeps"]
    assert said["eats"].endswith("MemoryError")
    assert "dd: " in said["writes"]
    assert "its process exited with 7" in said["dies"]
    assert said["says"].startswith(
        "failed   says  ValueError: [2J ## [add-mask]x https://git.example x"
    )
    assert len(said["says"]) < 330
    assert all(said[name].startswith("updated ") for name in ("leaves", "digs", "well"))
    assert left == "0 0"  # nothing stays on the disk
    running = run("ps", "-eo", "args")
    assert "sleep 1000" not in running


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a\n::set-output name=b::c", "a ::set-output name=b::c"),
        ("https://ada:sec@ret@git.example/x", "https://git.example/x"),
        (" " * 5000 + "https://ada:secret@git.example", "https://git.example"),
        ("caf\udce9\x00\x9b", "caf"),
        ("x" * 301, "x" * 299 + "…"),
    ],
)
def test_a_reason_is_one_line_without_secrets(text: str, printed: str) -> None:
    assert in_one_line(text) == printed
    assert str(Result("r", reason=printed)) == f"failed   r  {printed}"


def test_no_text_makes_it_slow() -> None:
    start = time.process_time()
    for text in (" " * 10**6, "://" * 10**6, "://" + "x" * 10**6, "##" * 10**6):
        in_one_line(text)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("count", ["0", "-1", "x"])
def test_a_number_of_jobs_is_at_least_one(count: str) -> None:
    command = [sys.executable, "-m", "scripts.propagate", "update", "--jobs", count, "x"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert f"{count}: write a whole number, 1 or greater" in result.stderr


def test_a_server_that_never_answers_has_its_time(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x.git"
        [result] = processes.work_all([url], clone, tmp_path, 1, seconds=2)
    assert result == Result(url, reason="took longer than 2 s")


def clone(url: str, folder: Path) -> Result:
    """Clone a repository."""
    Clone(url, BRANCH, folder / "repository").checkout()
    return Result(url, "updated")


def no_text(tool: Organisation) -> None:
    """Commit a file whose name is Latin-1."""
    tool.add_file("tool", os.fsdecode(b"caf\xe9"), "")


def bomb(tool: Organisation) -> None:
    """Commit one file at a thousand million paths."""
    repeat(tool, 9)


def many(tool: Organisation) -> None:
    """Commit one file a thousand times, or with FUZZ a hundred thousand times."""
    repeat(tool, 5 if EXAMPLES > 100 else 3)


def repeat(tool: Organisation, levels: int) -> None:
    """Commit folders of folders, ten in each, with the same file at the end of each path."""
    bare = tool.bare("tool")
    entry = f"100644 blob {run('git', 'hash-object', '-w', '--stdin', cwd=bare).strip()}"
    top = git(bare, "ls-tree", "main")
    for _ in range(levels):
        names = "".join(f"{entry}\t{name}\n" for name in range(10))
        entry = f"040000 tree {run('git', 'mktree', cwd=bare, stdin=names).strip()}"
    tree = run("git", "mktree", cwd=bare, stdin=f"{top}{entry}\tbomb\n").strip()
    made = git(bare, "commit-tree", "-m", "Change", tree).strip()
    git(bare, "update-ref", "refs/heads/main", made)


def large(tool: Organisation) -> None:
    """Commit a file that is larger than an answers file, in its place."""
    tool.add_file("tool", ".copier-answers.yml", "# x\n" * 50_000)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (many, ""),
        (no_text, "the name of a file is not UTF-8: caf"),
        (bomb, "git: prints more than 1 MB"),
        (large, ".copier-answers.yml is larger than 100 KB"),
    ],
)
def test_a_tree_that_is_odd_is_updated_or_named(
    tool: Organisation,
    edit: Callable[[Organisation], None],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commands, "LONGEST_OUTPUT", 1_000_000)
    edit(tool)
    result = tool.update()["tool"]
    assert result["status"] == ("failed" if reason else "updated")
    assert result["reason"] == reason


def test_a_file_in_1200_folders_is_in_no_updates_way(tool: Organisation) -> None:
    """In a process of its own: Python's stack is as deep as the folders."""
    tool.add_file("tool", "d/" * 1200 + "file", "")
    result = tool.run()["tool"]
    assert (result["status"], result["reason"]) == ("updated", "")


def test_three_runs_at_once_end_well(tool: Organisation, scaffold_version: Scaffold) -> None:
    tool.add("other", scaffold_version("v1.1.0"))
    runs = [
        subprocess.Popen(
            tool.command(),
            cwd=tool.template,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(3)
    ]
    for one, (printed, _) in [(one, one.communicate()) for one in runs]:
        assert (one.returncode, printed.splitlines()[-1]) == (0, "2 updated"), printed
    assert tool.refs("tool").keys() == tool.refs("other").keys() == {"main", BRANCH}
