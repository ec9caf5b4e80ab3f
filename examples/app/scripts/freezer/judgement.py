"""Has a program started? It is judged against the same program without PyInstaller.

The template's docs/design.md has the table of outcomes.
"""

import re
import signal
from collections.abc import Callable, Sequence
from ctypes.util import find_library
from dataclasses import dataclass

from freezer.remedies import LIBRARY_MISSING, NAMED_MISSING, Places, Remedy, remedy
from freezer.starts import SECONDS, Start

# What the loader says, on standard error, or in a message box, which Wine writes to its log.
LOADER = re.compile(
    r"(?m)^\[PYI-\d+:ERROR\] (?!Failed to execute script)"
    r"|: error while loading shared libraries: "
    r"|:MSGBOX_OnInit "
)
UNCAUGHT = "Failed to execute script"  # the bootloader says it of an exception that ends a program
TRACEBACK = "Traceback (most recent call last):"
EXCEPTION = re.compile(r"(?m)^[A-Za-z_][\w.<>]*(?:: .*)?$")
# An exception that names what is missing: a module, metadata, a library, or a file in the folder
# that the program is unpacked to. Any other exception is the program's own.
MISSING = re.compile(
    r"^[\w.<>]*(?:Import|ModuleNotFound|PackageNotFound|DistributionNotFound)(?:Error)?\b"
    r"|^(?:FileNotFound|NotADirectory)Error: .*(?:_internal|_MEI)"
    rf"|^[\w.<>]+: .*{LIBRARY_MISSING.pattern}"
)
# What a program may print of it in its own words, as the last thing.
# PyInstaller's ctypes says `dynlib/dll`.
SAID_MISSING = re.compile(
    rf"No module named ['\"]?[A-Za-z_]|cannot open shared object file|Failed to load dynlib/dll|{NAMED_MISSING}"
)
# Not missing: a program with windows, where there is no display.
NO_DISPLAY = re.compile(r"(?i)\bdisplay\b|'headless'")
# A line that tells of an error, also of one that the program has caught.
ERROR = re.compile(
    r"(?i)\b(?:error|exception|fatal|critical|failed|failure|cannot|can't|could not|unable to)\b"
    r"|\b(?:no module named|no such|not found|not installed)\b"
    r"|\w(?:Error|Exception|NotFound)\b"
)
# What differs between two starts of the same program: colours, folders, and numbers.
COLOUR = re.compile(r"\x1b\[[\d;]*m")
FOLDERS = re.compile(r"(?:[A-Za-z]:)?[\w.@+~-]*(?:[/\\]+[\w.@+~-]+)*[/\\]+")
NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+")
WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class Verdict:
    """Why a program has not started, or nothing; and the lines that tell what is missing."""

    reason: str = ""
    evidence: str = ""
    fault: bool = False  # nothing that is added to it helps
    anyway: bool = False  # without PyInstaller something is missing too


def verdict(
    start: Callable[[float], Start], unfrozen: Callable[[], Start | None], names: Sequence[str]
) -> tuple[Start, Verdict]:
    """Start a program for some seconds, and judge it against itself without PyInstaller.

    That one is only started if there is a doubt. None means that it cannot be started. The names
    are those of the program and of its script.
    """
    frozen = start(SECONDS)
    if not in_doubt(frozen):
        return frozen, judge(frozen, None, names)
    other = unfrozen()
    if other and frozen.code is None and other.code is not None and not waits(frozen, other):
        frozen = start(3 * SECONDS)  # it may only be slow
    return frozen, judge(frozen, other, names)


def remedy_for(found: Verdict, places: Places, tried: Sequence[str] = ()) -> Remedy:
    """What helps a program that has not started. No option of PyInstaller helps one that fails without it too."""
    if found.fault:
        return Remedy("")
    helps = remedy(found.evidence, places, tried)
    if found.anyway and helps.options:
        return Remedy(
            "It fails in the same way without PyInstaller. A dependency may be incompatible with this "
            "version of Python or with another dependency."
        )
    return helps


def in_doubt(start: Start) -> bool:
    """Whether only a comparison shows if a program has started."""
    if start.fault or LOADER.search(start.output):
        return False
    return start.code != 0 or bool(errors(start.output))


def judge(frozen: Start, unfrozen: Start | None, names: Sequence[str]) -> Verdict:
    """Judge the start of a program, given how it starts without PyInstaller, if that is known."""
    if frozen.fault:
        return Verdict(frozen.fault, fault=True)
    if match := LOADER.search(frozen.output):
        line = frozen.output[match.start() :].partition("\n")[0]
        return Verdict(line, line)
    last = lacks(frozen)
    # What PyInstaller was told to add may be where Python does not find it.
    fails = last or UNCAUGHT in frozen.output
    incomparable = unfrozen and lacks(unfrozen) and not fails
    if unfrozen is None or unfrozen.fault or incomparable:
        killed = frozen.code is not None and frozen.code < 0
        reason = last or (f"it {ends(frozen)}" if killed else "")
        return Verdict(reason, exceptions(frozen) or reason) if reason else Verdict()
    new = new_errors(frozen.output, unfrozen.output, names)
    evidence = "\n".join([*new, exceptions(frozen)])
    if frozen.code != unfrozen.code and (new or not waits(frozen, unfrozen)):
        told = last or (new[-1] if new else "")
        return Verdict(told or f"it {ends(frozen)}; without PyInstaller it {ends(unfrozen)}", evidence)
    if last and (other := lacks(unfrozen)):
        return Verdict(other, exceptions(unfrozen) or other, anyway=True)
    if last or new:
        return Verdict(last or new[-1], evidence)
    return Verdict()


def waits(frozen: Start, unfrozen: Start) -> bool:
    """Whether a windowed program shows the exception that has ended it, and waits for a click."""
    outputs = (frozen.output, unfrozen.output)
    return frozen.code is None and unfrozen.code == 1 and all(TRACEBACK in text for text in outputs)


def ends(start: Start) -> str:
    """How a program has ended."""
    if start.code is None:
        return "runs on"
    if start.code < 0:
        return f"is ended by {signal.Signals(-start.code).name}"
    return f"exits with {start.code}"


def lines(output: str) -> Sequence[str]:
    """What a program says, without the lines of PyInstaller and the places in tracebacks."""
    return [
        line
        for line in COLOUR.sub("", output).splitlines()
        if line.strip() and not re.match(r'\[PYI-|\s*File "|Traceback \(|\s*[~^]+$', line)
    ]


def errors(output: str) -> Sequence[str]:
    """The lines that tell of an error."""
    return [line for line in lines(output) if ERROR.search(line)]


def new_errors(output: str, known: str, names: Sequence[str]) -> Sequence[str]:
    """The lines of an error that are not in what is known, wherever that breaks its lines."""
    text = comparable("\n".join(lines(known)), names)
    words = WORD.findall(text)

    def is_known(line: str) -> bool:
        # A set is printed in another order at each start, and lines of help break elsewhere then.
        part = comparable(line, names)
        help_text = line[0].isspace() or "{" in line
        return part in text or (help_text and together(set(WORD.findall(part)), words))

    return [line for line in errors(output) if not is_known(line)]


def together(wanted: set[str], words: Sequence[str]) -> bool:
    """Whether words stand close to each other in a text, in any order."""
    size = 2 * len(wanted) + 10
    begins = (place for place, word in enumerate(words) if word in wanted)
    return any(wanted.issubset(words[begin : begin + size]) for begin in begins)


def comparable(text: str, names: Sequence[str]) -> str:
    """A text without what differs between two starts."""
    text = NUMBER.sub("0", FOLDERS.sub("", text))
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(NUMBER.sub('0', name))}(?:\.pyw?|\.exe)?(?!\w)", "PROGRAM", text)
    return " ".join(text.split())


def exceptions(start: Start) -> str:
    """The traceback that ended a program, with those of the exceptions that led to it."""
    output = "\n".join(line for line in start.output.splitlines() if not line.startswith("[PYI-"))
    chain = ""
    while TRACEBACK in output:
        output, mark, last = output.rpartition(TRACEBACK)
        chain = mark + last + chain
        if not output.rstrip().endswith(("another exception occurred:", "cause of the following exception:")):
            break
    return chain


def lacks_tk(line: str) -> bool:
    """Whether a program asks for a display and for Tk, which is not here: it is not in the program."""
    return "'tk'" in line and not any(map(find_library, ("tk8.6", "tcl9tk9.0")))


def lacks(start: Start) -> str:
    """The exception that ended a program because something is missing, or nothing."""
    # A windowed program shows the error that ended it, and waits.
    if start.code == 0 or (start.code is None and UNCAUGHT not in start.output):
        return ""
    chain = exceptions(start)
    if matches := EXCEPTION.findall(chain):
        # A time zone or a plugin that is not found: what is missing is in the exception before.
        told = matches if "NotFound" in matches[-1] or "direct cause" in chain else matches[-1:]
        pattern = MISSING
    else:
        told, pattern = lines(start.output)[-1:], SAID_MISSING
    if NO_DISPLAY.search("\n".join(told)) and not lacks_tk(told[-1]):
        return ""
    return next((line for line in reversed(told) if pattern.search(line)), "")
