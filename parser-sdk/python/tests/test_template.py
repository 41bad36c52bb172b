"""The template that `kafka-soar parser new --lang python` writes, as its author meets it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SDK = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "my-parser"
    shutil.copytree(SDK / "template", project, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SDK / "kafka_soar", project / "sdk" / "kafka_soar", ignore=shutil.ignore_patterns("__pycache__"))
    for file in project.rglob("*"):
        if file.is_file() and "{{name}}" in (text := file.read_text(encoding="utf-8")):
            file.write_text(text.replace("{{name}}", "my-parser"), encoding="utf-8")
    return project


def ran(project: Path, *command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_tests_pass_and_its_types_hold(project: Path) -> None:
    assert "1 passed" in ran(project, "pytest", "-q")
    assert "Success: no issues found in 2 source files" in ran(project, "mypy")


def test_the_hello_parser_is_short() -> None:
    lines = (SDK / "template" / "message_parser.py").read_text(encoding="utf-8").splitlines()
    assert sum(1 for line in lines if line.strip() and not line.startswith("#")) < 15
