# expect: no_container.py: in what parse_messages() returned, item 0: 'container' is missing (it has 'name', 'artifacts')
def parse_messages(topic, messages):
    return [{"name": topic, "artifacts": []}]
