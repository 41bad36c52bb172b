import json


def parse_messages(topic, messages):
    return [{"container": {"name": topic}, "artifacts": [json.loads(m["message"]) for m in messages]}]
