# limit: time
def parse_messages(topic, messages):
    while True:
        pass
