# expect: generator.py: parse_messages() must return a list of dicts; it returned a generator: return list(...) of it
def parse_messages(topic, messages):
    for m in messages:
        yield {"container": {"name": m["message"]}, "artifacts": []}
