# expect: datetimes.py: in what parse_messages() returned, item 0: container.start_time is a datetime, which JSON doesn't have: str(...) or .isoformat()
import datetime


def parse_messages(topic, messages):
    return [{"container": {"start_time": datetime.datetime(2026, 11, 28)}, "artifacts": []}]
