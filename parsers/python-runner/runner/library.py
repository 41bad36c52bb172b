"""Imports the whole standard library: there are no files to import from once the component runs."""

import importlib
import pkgutil
import sys
from types import ModuleType

# Nothing that a parser could use: programs, windows, jokes, other systems' support, data of `help()`.
_SKIPPED = {
    "__hello__",
    "__phello__",
    "_aix_support",
    "_android_support",
    "_apple_support",
    "_ios_support",
    "_osx_support",
    "_pyrepl",
    "antigravity",
    "ensurepip",
    "idlelib",
    "pydoc_data",
    "this",
    "tkinter",
    "turtle",
    "turtledemo",
    "venv",
}


def import_all() -> list[str]:
    """The names of modules that Python has and that don't import here."""
    failed: list[str] = []
    for name in sorted(sys.stdlib_module_names - _SKIPPED):
        _import(name, failed)
    return failed


def _import(name: str, failed: list[str]) -> None:
    module = _try(name)
    if module is None:
        failed.append(name)
        return
    for inner in pkgutil.iter_modules(getattr(module, "__path__", ())):
        if inner.name not in ("__main__", "test", "tests"):
            _import(f"{name}.{inner.name}", failed)


def _try(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except (ImportError, AttributeError, OSError):
        # A C module that this build of Python lacks, or a system call that this system does.
        return None
