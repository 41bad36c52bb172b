# expect: one_argument.py: parse_messages() should take exactly 2 arguments, takes 1 instead
def parse_messages(messages):
    return []
