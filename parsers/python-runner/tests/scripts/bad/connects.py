# expect: Got an exception in call to connects.py: | line 6, in parse_messages | URLError
import urllib.request


def parse_messages(topic, messages):
    urllib.request.urlopen("http://localhost:8080/")
