# expect: soars_own_import.py, line 2: No module named 'phantom' | without SOAR's own modules
import phantom.rules as phantom


def parse_messages(topic, messages):
    return []
