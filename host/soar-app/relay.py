"""Relays one action between SOAR and kafka-soar, which does all the work (docs/protocol.md)."""

import json
import os
import stat
import subprocess

PROTOCOL = 1
# Artifacts of one call to save_artifacts.
BATCH = 500


def program(folder):
    """The binary in a folder of this package; unpacking may have lost the right to run it."""
    path = os.path.join(folder, "kafka-soar")
    if not os.access(path, os.X_OK):
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR | stat.S_IXGRP)
    return path


def run(binary, soar, action, config, parameters, poll_now=None):
    """Runs an action; its result line as a dict.

    soar does what SOAR does: progress(text), load_state(), save_state(state), folder(),
    asset_id(), save_container(container), save_artifacts(artifacts), artifacts_of(container_id).
    """
    folder = soar.folder()
    request = {
        "protocol": PROTOCOL,
        "action": action,
        "config": config,
        "parameters": parameters,
        "state": soar.load_state() or None,
        "quarantine": os.path.join(folder, "{}_quarantine.ndjson".format(soar.asset_id())),
    }
    if poll_now is not None:
        request["poll_now"] = poll_now
    os.makedirs(folder, exist_ok=True)
    environment = dict(os.environ)
    environment.setdefault("KAFKA_SOAR_CACHE_DIR", os.path.join(folder, "kafka-soar-parsers"))
    # Its remarks go where SOAR keeps what an app writes: the spawn log.
    process = subprocess.Popen(
        [binary, "action"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )
    try:
        _write(process, request)
        for line in process.stdout:
            line = json.loads(line)
            kind = line["type"]
            if kind == "progress":
                soar.progress(line["text"])
            elif kind == "result":
                return line
            else:
                _acknowledge(process, line["id"], _save(soar, kind, line))
    finally:
        # Without a reader it stops, and keeps no more than was acknowledged.
        for pipe in (process.stdin, process.stdout):
            try:
                pipe.close()
            except OSError:
                pass
        code = process.wait()
    raise RuntimeError(
        "kafka-soar ended without a result (exit code {}); its last words are in the spawn log. "
        "The next poll goes on from the last saved state".format(code)
    )


def _write(process, line):
    process.stdin.write(json.dumps(line).encode() + b"\n")
    process.stdin.flush()


def _acknowledge(process, number, failure):
    answer = {"ack": number}
    if failure is not None:
        answer["failed"] = failure
    try:
        _write(process, answer)
    except BrokenPipeError:
        pass  # It ended; what it said before that is still to be read.


def _save(soar, kind, line):
    """Has SOAR save what a line holds; what went wrong, or None."""
    try:
        if kind == "state":
            soar.save_state(line["state"])
            return None
        return _save_container(soar, line)
    except Exception as error:  # Whatever it is, it is told, and nothing is lost.
        return str(error) or type(error).__name__


def _save_container(soar, line):
    container, artifacts = line["container"], line["artifacts"]
    again = line.get("again", False)
    if artifacts and not again:
        # With its artifacts in one request a container is there whole, or not at all.
        container["artifacts"] = artifacts
    saved, message, container_id = soar.save_container(container)
    duplicate = "duplicate" in (message or "").lower() and container_id is not None
    if not saved and not duplicate:
        return message or "SOAR did not say why"
    if not duplicate and not again:
        return None
    if duplicate:
        there = soar.artifacts_of(container_id)
        artifacts = [a for a in artifacts if a.get("source_data_identifier") not in there]
    for artifact in artifacts:
        artifact["container_id"] = container_id
    for start in range(0, len(artifacts), BATCH):
        saved, message, _ = soar.save_artifacts(artifacts[start : start + BATCH])
        if not saved:
            return message or "SOAR did not say why"
    return None
