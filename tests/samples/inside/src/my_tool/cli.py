import importlib
import json
import signal
import ssl
import sys
import time
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import rich

# What is there while a program is frozen, and what nothing but uv.lock may bring into one.
TOOLS = (
    "packaging",
    "altgraph",
    "setuptools",
    "PyInstaller",
    "pip",
    "uv",
    "cyclonedx",
    "pkg_resources",
)

def serve():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    (Path.home() / "state").write_text("written")
    print(ZoneInfo("Europe/Berlin"), flush=True)
    while True:
        time.sleep(0.1)

def main():
    if sys.argv[1:] == ["serve"]:
        serve()
    data = json.loads((files("my_tool") / "data/words.json").read_text())
    print(data["greeting"], version("my-tool"), rich.get_console() is not None)
    print(len(ssl.create_default_context().get_ca_certs()) > 50)
    for name in TOOLS:
        try:
            importlib.import_module(name)
            print(name, "is inside")
        except ImportError:
            pass

def tools():
    import packaging, altgraph, setuptools, PyInstaller, pip, uv, cyclonedx, pkg_resources
