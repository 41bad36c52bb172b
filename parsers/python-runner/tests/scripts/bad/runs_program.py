# expect: Got an exception in call to runs_program.py: [Errno 58] wasi does not support processes. | OSError
import subprocess


def parse_messages(topic, messages):
    return subprocess.check_output(["id"])
