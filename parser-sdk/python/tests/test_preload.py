"""What is imported at build time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from kafka_soar import preload

SDK = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("    import colorsys\n", ["colorsys"]),
        ("\timport a.b as c, d  # why\n", ["a.b", "d"]),
        ("        from nothing import (one, two as three,\n", ["nothing", "nothing.one", "nothing.two"]),
        ("    from json import loads\n", ["json"]),
        ("    from . import sibling\n", ["package", "package.sibling"]),
        ("import colorsys\n", []),
        ("    important = 1\n", []),
        ("    from here on\n", []),
    ],
)
def test_imports_inside_of_something_are_found(line: str, names: list[str]) -> None:
    assert list(preload._imports_of(line, "package")) == names


def test_what_a_parser_imports_in_a_function_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "my_parser.py").write_text(
        "import email\n"
        "def parse_messages(topic, messages):\n"
        "    import colorsys, helper\n"
        "    import nothing_of_the_kind\n",
        encoding="utf-8",
    )
    (tmp_path / "helper.py").write_text("def late():\n    from wave import open\n", encoding="utf-8")
    script = (
        "import sys, my_parser\n"
        "from kafka_soar.preload import preload\n"
        "assert 'colorsys' not in sys.modules and '_strptime' not in sys.modules\n"
        "preload()\n"
        "print([name in sys.modules for name in ('colorsys', 'helper', 'wave', '_strptime', 'email.parser',"
        " 'encodings.cp1252', 'nothing_of_the_kind')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script],
        env={"PYTHONPATH": f"{tmp_path}:{SDK}"},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[True, True, True, True, True, True, False]\n", done.stderr
