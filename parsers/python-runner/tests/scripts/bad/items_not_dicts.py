# expect: items_not_dicts.py: in what parse_messages() returned, item 0 must be a dict with 'container' and 'artifacts', is a tuple
def parse_messages(topic, messages):
    return [({"name": topic}, [])]
