# expect: artifacts_dict.py: in what parse_messages() returned, item 0: 'artifacts' must be a list of dicts, is a dict
def parse_messages(topic, messages):
    return [{"container": {"name": topic}, "artifacts": {"name": "one"}}]
