"""Freeze, start what was made, add once what a start shows to be missing, and say what came out."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from freezer.command_line import Request
from freezer.commands import Command
from freezer.contents import noted, posix, rows
from freezer.inside import write_sboms
from freezer.judgement import Verdict, exceptions, remedy_for, verdict
from freezer.processes import fail
from freezer.project import Project, copy_project
from freezer.remedies import Places
from freezer.results import made, size
from freezer.source import Program, has_spec
from freezer.starts import Start
from freezer.target import Target, is_program


@dataclass(frozen=True)
class Plan:
    """What is frozen: some commands of a project, a script, or what a spec says."""

    source: Path
    program: Program
    commands: Sequence[Command] = ()
    project: Project | None = None
    added: Sequence[str] = ()


@dataclass(frozen=True)
class Script:
    """What a program was made of: a script, and the folders in which it finds modules."""

    file: Path
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Trial:
    """A program that was made, what it did when it was started, and whether that is a start."""

    file: Path
    script: Script | None
    start: Start
    verdict: Verdict


def freeze_and_start(target: Target, plan: Plan, request: Request) -> None:
    """Freeze programs and start them. If a start shows what to add, freeze them once more."""
    if not request.verify:
        report(target, plan, make(target, plan, request, plan.added), request, plan.added)
        return

    @cache
    def unfrozen(script: Script | None) -> Start | None:
        if not script:
            return None
        file, paths = in_copy(script, plan.source, target.work)
        return target.start_unfrozen(by_command(file), paths)

    def try_all(options: Sequence[str]) -> Sequence[Trial]:
        trials = []
        for file in make(target, plan, request, options):
            script = script_of(file, target.work)
            names = [name_of(file), *([script.file.stem] if script else [])]
            start, alone = partial(target.start, file.absolute()), partial(unfrozen, script)
            trials.append(Trial(file, script, *verdict(start, alone, names)))
        return trials

    trials = try_all(plan.added)
    where = places(target, plan, trials)
    missing: dict[str, None] = {}
    known: list[str] = []
    if not has_spec([plan.program], request):
        known = [*plan.added, *map(str, plan.program), *request.arguments]
        for trial in trials:
            if trial.verdict.evidence:
                missing |= dict.fromkeys(remedy_for(trial.verdict, where, known).options)
    if missing:
        print(f"A start shows what is missing: freezing again with {' '.join(missing)}", flush=True)
        trials = try_all([*plan.added, *missing])
    conclude(trials, where, [*known, *missing])
    report(target, plan, [trial.file for trial in trials], request, list(missing))


def make(target: Target, plan: Plan, request: Request, options: Sequence[str]) -> Sequence[Path]:
    """Freeze programs, and find what was made."""
    begin = time.time()
    target.freeze(plan.source, [*options, *plan.program], plan.commands)
    frozen = made(request.dist, begin, is_program)
    if not frozen:
        fail(f"PyInstaller made no program in {request.dist}")
    return frozen


def name_of(file: Path) -> str:
    """The name of a program, without the ending that it has on Windows."""
    return file.name.removesuffix(".exe")


def script_of(program: Path, work: Path) -> Script | None:
    """The one script that a program was made of, by what PyInstaller has noted.

    https://pyinstaller.org/en/stable/advanced-topics.html#the-tables-of-contents-toc-lists-and-the-tree-class
    """
    for file in work.glob("build/*/EXE-*.toc"):
        made, *table = noted(file)
        if posix(made).rpartition("/")[2] == program.name:
            sources = {row[1] for row in rows(table) if row[2].startswith("PYSOURCE")}
            found = [
                Script(here(script), tuple(map(here, paths)))
                for scripts, paths, *_ in map(noted, file.parent.glob("Analysis-*.toc"))
                for script in sources.intersection(scripts)
            ]
            return found[0] if len(found) == 1 else None
    return None


def here(path: str) -> Path:
    """A path as this system writes it: under Wine, Z: is the root folder."""
    return Path(posix(path).removeprefix("Z:")).resolve()


def in_copy(script: Script, source: Path, work: Path) -> tuple[Path, Sequence[Path]]:
    """A script and its folders, in a copy of the source: there it can leave files."""
    root, source = work / "project", source.resolve()
    wanted = [script.file, *script.paths]
    # The scripts of installed commands are elsewhere, and need none of it.
    if not root.exists() and any(path.is_relative_to(source) for path in wanted):
        copy_project(source, root)
    file, *paths = [root / path.relative_to(source) if path.is_relative_to(source) else path for path in wanted]
    return file, paths


def by_command(script: Path) -> Path:
    """The script of a command under the command's own name, by which some programs lay out their help."""
    name = script.stem.removesuffix("-script")
    link = script.with_name(name)
    if name != script.stem and not link.exists():
        link.symlink_to(script)
    return link if link.is_symlink() else script


def places(target: Target, plan: Plan, trials: Sequence[Trial]) -> Places:
    """Where something may be that a program lacks."""
    source = plan.source.resolve()
    scripts = [trial.script.file for trial in trials if trial.script]
    beside = next((file.parent for file in scripts if file.is_relative_to(source)), None)
    distribution = plan.project.distribution if plan.project else None
    return Places(
        target.installed,
        source,
        beside,
        distribution,
        target.debian,
        windows=target.debian is None,
        depend=depend(source),
    )


def depend(source: Path) -> str:
    """How something is added to what is installed. Some projects list it in several files."""
    patterns = ("requirements*.txt", "requirements/*.txt", "requirements/*.in")
    found = sorted(file.relative_to(source).as_posix() for pattern in patterns for file in source.glob(pattern))
    others = [name for name in found if name != "requirements.txt"]
    return f"{Places.depend}, or set REQUIREMENTS={' or '.join(others)}" if others else Places.depend


def conclude(trials: Sequence[Trial], where: Places, tried: Sequence[str]) -> None:
    """End with the reasons, and with what helps, if a program does not start. Warn of other exceptions."""
    failed = [trial for trial in trials if trial.verdict.reason]
    for trial in trials:
        if trial not in failed and trial.start.code and (chain := exceptions(trial.start)):
            text = "--help ends with an exception, and nothing seems to be missing"
            print(f"warning: {trial.file.name} {text}:\n{chain.rstrip()}")
    if not failed:
        return
    for trial in failed:
        advice = remedy_for(trial.verdict, where, tried).advice
        lines = (
            f"error: {trial.file.name} does not start: {trial.verdict.reason}",
            trial.start.output.removesuffix("\n"),
        )
        print(*lines, *([advice] if advice else []), sep="\n", file=sys.stderr)
    print("It was called with --help, in an empty folder. --no-verify skips this.", file=sys.stderr)
    started = [name_of(trial.file) for trial in trials if not trial.verdict.reason]
    if started:
        for trial in failed:
            trial.file.unlink()
        names = ", ".join(trial.file.name for trial in failed)
        print(
            f"error: dist contains only the commands that start. Removed: {names}. "
            f"COMMANDS={','.join(started)} freezes only the commands that start.",
            file=sys.stderr,
        )
    raise SystemExit(1)


def report(target: Target, plan: Plan, frozen: Sequence[Path], request: Request, added: Sequence[str]) -> None:
    """Say what was made, and what is inside. The programs may be packed before."""
    ending = target.finish(frozen)
    write_sboms(frozen, target.command, plan.source, target.work, request, plan.project)
    print(", ".join(dict.fromkeys(size(file, request.dist) for file in frozen)) + ending)
    if added and request.verify:
        print(f"It was frozen twice. With {' '.join(added)} as arguments, once is enough.")
