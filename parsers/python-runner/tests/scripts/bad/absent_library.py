# expect: absent_library.py, line 2: No module named 'ctypes' | needs what a sandbox doesn't have
import ctypes


def parse_messages(topic, messages):
    return []
