"""Run the demo and draw what it prints into docs/demo.svg, for the README.

usage: python -m tools.picture [VERSIONS]
"""

import io
import subprocess
import sys

from rich.console import Console
from rich.text import Text

from tools.projects import ROOT


def main(arguments: list[str]) -> None:
    """Run, record and save."""
    command = [sys.executable, "-m", "tools.demo", *arguments]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    console = Console(record=True, width=84, file=io.StringIO())
    console.print(Text("$ make demo", style="bold"))
    for line in result.stdout.rstrip().splitlines():
        style = "bold" if line.startswith(("$", "It runs", "Next")) else ""
        console.print(Text(line, style=style))
    target = ROOT / "docs" / "demo.svg"
    target.parent.mkdir(exist_ok=True)
    target.write_text(console.export_svg(title="copier-pyinstaller-ghcr") + "\n")
    print(result.stdout, end="")


if __name__ == "__main__":
    main(sys.argv[1:])
