import importlib
import importlib.metadata
import importlib.resources


def main():
    plugin = importlib.import_module("sample." + "plu" + "gin")
    data = importlib.resources.files("sample").joinpath("data.txt").read_text()
    print(importlib.metadata.version("sample"), data, plugin.NAME)
