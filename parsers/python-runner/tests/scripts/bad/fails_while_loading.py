# expect: fails_while_loading.py: got an exception while loading it: 'SOAR_HOME' | line 4, in <module> | KeyError
import os

HOME = os.environ["SOAR_HOME"]


def parse_messages(topic, messages):
    return []
