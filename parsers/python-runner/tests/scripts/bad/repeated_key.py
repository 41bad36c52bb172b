# invalid: a field that stands twice
def parse_messages(topic, messages):
    return [{"container": {"data": {1: "a", "1": "b"}}, "artifacts": []}]
