"""Executes scripts written to `parse_messages(topic, messages)`.

Nothing in here knows of WebAssembly: `app.py` binds it to the component's world, and the tests run
it in an ordinary Python.
"""
