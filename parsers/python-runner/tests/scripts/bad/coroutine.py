# expect: coroutine.py: parse_messages() must not be `async`
async def parse_messages(topic, messages):
    return []
