"""What a user asks of a builder, as PyInstaller's own parser reads it."""

from freezer.command_line import Request, read
from PyInstaller.__main__ import generate_parser


def ask(*arguments: str, upx_pack: str = "off", **environment: str) -> Request:
    """Read arguments and variables."""
    asked: Request = read(arguments, environment, upx_pack, generate_parser())
    return asked
