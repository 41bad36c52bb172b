# Logs as people do: a module's logger, an adapter, exceptions, prints.
import json
import logging
import sys
import warnings

logging.basicConfig(level=logging.DEBUG, format="%(levelname)s:%(name)s:%(message)s")
log = logging.getLogger("parser.demo")


class WithTopic(logging.LoggerAdapter):
    def process(self, msg, kwargs):
        return "[%s] %s" % (self.extra["topic"], msg), kwargs


class Counting(logging.Handler):
    def __init__(self):
        super().__init__(level=logging.WARNING)
        self.records = []

    def emit(self, record):
        self.records.append("%s %s" % (record.levelname, record.getMessage()))


counting = Counting()
log.addHandler(counting)


def parse_messages(topic, messages):
    adapter = WithTopic(log, {"topic": topic})
    adapter.info("%d messages", len(messages))
    out = []
    for m in messages:
        adapter.debug("offset %(offset)d", m)
        try:
            value = json.loads(m["message"])
            out.append({"container": {"name": value["name"]}, "artifacts": [{"name": "e", "cef": value}]})
        except KeyError:
            adapter.warning("no name at %d", m["offset"])
        except ValueError as e:
            adapter.exception("not JSON at %d", m["offset"])
            print("skipped:", m["message"][:20], file=sys.stderr)
        except TypeError:
            warnings.warn("odd value %s" % m["message"])
    print("done with", len(out), "of", len(messages), end="")
    if log.isEnabledFor(logging.DEBUG) and out:
        out[-1]["container"]["data"] = {"log": list(counting.records), "level": logging.getLevelName(log.getEffectiveLevel())}
    return out
