# invalid: an integer of more than 64 bits
def parse_messages(topic, messages):
    return [{"container": {"number": 10**30}, "artifacts": []}]
