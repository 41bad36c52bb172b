# expect: container_text.py: in what parse_messages() returned, item 0: 'container' must be a dict, is a str
def parse_messages(topic, messages):
    return [{"container": topic, "artifacts": []}]
