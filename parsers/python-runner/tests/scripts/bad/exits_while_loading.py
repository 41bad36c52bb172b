# expect: exits_while_loading.py: got an exception while loading it: no arguments | SystemExit
import sys

if len(sys.argv) < 2:
    sys.exit("no arguments")


def parse_messages(topic, messages):
    return []
