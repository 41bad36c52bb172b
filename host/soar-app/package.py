"""Builds the packages that SOAR installs: `package.py base|sdk --binary PATH --output FOLDER`.

base needs nothing but Python. sdk runs Splunk's own `soarapps package build`, which needs
splunk-soar-sdk, uv and a package index, and adds the binary as a wheel: that tool leaves out of a
package whatever isn't Python.
"""

import argparse
import base64
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHARED = [HERE / "relay.py", HERE / "logo.svg", HERE / "logo_dark.svg", ROOT / "LICENSE"]
WHEEL = "kafka_soar_binary"
# The oldest date that a zip can hold: the same input makes the same package.
EPOCH = (1980, 1, 1, 0, 0, 0)


def version():
    return json.loads((HERE / "base/kafka.json").read_text())["app_version"]


def stripped(binary, folder):
    """A copy of the binary without what only a debugger reads."""
    copy = folder / "kafka-soar"
    shutil.copy(binary, copy)
    copy.chmod(0o755)
    if shutil.which("strip"):
        subprocess.run(["strip", copy], check=True)
    return copy


def entry(name, data, mode=0o644):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode
    return info, io.BytesIO(data)


def write_tarball(path, entries):
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 6, file, 0) as packed:
        with tarfile.open(fileobj=packed, mode="w") as tarball:
            for info, data in entries:
                tarball.addfile(info, data)


def base(binary, output, notice):
    folder = "phantom_kafka"
    files = [HERE / "base/kafka.json", HERE / "base/connector.py", *SHARED, notice]
    files += sorted((HERE / "release_notes").iterdir())
    entries = [entry(f"{folder}/__init__.py", b"")]
    for path in files:
        name = path.name if path.parent.name != "release_notes" else f"release_notes/{path.name}"
        entries.append(entry(f"{folder}/{name}", path.read_bytes()))
    entries.append(entry(f"{folder}/kafka-soar", binary.read_bytes(), 0o755))
    path = output / f"kafka-soar-base-{version()}.tar.gz"
    write_tarball(path, entries)
    return path


def platform(binary):
    """The oldest platform that the binary runs on, in words of PEP 600."""
    names = set(re.findall(rb"GLIBC_2\.(\d+)", binary.read_bytes()))
    minor = max([17, *map(int, names)])
    return f"manylinux_2_{minor}_x86_64"


def wheel(binary, folder):
    tag = f"py3-none-{platform(binary)}"
    info = f"{WHEEL}-{version()}.dist-info"
    files = {
        f"{WHEEL}/__init__.py": (b'"""The binary of kafka-soar, as package data."""\n', 0o644),
        f"{WHEEL}/kafka-soar": (binary.read_bytes(), 0o755),
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {WHEEL}\nVersion: {version()}\nLicense: Apache-2.0\n".encode(),
            0o644,
        ),
        f"{info}/WHEEL": (
            f"Wheel-Version: 1.0\nGenerator: kafka-soar\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
            0o644,
        ),
    }
    record = ""
    for name, (data, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(data)}\n"
    files[f"{info}/RECORD"] = (f"{record}{info}/RECORD,,\n".encode(), 0o644)
    path = folder / f"{WHEEL}-{version()}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, (data, mode) in files.items():
            one = zipfile.ZipInfo(name, EPOCH)
            one.external_attr = (0o100000 | mode) << 16
            one.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(one, data)
    return path


def lay_out(project):
    """The SDK app as its tools want to see it."""
    shutil.copytree(HERE / "sdk", project, ignore=shutil.ignore_patterns("__pycache__"))
    (project / "src/__init__.py").touch()
    for name in ("relay.py", "fields.py"):
        shutil.copy(HERE / name, project / "src")
    for path in SHARED[1:]:
        shutil.copy(path, project)
    shutil.copytree(HERE / "release_notes", project / "release_notes")


# `soarapps package build`, but for a few connections at a time, and another try for those that fail:
# its way is to open all at once and to give each ten seconds.
BUILD = """
import asyncio, pathlib, sys
import httpx
from soar_sdk.cli.package import cli
from soar_sdk.meta.dependencies import sources

gate = None
fetch = sources.UvWheel.fetch

async def patient(self):
    global gate
    gate = gate or asyncio.Semaphore(3)
    for left in reversed(range(6)):
        try:
            async with gate:
                return await fetch(self)
        except httpx.TransportError:
            if not left:
                raise

sources.UvWheel.fetch = patient
cli.build(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), None)
"""


def sdk(binary, output, notice):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        project, built = folder / "kafka_soar_app", folder / "built.tgz"
        lay_out(project)
        shutil.copy(notice, project / "NOTICE")
        packed = wheel(binary, folder)
        environment = dict(os.environ, UV_PYTHON=sys.executable, UV_PYTHON_DOWNLOADS="never")
        subprocess.run(["uv", "lock", "--quiet"], cwd=project, env=environment, check=True)
        # The app is imported for its manifest, and itself imports what is in the wheel.
        environment["PYTHONPATH"] = str(packed)
        subprocess.run([sys.executable, "-c", BUILD, project, built], env=environment, check=True)
        path = output / f"kafka-soar-sdk-{version()}.tar.gz"
        with tarfile.open(built) as tarball:
            write_tarball(path, with_wheel(tarball, packed))
    return path


def with_wheel(tarball, packed):
    for info in tarball:
        data = tarball.extractfile(info).read() if info.isfile() else b""
        top = info.name.split("/")[0]
        if info.name == f"{top}/manifest.json":
            manifest = json.loads(data)
            place = f"wheels/shared/{packed.name}"
            ours = {"module": WHEEL, "input_file": place}
            manifest["pip313_dependencies"]["wheel"].append(ours)
            yield entry(f"{top}/{place}", packed.read_bytes())
            data = json.dumps(manifest, indent=4).encode()
            info.size = len(data)
        yield info, io.BytesIO(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("app", choices=["base", "sdk"])
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--notice", type=pathlib.Path, required=True, help="licence notices of what the binary has in it")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        binary = stripped(arguments.binary, pathlib.Path(folder))
        build = {"base": base, "sdk": sdk}[arguments.app]
        path = build(binary, arguments.output.resolve(), arguments.notice)
    print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")


main()
