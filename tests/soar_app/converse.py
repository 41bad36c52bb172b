"""Holds the apps' relay to its part of transcripts: `converse.py <soar-app> <transcript>...`.

A program that says the host's lines stands in for the host; what the relay says, and what it has
SOAR do, is compared. Lines that no relay would say (`text`, a null) are for the host's tests only.
"""

import json
import os
import stat
import sys
import tempfile

HOST = """#!{python}
import json, sys
said = open(sys.argv[0] + ".said", "w")
for line in open(sys.argv[0] + ".lines"):
    line = json.loads(line)
    if "app" in line:
        said.write(sys.stdin.readline())
        said.flush()
    elif "host" in line:
        print(json.dumps(line["host"]), flush=True)
sys.exit(0)
"""


class Soar:
    """Does as the transcript's acknowledgements say that SOAR did."""

    def __init__(self, folder, request, failures):
        self.home, self.failures = folder, list(failures)
        self.state = request.get("state")
        self.said, self.containers = [], []
        self.progress = self.said.append

    def load_state(self):
        return self.state

    def folder(self):
        return self.home

    def asset_id(self):
        return "7"

    def save_state(self, state):
        failure = self.failures.pop(0)
        if failure:
            raise RuntimeError(failure)
        self.state = state

    def save_container(self, container):
        failure = self.failures.pop(0)
        self.containers.append(container)
        return (False, failure, None) if failure else (True, "saved", len(self.containers))


def check(relay, path):
    with open(path) as file:
        lines = [json.loads(line) for line in file]
    said = [line["app"] for line in lines if "app" in line]
    if not all(isinstance(one, dict) for one in said) or said[0].get("protocol") != relay.PROTOCOL:
        return False
    if any(set(one) - {"ack", "failed"} for one in said[1:]) or {"ack": 99} in said:
        return False
    request, acks = said[0], said[1:]
    with tempfile.TemporaryDirectory() as folder:
        host = os.path.join(folder, "kafka-soar")
        with open(host, "w") as file:
            file.write(HOST.format(python=sys.executable))
        os.chmod(host, stat.S_IRWXU)
        with open(host + ".lines", "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
        soar = Soar(folder, request, [ack.get("failed") for ack in acks])
        poll_now = request.get("poll_now")
        parameters = request.get("parameters", {})
        result = relay.run(host, soar, request["action"], request["config"], parameters, poll_now)
        with open(host + ".said") as file:
            found = [json.loads(line) for line in file]
    assert result == lines[-1]["host"] or result == [x["host"] for x in lines if "host" in x][-1], result
    for field, value in request.items():
        assert found[0][field] == value or (not value and not found[0][field]), (field, found[0])
    assert found[1:] == acks, (found[1:], acks)
    wanted = [x["host"]["text"] for x in lines if x.get("host", {}).get("type") == "progress"]
    assert soar.said == wanted, soar.said
    containers = [x["host"] for x in lines if x.get("host", {}).get("type") == "container"]
    for line, container in zip(containers, soar.containers):
        assert container == dict(line["container"], artifacts=line["artifacts"]), container
    assert len(containers) == len(soar.containers)
    return True


def main():
    sys.path.insert(0, sys.argv[1])
    import relay

    for path in sys.argv[2:]:
        try:
            if check(relay, path):
                print("ok", os.path.basename(path))
        except Exception:
            print("FAILED", path)
            raise


main()
