# expect: Got an exception in call to asks.py: EOF when reading a line | EOFError
def parse_messages(topic, messages):
    return [{"container": {"name": input("name? ")}, "artifacts": []}]
