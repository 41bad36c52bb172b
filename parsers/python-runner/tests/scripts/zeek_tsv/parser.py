# Zeek's tab-separated logs: the header tells the fields, and comes once, so it is kept in a global.
fields, types, path = [], [], None
separator = "\t"
unset, empty = "-", "(empty)"

CONVERT = {
    "count": int, "int": int, "port": int,
    "interval": float, "double": float, "time": float,
    "bool": lambda text: text == "T",
}


def header(line):
    global fields, types, path, separator, unset, empty
    name, _, rest = line[1:].partition(" " if line.startswith("#separator") else separator)
    if name == "separator":
        separator = rest.encode("ascii").decode("unicode_escape")
    elif name == "fields":
        fields = rest.split(separator)
    elif name == "types":
        types = rest.split(separator)
    elif name == "path":
        path = rest
    elif name == "unset_field":
        unset = rest
    elif name == "empty_field":
        empty = rest


def convert(kind, text):
    if text == unset:
        return None
    if text == empty:
        return []
    if kind.startswith(("set[", "vector[")):
        inner = kind[kind.index("[") + 1:-1]
        return [convert(inner, item) for item in text.split(",")]
    return CONVERT.get(kind, str)(text)


def parse_messages(topic, messages):
    artifacts = []
    for m in messages:
        line = m["message"].rstrip("\r\n")
        if line.startswith("#"):
            header(line)
            continue
        values = line.split(separator)
        if len(values) != len(fields):
            artifacts.append({"name": "damaged", "cef": {"got": len(values), "wanted": len(fields)}})
            continue
        record = {f: convert(t, v) for f, t, v in zip(fields, types, values)}
        artifacts.append({"name": "zeek " + str(path), "cef": {k: v for k, v in record.items() if v is not None}})
    if not artifacts:
        return []
    return [{"container": {"name": "Zeek %s" % path, "data": {"fields": fields}}, "artifacts": artifacts}]
