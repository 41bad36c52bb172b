# expect: Got an exception in call to recursion_in_c.py: maximum recursion depth exceeded | line 4, in __str__ | RecursionError
class Event:
    def __str__(self):
        return "event %s" % self


def parse_messages(topic, messages):
    return [{"container": {"name": str(Event())}, "artifacts": []}]
