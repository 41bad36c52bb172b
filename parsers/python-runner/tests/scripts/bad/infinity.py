# expect: infinity.py: in what parse_messages() returned, item 0: container.score is inf, which JSON doesn't have
def parse_messages(topic, messages):
    return [{"container": {"score": 1e308 * 10}, "artifacts": []}]
