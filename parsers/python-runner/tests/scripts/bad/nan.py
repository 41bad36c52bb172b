# expect: nan.py: in what parse_messages() returned, item 0: container.data['mean value'][1] is nan, which JSON doesn't have
def parse_messages(topic, messages):
    return [{"container": {"data": {"mean value": [0.5, float("nan")]}}, "artifacts": []}]
