# expect: Got an exception in call to unbounded_recursion.py: maximum recursion depth exceeded | line 3, in walk | RecursionError
def walk(node):
    return [walk(child) for child in node["children"]]


def parse_messages(topic, messages):
    node = {"children": []}
    node["children"].append(node)
    return walk(node)
