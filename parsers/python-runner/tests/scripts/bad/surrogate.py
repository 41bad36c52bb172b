# expect: surrogate.py: in what parse_messages() returned, item 0: container.name has half a surrogate pair, '\udcff' at position 1
def parse_messages(topic, messages):
    return [{"container": {"name": b"a\xff".decode("utf-8", "surrogateescape")}, "artifacts": []}]
