# limit: stack
def parse_messages(topic, messages):
    data = {}
    for _ in range(300_000):
        data = {"next": data}
    return [{"container": {"data": data}, "artifacts": []}]
