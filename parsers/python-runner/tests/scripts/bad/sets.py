# expect: sets.py: in what parse_messages() returned, item 0: container.tags is a set, which JSON doesn't have: sorted(...)
def parse_messages(topic, messages):
    return [{"container": {"name": topic, "tags": {"a", "b"}}, "artifacts": []}]
