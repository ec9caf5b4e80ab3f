"""A run-time hook: what Python does when it starts, and a frozen program does not."""


def _add_constants() -> None:
    """Let exit() and quit() work. `site` has them from `_sitebuiltins`, which would bring pydoc into each program.

    https://docs.python.org/3/library/constants.html#constants-added-by-the-site-module
    """
    import builtins

    def leave(code: object = None) -> None:
        raise SystemExit(code)

    for name in ("exit", "quit"):
        setattr(builtins, name, leave)


def _coerce_locale() -> None:
    """Use UTF-8 where the system names no locale, as in a container: https://peps.python.org/pep-0538/"""
    import os

    if os.name != "posix" or os.environ.get("LC_ALL") or os.environ.get("PYTHONCOERCECLOCALE") == "0":
        return
    from _locale import LC_CTYPE, Error, setlocale

    for name in ("C.UTF-8", "C.utf8", "UTF-8") if setlocale(LC_CTYPE) == "C" else ():
        try:
            setlocale(LC_CTYPE, name)
        except Error:
            continue
        os.environ["LC_CTYPE"] = name  # for child processes, too
        break


_add_constants()
_coerce_locale()
del _add_constants, _coerce_locale
