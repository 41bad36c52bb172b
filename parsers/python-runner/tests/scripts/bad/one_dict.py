# expect: one_dict.py: parse_messages() must return a list of dicts; it returned a dict: return a list of it
def parse_messages(topic, messages):
    return {"container": {"name": topic}, "artifacts": []}
