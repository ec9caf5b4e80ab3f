"""Run PyInstaller, as the Dockerfile does.

python -P image/freeze.py --prepare                    look through the standard library once, for all runs below
python -P image/freeze.py SPEC PROGRAM [OPTION...]     freeze by a spec, with options of its own, into PROGRAM

PyInstaller looks through the standard library at every run, which takes most of its time. It can
keep what it has found as long as it runs; here that is kept in a file.
"""

import copyreg
import marshal
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType

from PyInstaller.__main__ import run
from PyInstaller.depend import analysis

GRAPH = Path("/opt/standard-library.pickle")


def prepare() -> None:
    """Keep the graph of the standard library's modules, if this PyInstaller has one to keep."""
    analysis.initialize_modgraph()
    if graph := getattr(analysis, "_cached_module_graph_", None):
        sys.setrecursionlimit(100_000)  # each module's imports are pickled inside it
        GRAPH.write_bytes(pickle.dumps(graph))


def freeze(spec: str, program: Path, options: Sequence[str]) -> None:
    """Freeze by a spec.

    Raises:
        SystemExit: PyInstaller failed, or made no program of that name.
    """
    if GRAPH.exists():
        analysis._cached_module_graph_ = pickle.loads(GRAPH.read_bytes())  # noqa: S301 - ours
    folders = ["--distpath", "/dist", "--workpath", "/tmp/build"]  # noqa: S108 - of a build
    run(["--noconfirm", *folders, spec, "--", *options])
    if not program.is_file():
        sys.exit(
            f"error: {spec} made no {program}. Compare it with the template's spec: "
            f"its EXE and COLLECT say name={program.name!r}."
        )


def main(arguments: Sequence[str]) -> None:
    """Prepare, or freeze."""
    copyreg.pickle(CodeType, lambda code: (marshal.loads, (marshal.dumps(code),)))
    if arguments == ["--prepare"]:
        prepare()
    else:
        spec, program, *options = arguments
        freeze(spec, Path(program), options)


if __name__ == "__main__":
    main(sys.argv[1:])
