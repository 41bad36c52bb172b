"""Importing at build time what would otherwise be imported when it is first needed: a component holds the
modules that were imported while it was built, and there are no files to import others from.

That concerns `import` inside of functions, Python's own library included: `datetime.strptime` imports its
parser at the first call, and text encodings are modules of their own.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterator
from types import ModuleType

from .errors import LIBRARY, SDK

# What the library imports by a name in a string, or from C.
_LATE = ("_strptime", "unicodedata", "xml.sax.expatreader")


def preload() -> None:
    """Imports what the parser's modules and those of packages import inside of their functions, and
    Python's library in those of its modules that are loaded. What can't be imported here is left to fail where it is used, as
    it may never be."""
    for name in _LATE:
        if name.partition(".")[0] in sys.modules or "." not in name:
            _import(name)
    for package in ("encodings", "email"):
        if package in sys.modules:
            for part in pkgutil.iter_modules(sys.modules[package].__path__, f"{package}."):
                _import(part.name)
    for module in list(sys.modules.values()):
        if _file(module).startswith(LIBRARY):
            for used in _imports(module):
                if used.partition(".")[0] not in _UNLIKELY:
                    _import(used)
    seen: set[str] = set()
    while names := [name for name in list(sys.modules) if name not in seen and _is_parsers(sys.modules[name])]:
        seen.update(names)
        for name in names:
            for used in _imports(sys.modules[name]):
                _import(used)


def _file(module: ModuleType) -> str:
    return getattr(module, "__file__", None) or ""


def _is_parsers(module: ModuleType) -> bool:
    """Whether it is neither the library's nor this package's."""
    file = _file(module)
    return file.endswith(".py") and not file.startswith((LIBRARY, SDK)) and module.__name__.split(".")[0] not in _GENERATED


# An import in a function, or anywhere below a condition. Told by lines and not by Python's own parser:
# the memory that its trees need once would stay in the component, empty.
_IMPORT = re.compile(r"\s+import\s+([\w.]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+(?:\s+as\s+\w+)?)*)")
_FROM = re.compile(r"\s+from\s+([\w.]+)\s+import\s+\(?([\w\s,]*)")


def _imports(module: ModuleType) -> Iterator[str]:
    """The names of modules that a module imports inside of something. A line of a text that looks like
    it costs a module too many."""
    try:
        with open(_file(module), encoding="utf-8", errors="replace") as text:
            for line in text:
                yield from _imports_of(line, module.__package__ or "")
    except OSError:
        return


def _imports_of(line: str, package: str) -> Iterator[str]:
    plain, members = _IMPORT.match(line), _FROM.match(line)
    if plain:
        for name in plain[1].split(","):
            yield name.split()[0]
    elif members:
        try:
            base = importlib.util.resolve_name(members[1], package)
        except ImportError:
            return
        yield base
        for name in members[2].split(","):
            # It may be a module in a package.
            if name.split() and not hasattr(sys.modules.get(base), name.split()[0]):
                yield f"{base}.{name.split()[0]}"


def _import(name: str) -> ModuleType | None:
    if name.partition(".")[0] in _NEVER:
        return None
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit):
        return None


# What Python's library imports for files, networks, processes and command lines.
_UNLIKELY = frozenset(
    {"_pydatetime", "_pydecimal", "_pyio", "_pyrepl", "argparse", "code", "codeop", "cProfile", "dis", "ftplib", "getopt"}
    | {"getpass", "gettext", "glob", "mimetypes", "netrc", "optparse", "pickle", "profile", "py_compile", "shutil"}
    | {"signal", "site", "socket", "tarfile", "tempfile", "timeit", "urllib", "zipfile", "zipimport"}
)

# componentize-py's.
_GENERATED = frozenset({"wit_world", "componentize_py_types", "componentize_py_async_support", "poll_loop"})

# What does something when it is imported, or is of no use in a sandbox and large.
_NEVER = frozenset(
    {"__main__", "antigravity", "this", "idlelib", "tkinter", "turtle", "pdb", "pydoc", "doctest", "unittest", "test"}
    | {"asyncio", "multiprocessing", "concurrent", "ctypes", "ssl", "subprocess", "webbrowser", "http", "socketserver"}
    | {"ensurepip", "venv", "lib2to3", "distutils", "setuptools", "pip", "pytest", "mypy"}
)
