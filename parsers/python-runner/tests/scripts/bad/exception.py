# expect: Got an exception in call to exception.py: 'usr' | line 6, in one | return event["usr"] | KeyError: 'usr'
import json


def one(event):
    return event["usr"]


def parse_messages(topic, messages):
    return [{"container": {"name": one({"user": m["message"]})}, "artifacts": []} for m in messages]
