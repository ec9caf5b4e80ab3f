"""A run-time hook: exit() and quit() are there, as in Python. They come from `site`, which no frozen program imports.

https://docs.python.org/3/library/constants.html#constants-added-by-the-site-module
"""


def _add_constants() -> None:
    import builtins
    from _sitebuiltins import Quitter

    for name in ("exit", "quit"):
        setattr(builtins, name, Quitter(name, "Ctrl-D (i.e. EOF)"))


_add_constants()
del _add_constants
