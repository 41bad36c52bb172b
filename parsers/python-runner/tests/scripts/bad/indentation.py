# expect: indentation.py: it isn't valid Python: | line 4 | IndentationError: expected an indented block
def parse_messages(topic, messages):
    for m in messages:
    print(m)
    return []
