"""Run PyInstaller, as the Dockerfile does.

python -P image/freeze.py --prepare                   read the standard library once, for the runs below
python -P image/freeze.py SPEC PROGRAM [OPTION...]    freeze by a spec and its options; PROGRAM is the result

PyInstaller reads the standard library at every run, which takes most of its time. It can keep the
result while it runs, for its own tests. This keeps it in a file. And this looks for the global names
of a module in a quicker way. The program has the same files and the same code as without both.
"""

import copyreg
import dis
import marshal
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType

from PyInstaller.__main__ import run
from PyInstaller.depend import analysis
from PyInstaller.lib.modulegraph.modulegraph import ModuleGraph, Node

GRAPH = Path("/opt/standard-library.pickle")
STORE = {dis.opmap["STORE_NAME"], dis.opmap["STORE_GLOBAL"]}
DELETE = {dis.opmap["DELETE_NAME"], dis.opmap["DELETE_GLOBAL"]}
disassemble = getattr(ModuleGraph, "_scan_bytecode", None)


def global_names(module: Node, code: CodeType) -> None:
    """Note the global names that a module's code sets and deletes.

    Each instruction is two bytes, its number and its argument: https://docs.python.org/3/library/dis.html
    """
    numbers = code.co_code[::2]
    if not (STORE | DELETE).isdisjoint(numbers):
        extension = 0
        for number, byte in zip(numbers, code.co_code[1::2], strict=True):
            argument = extension | byte
            extension = argument << 8 if number == dis.EXTENDED_ARG else 0
            if number in STORE:
                module.add_global_attr(code.co_names[argument])
            elif number in DELETE:
                module.remove_global_attr_if_found(code.co_names[argument])
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            global_names(module, constant)


def scan(graph: ModuleGraph, module: Node, code: CodeType, is_scanning_imports: bool) -> None:
    """Read a module's code. PyInstaller disassembles all of it, which takes half of its time."""
    if is_scanning_imports:
        disassemble(graph, module, code, is_scanning_imports)
    else:
        global_names(module, code)


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
    if disassemble:
        ModuleGraph._scan_bytecode = scan
    copyreg.pickle(CodeType, lambda code: (marshal.loads, (marshal.dumps(code),)))
    if arguments == ["--prepare"]:
        prepare()
    else:
        spec, program, *options = arguments
        freeze(spec, Path(program), options)


if __name__ == "__main__":
    main(sys.argv[1:])
