# expect: Got an exception in call to starts_thread.py: can't start new thread | RuntimeError
import threading


def parse_messages(topic, messages):
    threading.Thread(target=print).start()
