# expect: circular.py: in what parse_messages() returned, item 0: container.data.container contains itself
def parse_messages(topic, messages):
    item = {"container": {"name": topic}, "artifacts": [{"name": "one"}]}
    item["artifacts"][0]["data"] = {"container": item["container"]}
    item["container"]["data"] = item["artifacts"][0]["data"]
    return [item]
