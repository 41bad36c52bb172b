"""Modules that a script asks for and that aren't there, with what to do about it."""

import sys


def remedy(script: str, module: str) -> str:
    top = module.partition(".")[0]
    if top in ("phantom", "django"):
        return f"a parser runs in a sandbox, without SOAR's own modules: do without {top!r}"
    if top in _GONE:
        return f"Python has no such module since {_GONE[top]}"
    if top in sys.stdlib_module_names:
        return (
            "this part of the standard library needs what a sandbox doesn't have "
            "(a system's library, processes, a terminal or Windows): do without it, or import it where it is used"
        )
    return (
        "a script gets the standard library alone: build it into a component with "
        f"`kafka-soar parser build {script} --requirement {top}`"
    )


# What scripts of SOAR's Python 3.6 and 3.9 may still import.
_GONE = {
    "distutils": "3.12",
    "imp": "3.12 (importlib does what it did)",
    "asyncore": "3.12",
    "asynchat": "3.12",
    "smtpd": "3.12",
    "cgi": "3.13 (html.escape, urllib.parse.parse_qs and email.message do what it did)",
    "cgitb": "3.13",
    "crypt": "3.13",
    "imghdr": "3.13",
    "mailcap": "3.13",
    "nntplib": "3.13",
    "pipes": "3.13 (shlex.quote is what most used it for)",
    "sndhdr": "3.13",
    "telnetlib": "3.13",
    "uu": "3.13 (binascii.a2b_uu does what it did)",
    "xdrlib": "3.13",
    "audioop": "3.13",
    "chunk": "3.13",
    "formatter": "3.10",
    "parser": "3.10",
    "symbol": "3.10",
}
