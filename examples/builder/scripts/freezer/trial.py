"""Freeze, start what was made, add once what a start shows to be missing, and say what came out."""

import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from freezer.command_line import Request
from freezer.commands import Command, command_script
from freezer.judgement import Verdict, verdict
from freezer.processes import fail
from freezer.programs import Start, made, size
from freezer.project import Project, copy_project, normalized
from freezer.remedies import Places, remedy
from freezer.source import Program, has_spec
from freezer.target import Target, is_program

# https://packaging.python.org/en/latest/specifications/dependency-specifiers/
OF_EXTRA = re.compile(r"(?P<name>[\w.-]+).*;.*\bextra\s*==\s*['\"](?P<extra>[^'\"]+)['\"]")


@dataclass(frozen=True)
class Plan:
    """What is frozen: some commands of a project, a script, or what a spec says."""

    source: Path
    program: Program
    commands: Sequence[Command] = ()
    script: Path | None = None
    project: Project | None = None
    added: Sequence[str] = ()


@dataclass(frozen=True)
class Trial:
    """A program that was made, what it did when it was started, and whether that is a start."""

    file: Path
    start: Start
    verdict: Verdict


def freeze_and_start(target: Target, plan: Plan, request: Request) -> None:
    """Freeze programs and start them. If a start shows what to add, freeze them once more."""
    if not request.verify:
        report(target, make(target, plan, request, plan.added), request, plan.added)
        return

    @cache
    def unfrozen(name: str) -> Start | None:
        script = script_of(plan, name, target.work)
        return target.start_unfrozen(script) if script else None

    def try_all(options: Sequence[str]) -> Sequence[Trial]:
        trials = []
        for file in make(target, plan, request, options):
            name = name_of(file)
            names = [name, f"{name}-script", *([plan.script.stem] if plan.script else [])]
            tried = verdict(partial(target.start, file.absolute()), partial(unfrozen, name), names)
            trials.append(Trial(file, *tried))
        return trials

    where = places(target, plan)
    trials = try_all(plan.added)
    missing: dict[str, None] = {}
    known: list[str] = []
    if not has_spec([plan.program], request):
        known = [*plan.added, *map(str, plan.program), *request.arguments]
        for trial in trials:
            if trial.verdict.evidence:
                missing |= dict.fromkeys(remedy(trial.verdict.evidence, where, known).options)
    if missing:
        print(f"A start shows what is missing: freezing again with {' '.join(missing)}", flush=True)
        trials = try_all([*plan.added, *missing])
    conclude(trials, where, [*known, *missing])
    report(target, [trial.file for trial in trials], request, list(missing))


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


def script_of(plan: Plan, name: str, work: Path) -> Path | None:
    """The script that a program was made of, where it can be started without leaving files."""
    if found := [command for command in plan.commands if command.name == name]:
        return command_script(found[0], work)
    if not plan.script:
        return None
    script = (plan.source / plan.script).resolve()
    if not script.is_relative_to(plan.source.resolve()):
        return script
    root = work / "project"
    if not root.exists():
        copy_project(plan.source, root)
    return root / script.relative_to(plan.source.resolve())


def places(target: Target, plan: Plan) -> Places:
    """Where something may be that a program lacks."""
    beside = (plan.source / plan.script).parent if plan.script else None
    distribution = plan.project.distribution if plan.project else None
    listed = (distribution.requires or []) if distribution else []
    return Places(target.site_packages, plan.source, beside, extras(listed), target.debian)


def extras(requirements: Sequence[str]) -> Mapping[str, str]:
    """The extra that brings each optional requirement."""
    found = [OF_EXTRA.match(line) for line in requirements]
    return {normalized(one["name"]): one["extra"] for one in found if one}


def conclude(trials: Sequence[Trial], where: Places, tried: Sequence[str]) -> None:
    """End with the reasons, and with what helps, if a program does not start."""
    failed = [trial for trial in trials if trial.verdict.reason]
    if not failed:
        return
    for trial in failed:
        found = trial.verdict
        advice = "" if found.fault else f"{remedy(found.evidence, where, tried).advice}\n"
        said = trial.start.said if trial.start.said.endswith("\n") else f"{trial.start.said}\n"
        print(
            f"error: {trial.file.name} does not start: {found.reason}\n{said}{advice}",
            end="",
            file=sys.stderr,
        )
    print("It was called with --help, in an empty folder. --no-verify skips this.", file=sys.stderr)
    started = [name_of(trial.file) for trial in trials if not trial.verdict.reason]
    if started:
        for trial in failed:
            trial.file.unlink()
        names = ", ".join(trial.file.name for trial in failed)
        print(
            f"error: dist has the commands that start, not {names}. "
            f"COMMANDS={','.join(started)} freezes these alone.",
            file=sys.stderr,
        )
    raise SystemExit(1)


def report(target: Target, frozen: Sequence[Path], request: Request, added: Sequence[str]) -> None:
    """Say what was made. The programs may be packed before."""
    packed = target.pack(frozen)
    print(", ".join(dict.fromkeys(size(file, request.dist) for file in frozen)) + packed)
    if added and request.verify:
        print(f"It was frozen twice. With {' '.join(added)} as arguments, once is enough.")
