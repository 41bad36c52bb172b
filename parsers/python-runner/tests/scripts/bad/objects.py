# expect: objects.py: in what parse_messages() returned, item 0: container.event is an Event, which JSON doesn't have
class Event:
    pass


def parse_messages(topic, messages):
    return [{"container": {"event": Event()}, "artifacts": []}]
