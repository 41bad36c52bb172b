# expect: three_arguments.py: parse_messages() should take exactly 2 arguments, takes 3 instead
def parse_messages(topic, messages, settings):
    return []
