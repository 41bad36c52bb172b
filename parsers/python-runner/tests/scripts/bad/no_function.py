# expect: no_function.py: it defines no parse_messages(): write `def parse_messages(topic, messages):`
def parse_message(topic, messages):
    return []
