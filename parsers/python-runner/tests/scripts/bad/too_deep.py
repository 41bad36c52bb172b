# expect: too_deep.py: in what parse_messages() returned, item 0: container.data.next.next | is nested more than 100 deep
def parse_messages(topic, messages):
    data = {}
    for _ in range(5000):
        data = {"next": data}
    return [{"container": {"data": data}, "artifacts": []}]
