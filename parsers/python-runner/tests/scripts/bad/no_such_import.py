# expect: no_such_import.py, line 3: No module named 'requests' | `kafka-soar parser build no_such_import.py --requirement requests`
import json
import requests


def parse_messages(topic, messages):
    return []
