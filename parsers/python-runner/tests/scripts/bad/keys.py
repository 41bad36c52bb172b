# expect: keys.py: in what parse_messages() returned, item 0: container.flows has the key ('10.0.0.1', 443), a tuple: a key must be text
def parse_messages(topic, messages):
    return [{"container": {"flows": {("10.0.0.1", 443): 1}}, "artifacts": []}]
