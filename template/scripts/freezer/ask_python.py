"""What the Python that is frozen says of itself. It runs this file and prints the answer as JSON."""

import importlib
import json
import sys
import sysconfig


def library(module: str) -> str:
    """The library that an extension module uses, with its version as far as Python tells it."""
    try:
        asked = importlib.import_module("_ssl" if module == "_hashlib" else module)
    except ImportError:
        return ""
    match module:
        case "_ssl" | "_hashlib":
            return str(asked.OPENSSL_VERSION)  # OpenSSL 3.5.4 30 Sep 2025
        case "_curses":
            return "ncurses {}.{}.{}".format(*getattr(asked, "ncurses_version", "   "))
        case "_decimal":
            return f"mpdecimal {asked.__libmpdec_version__}"
        case "_sqlite3":
            return f"sqlite {asked.sqlite_version}"
        case "_tkinter":
            return f"tcl-tk {asked.TK_VERSION}"
        case "_zstd":
            return f"zstd {asked.zstd_version}"
        case "pyexpat":
            return str(asked.EXPAT_VERSION).replace("_", " ")
        case "readline":
            return "libedit" if "libedit" in str(asked.__doc__) else "readline"
        case "zlib":
            ng = getattr(asked, "ZLIBNG_VERSION", "")
            return f"zlib-ng {ng}" if ng else f"zlib {asked.ZLIB_RUNTIME_VERSION}"
    return {"_bz2": "bzip2", "_ctypes": "libffi", "_lzma": "xz", "_uuid": "libuuid"}[module]


if __name__ == "__main__":
    print(
        json.dumps(
            {
                "version": sys.version.split()[0],
                "environment": sys.prefix,
                "base": sys.base_prefix,
                "standard": sysconfig.get_path("stdlib"),
                "path": sys.path,
                "built_in": sys.builtin_module_names,
                "libraries": {name: library(name) for name in sys.argv[1:]},
            }
        )
    )
