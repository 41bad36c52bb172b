# expect: Got an exception in call to exits.py: 3 | line 6, in parse_messages | SystemExit: 3
import sys


def parse_messages(topic, messages):
    sys.exit(3)
