"""A parser in Python that reaches for everything outside of it. The first message's value names
what it reaches for, and an argument behind a space; it refuses the batch with what it saw."""

import importlib
import json
import os
import random
import secrets
import socket
import sys
import threading
import time
import uuid

from componentize_py_types import Err
from wit_world import exports


def read_file(_):
    return open("/etc/passwd").read()


def write_file(_):
    return open("/tmp/kafka-soar-was-here", "w").write("x")


def list_directory(_):
    return os.listdir("/")


def list_working_directory(_):
    return os.listdir(".")


def make_directory(_):
    return os.mkdir("kafka-soar-was-here")


def environment(_):
    return dict(os.environ)


def arguments(_):
    return sys.argv


def connect(_):
    return socket.create_connection(("127.0.0.1", 9092), timeout=1)


def resolve(_):
    return socket.getaddrinfo("localhost", 80)


def run_process(_):
    return importlib.import_module("subprocess").run(["/bin/sh", "-c", "id"])


def system(_):
    return os.system("id")


def fork(_):
    return os.fork()


def foreign_code(_):
    return importlib.import_module("ctypes").CDLL(None)


def start_thread(_):
    threading.Thread(target=print).start()


def wall_clock(_):
    first = time.time()
    sum(range(200_000))
    return [first, time.time(), time.time_ns()]


def timer(_):
    first = time.perf_counter_ns()
    sum(range(200_000))
    return [time.perf_counter_ns() - first, time.monotonic_ns() - time.monotonic_ns()]


def sleep(_):
    first = time.monotonic()
    time.sleep(3600)
    return time.monotonic() - first


def random_numbers(_):
    return [random.random(), secrets.token_hex(8), str(uuid.uuid4()), os.urandom(8).hex()]


def hash_order(_):
    """Sets of strings come in an order that follows from a secret seed."""
    return list({f"word {number}" for number in range(12)})


def recursion(_):
    return recursion(_)


def recursion_unchecked(_):
    """As deep as the interpreter's own stack, which its limit usually saves from being reached."""
    sys.setrecursionlimit(1_000_000_000)
    nested = []
    for _ in range(1_000_000):
        nested = [nested]
    return repr(nested)


def memory(_):
    kept = []
    while True:
        kept.append(bytes(1 << 20))


def loop(_):
    while True:
        pass


def evaluate(text):
    """The worst that a parser can do with a message: run it."""
    return eval(text)


def missing_module(_):
    return importlib.import_module("sqlite3")


def leave(_):
    sys.exit(3)


def leave_at_once(_):
    os._exit(3)


def kill_itself(_):
    return os.kill(os.getpid(), 9)


def flood_output(_):
    for _ in range(2_000):
        sys.stdout.write("\x1b[2J\x1b]0;flooded\x07" * 2_000)
        sys.stderr.write("\x1b[2J\x1b]0;flooded\x07" * 2_000)
    sys.stdout.flush()
    return "done"


def standard_input(_):
    return sys.stdin.read()


# What can be asked for. `tests/build.rs` reads this table.
COMMANDS = {
    "read-file": read_file,
    "write-file": write_file,
    "list-directory": list_directory,
    "list-working-directory": list_working_directory,
    "make-directory": make_directory,
    "environment": environment,
    "arguments": arguments,
    "connect": connect,
    "resolve": resolve,
    "run-process": run_process,
    "system": system,
    "fork": fork,
    "foreign-code": foreign_code,
    "start-thread": start_thread,
    "wall-clock": wall_clock,
    "timer": timer,
    "sleep": sleep,
    "random-numbers": random_numbers,
    "hash-order": hash_order,
    "recursion": recursion,
    "recursion-unchecked": recursion_unchecked,
    "memory": memory,
    "loop": loop,
    "evaluate": evaluate,
    "missing-module": missing_module,
    "leave": leave,
    "leave-at-once": leave_at_once,
    "kill-itself": kill_itself,
    "flood-output": flood_output,
    "standard-input": standard_input,
}


class MessageParser(exports.MessageParser):
    def parse_messages(self, batch):
        asked = batch.values.bytes[: batch.values.ends[0]].decode()
        command, _, argument = asked.partition(" ")
        try:
            saw = json.dumps(COMMANDS[command](argument))
        except Exception as error:
            saw = f"{type(error).__name__}: {error}"
        raise Err(saw)
