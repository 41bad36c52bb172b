# expect: python_2.py: it isn't valid Python: | line 3 | Missing parentheses in call to 'print'
def parse_messages(topic, messages):
    print "got", len(messages)
    return []
