import sys
from importlib import import_module, metadata, resources
from pathlib import Path
from pkgutil import resolve_name
from runpy import run_path
from types import SimpleNamespace

from my_package.children import run_children

NAMED = "six.ensure_str"

def double(number):
    return SimpleNamespace(value=2 * number)

def main():
    print(metadata.version("my-tool-core"), resources.files("my_package").joinpath("data.txt").read_text().strip())
    print(import_module("." + "other", "my_package").NAME)
    print(*(metadata.version(name) for name in ["six"]))
    print(resolve_name(NAMED).__name__)
    print(Path(sys.prefix, "share/my-tool/page.html").read_text().strip())
    print(resources.files("my_package").joinpath("templates/new/__init__.py").read_text().strip())
    print(*(run_path(file)["NAME"] for file in Path(__file__).parent.glob("rules/o*.py")))
    print(*(entry.load() for entry in metadata.entry_points(group="my_tool.plugins")))
    print(run_path(Path(sys.executable).with_name("of_the_user.py"))["NAME"])
    run_children(double)
    return 3
