"""Measure the Windows builder and write its tables into docs/design.md.

usage: python -m tools.bench_windows [VERSIONS]

All figures are measured in one run on this machine. Times are medians of interleaved runs. So the
ratios hold on another machine, where the absolute figures do not. VERSIONS is as for tools.demo.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.measuring import TIMER, build, run, seconds, sizes, write
from tools.projects import ROOT, megabytes, read_versions, scaffold

RUNS = 10
ROUNDS = 3


def frozen(source: Path) -> list[str]:
    """Freeze a small program in every variant; return the rows of the table."""
    image = ["docker", "run", "--rm", f"--volume={source}:/src"]
    commands, size = {}, {}
    for label in ("onedir", "onefile"):
        for upx in ("off", "on"):
            name = f"{label}-{upx}"
            arguments = [f"--{label}", f"--name={name}", "--log-level=ERROR", "hello.py"]
            run(*image, f"--env=UPX_PACK={upx}", "bench-windows", *arguments)
            program = f"{name}/{name}.exe" if label == "onedir" else f"{name}.exe"
            commands[name] = ["wine", f"dist/{program}"]
            size[name] = megabytes(source / "dist" / program.partition("/")[0])
    timer = [*image, "--interactive", "bench-windows", "python3", "-"]
    start = json.loads(run(*timer, json.dumps(commands), str(RUNS), stdin=TIMER))
    rows = []
    for name in commands:
        label, upx = name.split("-")
        plain = f"{label}-off"
        rows.append(
            f"| {label}{', packed by UPX' if upx == 'on' else ''} |"
            f" {size[name]:.1f} MB | {size[name] / size[plain]:.2f} |"
            f" {start[name]:.0f} ms | {start[name] / start[plain]:.2f} |"
        )
    return rows


def runs(source: Path) -> dict[str, float]:
    """The seconds of a run of the image, and of PyInstaller alone in it, as medians."""
    image = ["docker", "run", "--rm", f"--volume={source}:/src"]
    alone = "cd /tmp && exec wine python -m PyInstaller --log-level=ERROR /src/hello.py"
    commands = {
        "all": ["bench-windows", "--log-level=ERROR", "hello.py"],
        "plain": [
            "--env=UPX_PACK=off",
            "bench-windows",
            "--log-level=ERROR",
            "--no-verify",
            "hello.py",
        ],
        "alone": ["bench-windows", "sh", "-c", alone],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(seconds(*image, *command))
    return {"first": times["all"][0], **{k: statistics.median(v) for k, v in times.items()}}


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write the tables between the markers in docs/design.md."""
    versions = read_versions(Path(arguments[0])) if arguments else {}
    with tempfile.TemporaryDirectory() as name:
        project, source = Path(name, "project"), Path(name, "source")
        scaffold(project, "Bench", versions, kind="builder", target="windows")
        source.mkdir()
        (source / "hello.py").write_text("print('hello')\n")
        cold = build(project, "--no-cache", "--load", "--tag=bench-windows")
        packed, unpacked = sizes("bench-windows")
        took = runs(source)
        rows = frozen(source)
    write(
        "bench-windows",
        f"""| a small program | size | against unpacked | start-up under Wine | against unpacked |
| --- | ---: | ---: | ---: | ---: |
{chr(10).join(rows)}

| what | figure |
| --- | ---: |
| the image, in a registry and unpacked | {packed:.0f} MB, {unpacked:.0f} MB |
| building the image without cache | {cold:.0f} s |
| PyInstaller alone under Wine | {took["alone"]:.1f} s |
| a run with `UPX_PACK=off --no-verify` | {took["plain"]:.1f} s, {took["plain"] / took["alone"]:.2f} of that |
| a run, with UPX and the start | {took["all"]:.1f} s, {took["all"] / took["alone"]:.2f} of that |
| the first run | {took["first"]:.1f} s |
""",
        ROOT / "docs/design.md",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
