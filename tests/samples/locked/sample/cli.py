import sys
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
def main():
    if "--help" in sys.argv and hasattr(sys, "frozen"):
        sys.exit("started in spite of --no-verify")
    import six
    plugin = import_module("sample." + "plu" + "gin")
    found = [six.__version__, version("sample"), files("sample").joinpath("data.txt").read_text()]
    found.append(plugin.NAME)
    for name in ("idna", "packaging"):
        try:
            found.append(import_module(name).__name__)
        except ImportError:
            pass
    print(*found)
