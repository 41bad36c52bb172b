# expect: Got an exception in call to import_when_called.py: No module named 'yaml' | line 3, in parse_messages | --requirement yaml
def parse_messages(topic, messages):
    import yaml
    return [yaml.safe_load(m["message"]) for m in messages]
