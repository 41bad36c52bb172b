# expect: artifact_text.py: in what parse_messages() returned, item 0, artifacts[1] must be a dict, is a str
def parse_messages(topic, messages):
    return [{"container": {"name": topic}, "artifacts": [{"name": "one"}, "two"]}]
