# limit: memory
def parse_messages(topic, messages):
    kept = []
    while True:
        kept.append("x" * 1_000_000)
