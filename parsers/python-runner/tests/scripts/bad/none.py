# expect: none.py: parse_messages() must return a list of dicts; it returned None: is there a `return` on every path?
def parse_messages(topic, messages):
    results = []
    for m in messages:
        results.append({"container": {"name": m["message"]}, "artifacts": []})
