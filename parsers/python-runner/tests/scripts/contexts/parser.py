import contextlib
import io
import json

depth = 0


@contextlib.contextmanager
def section(report, title):
    global depth
    report.write("  " * depth + title + "\n")
    depth += 1
    try:
        yield depth
    except ZeroDivisionError as e:
        report.write("  " * depth + "! " + str(e) + "\n")
    finally:
        depth -= 1


class Transaction:
    def __init__(self, target):
        self.target, self.pending = target, []

    def __enter__(self):
        return self.pending.append

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self.target.extend(self.pending)
        return kind is not None and issubclass(kind, (KeyError, IndexError))


def parse_messages(topic, messages):
    artifacts, report = [], io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.callback(report.write, "end\n")
        stack.enter_context(section(report, "topic " + topic))
        for m in messages:
            with section(report, "offset %d" % m["offset"]) as level, Transaction(artifacts) as add:
                event = None
                with contextlib.suppress(ValueError):
                    event = json.loads(m["message"])
                if event is None:
                    continue
                add({"name": event["name"], "cef": {"ratio": event["a"] / event["b"], "level": level}})
                add({"name": event["names"][1], "cef": {}})
        captured = io.StringIO()
        with contextlib.redirect_stdout(captured):
            print("captured", len(artifacts))
    return [{"container": {"name": captured.getvalue().strip(), "description": report.getvalue()}, "artifacts": artifacts}]
