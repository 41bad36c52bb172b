"""Writes the licence notices of all that is compiled into the binary: `notices.py > NOTICE`."""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TEXT = re.compile(r"(licen[cs]e|copying|notice|copyright)", re.I)
# C libraries that crates carry and compile in.
CARRIED = ["librdkafka", "zstd", "sqlite3", "c_src/mimalloc"]


def crates():
    """The packages that the program depends on, not its tests' or its build scripts'."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    command += ["--filter-platform", "x86_64-unknown-linux-gnu"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    (start,) = (i for i, p in packages.items() if p["name"] == "kafka-soar" and p["source"] is None)
    found, queue = set(), [start]
    while queue:
        node = queue.pop()
        if node in found:
            continue
        found.add(node)
        for dependency in nodes[node]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                queue.append(dependency["pkg"])
    foreign = (packages[one] for one in found if packages[one]["source"])
    return sorted(foreign, key=lambda package: (package["name"], package["version"]))


def texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    for place in [folder, *(folder / name for name in CARRIED)]:
        if place.is_dir():
            for path in sorted(place.iterdir()):
                if path.is_file() and TEXT.match(path.name) and path.suffix not in (".rs", ".c", ".h"):
                    yield path.read_text(errors="replace").strip()


def main():
    users, lacking = {}, []
    for package in crates():
        name = f"{package['name']} {package['version']} ({package['license']})"
        found = list(texts(package))
        for text in found:
            users.setdefault(text, []).append(name)
        if not found:
            lacking.append(name)
    print("kafka-soar contains the software below, under the licences that follow each list.\n")
    for text, names in sorted(users.items(), key=lambda item: item[1]):
        print("=" * 80, *sorted(set(names)), "", text, "", sep="\n")
    print("=" * 80, "These come without a text of their licence, which is the one named:", *lacking, sep="\n")
    print(f"{len(users)} texts, {len(lacking)} without", file=sys.stderr)


main()
