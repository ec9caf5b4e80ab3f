"""Run PyInstaller, as the Dockerfile does.

python -P scripts/freezer/image.py --prepare                   read the standard library once, for the runs below
python -P scripts/freezer/image.py SPEC PROGRAM [OPTION...]    freeze by a spec and its options; PROGRAM is the result

PyInstaller reads the standard library at every run, which takes most of its time. It can keep the
result while it runs, for its own tests. This keeps it in a file.
"""

import copyreg
import marshal
import pickle
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType

from PyInstaller.__main__ import run
from PyInstaller.depend import analysis

GRAPH = Path("/opt/standard-library.pickle")


def prepare() -> None:
    """Keep the graph of the standard library's modules, if this PyInstaller has one to keep."""
    if hasattr(analysis, "_cached_module_graph_"):
        analysis.initialize_modgraph()
        GRAPH.write_bytes(pickle.dumps(analysis._cached_module_graph_))


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
    # Run and not imported: -P keeps this folder out of the path, so that no module of it gets into the program.
    runpy.run_path(str(Path(__file__).with_name("quick_pyinstaller.py")))
    copyreg.pickle(CodeType, lambda code: (marshal.loads, (marshal.dumps(code),)))
    if arguments == ["--prepare"]:
        prepare()
    else:
        spec, program, *options = arguments
        freeze(spec, Path(program), options)


if __name__ == "__main__":
    main(sys.argv[1:])
