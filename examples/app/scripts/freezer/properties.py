"""What Windows shows as the properties of a program: its version, its author and so on."""

import re
from collections.abc import Mapping


def resource(metadata: Mapping[str, str], command: str) -> str:
    """Write a package's metadata as PyInstaller reads it.

    https://pyinstaller.org/en/stable/usage.html#capturing-windows-version-data
    """
    version = metadata["version"]
    # Four numbers of 16 bits: https://learn.microsoft.com/en-us/windows/win32/menurc/versioninfo-resource
    numbers = [int(part) for part in re.findall(r"\d+", re.sub(r"^\d+!|[^\d.].*", "", version))]
    four = tuple(min(number, 0xFFFF) for number in [*numbers, 0, 0, 0, 0][:4])
    author = metadata.get("author") or metadata.get("author_email", "").partition("<")[0]
    strings = {
        "CompanyName": author.strip(),
        "FileDescription": metadata.get("summary") or command,
        "FileVersion": version,
        "InternalName": command,
        "LegalCopyright": metadata.get("license_expression"),
        "OriginalFilename": f"{command}.exe",
        "ProductName": metadata["name"],
        "ProductVersion": version,
    }
    table = ", ".join(f"StringStruct({key!r}, {text!r})" for key, text in strings.items() if text)
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={four}, prodvers={four}), kids=[\n"
        f"  StringFileInfo([StringTable('040904B0', [{table}])]),\n"
        "  VarFileInfo([VarStruct('Translation', [1033, 1200])]),\n])\n"
    )
