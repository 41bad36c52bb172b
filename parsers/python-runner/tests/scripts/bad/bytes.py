# expect: bytes.py: in what parse_messages() returned, item 0: artifacts[0].cef.payload is bytes, which JSON doesn't have: decode it, or base64
def parse_messages(topic, messages):
    cef = {"payload": messages[0]["message"].encode()}
    return [{"container": {"name": topic}, "artifacts": [{"name": "one", "cef": cef}]}]
