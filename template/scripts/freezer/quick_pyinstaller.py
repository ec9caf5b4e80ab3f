"""PyInstaller, but quicker: it makes the same program.

python -P quick_pyinstaller.py [ARGUMENT...]    run PyInstaller with arguments

PyInstaller disassembles each module, only to find the global names that it sets. That takes a third
of its time. This finds them without that.
"""

import dis
from types import CodeType

from PyInstaller.__main__ import run
from PyInstaller.lib.modulegraph.modulegraph import ModuleGraph, Node

STORE = {dis.opmap["STORE_NAME"], dis.opmap["STORE_GLOBAL"]}
DELETE = {dis.opmap["DELETE_NAME"], dis.opmap["DELETE_GLOBAL"]}
# A PyInstaller that has no such function runs as it is.
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
    """Read a module's code. Only where there is no source does it have to show the imports."""
    if is_scanning_imports:
        disassemble(graph, module, code, is_scanning_imports)
    else:
        global_names(module, code)


if disassemble:
    ModuleGraph._scan_bytecode = scan
if __name__ == "__main__":
    run()
