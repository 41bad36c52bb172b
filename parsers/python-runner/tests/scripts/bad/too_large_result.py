# limit: output
def parse_messages(topic, messages):
    return [{"container": {"name": "x"}, "artifacts": [{"cef": {"text": "x" * 1_000_000}}] * 100}]
