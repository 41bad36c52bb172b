# invalid: more than 100 objects and lists inside one another
def parse_messages(topic, messages):
    data = {}
    for _ in range(200):
        data = {"next": data}
    return [{"container": {"data": data}, "artifacts": []}]
