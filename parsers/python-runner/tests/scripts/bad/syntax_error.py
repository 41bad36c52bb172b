# expect: syntax_error.py: it isn't valid Python: | line 6 | return results) | SyntaxError: unmatched ')'
import json

def parse_messages(topic, messages):
    results = [json.loads(m["message"]) for m in messages]
    return results)
