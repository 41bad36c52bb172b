"""A family of parsers that register themselves; the first that knows a line takes it."""
import abc
import functools
import json
import re


class LineParser(abc.ABC):
    registry = []
    order = 100

    def __init_subclass__(cls, order=100, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.order = order
        LineParser.registry.append(cls)
        LineParser.registry.sort(key=lambda c: (c.order, c.__name__))

    def __init__(self):
        self.handled = 0

    @abc.abstractmethod
    def match(self, line):
        ...

    @abc.abstractmethod
    def fields(self, matched):
        ...

    def name(self, fields):
        return type(self).__name__

    def __call__(self, line):
        matched = self.match(line)
        if not matched:
            return None
        self.handled += 1
        fields = self.fields(matched)
        return self.name(fields), fields


class JsonLine(LineParser, order=1):
    def match(self, line):
        try:
            value = json.loads(line)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    def fields(self, matched):
        return {str(k).lower(): v for k, v in matched.items()}

    def name(self, fields):
        return fields.get("event", super().name(fields))


class RegexLine(LineParser, abc.ABC):
    pattern = None

    def match(self, line):
        return self.pattern and self.pattern.search(line)

    def fields(self, matched):
        return {k: v for k, v in matched.groupdict().items() if v}


class Sudo(RegexLine, order=10):
    pattern = re.compile(r"sudo:\s+(?P<user>\S+) : (?:(?P<problem>[^;]+) ; )?TTY=(?P<tty>\S+) ; PWD=(?P<pwd>\S+) ; USER=(?P<target>\S+) ; COMMAND=(?P<command>.*)")

    def name(self, fields):
        return "sudo as %(target)s" % fields


class Kernel(RegexLine, order=20):
    pattern = re.compile(r"kernel: \[\s*(?P<uptime>[\d.]+)\] (?P<text>.*)")


class Anything(LineParser, order=999):
    def match(self, line):
        return line

    def fields(self, matched):
        return {"message": matched}


def limited(maximum):
    """Only so many artifacts of one parser in a container."""
    def decorate(function):
        @functools.wraps(function)
        def wrapper(topic, messages):
            for item in (items := function(topic, messages)):
                del item["artifacts"][maximum:]
            return items
        return wrapper
    return decorate


PARSERS = [cls() for cls in LineParser.registry if not getattr(cls, "__abstractmethods__", None) and cls is not RegexLine]


@limited(3)
def parse_messages(topic, messages):
    groups = {}
    for message in messages:
        name, fields = next(filter(None, (parser(message["message"]) for parser in PARSERS)), ("empty", {}))
        groups.setdefault(name, []).append({"name": name, "cef": fields})
    return [
        {
            "container": {"name": name, "data": {type(p).__name__: p.handled for p in PARSERS}},
            "artifacts": artifacts,
        }
        for name, artifacts in groups.items()
    ]
