"""A run-time hook: exit() and quit() work, as in Python. They come from `site`, which no frozen program imports.

`site` has them from `_sitebuiltins`, which would bring pydoc into each program.
https://docs.python.org/3/library/constants.html#constants-added-by-the-site-module
"""


def _add_constants() -> None:
    import builtins

    def leave(code: object = None) -> None:
        raise SystemExit(code)

    for name in ("exit", "quit"):
        setattr(builtins, name, leave)


_add_constants()
del _add_constants
