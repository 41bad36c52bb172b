import json
import string
import textwrap

SUBJECT = string.Template("[$severity] ${rule} on $host")
BODY = """\
    Rule:      $rule
    Host:      $host ($owner)
    Details:
    $details

    Costs: $$$cost
"""


class Shouting(string.Formatter):
    """{0!u} is upper case; missing fields are marked."""

    def convert_field(self, value, conversion):
        if conversion == "u":
            return str(value).upper()
        return super().convert_field(value, conversion)

    def get_value(self, key, args, kwargs):
        if isinstance(key, str):
            return kwargs.get(key, "<" + key + "?>")
        return super().get_value(key, args, kwargs)


class Percent(string.Template):
    delimiter = "%"
    idpattern = r"[a-z]+(?:\.[a-z]+)*"


def parse_messages(topic, messages):
    out = []
    for m in messages:
        event = json.loads(m["message"])
        details = textwrap.indent(textwrap.fill(event.get("details", ""), width=40, initial_indent="- ", subsequent_indent="  "), "    ")
        body = string.Template(textwrap.dedent(BODY)).safe_substitute(event, details=details)
        try:
            subject = SUBJECT.substitute(event)
        except KeyError as e:
            subject = "incomplete: " + e.args[0]
        out.append({
            "container": {"name": subject, "description": body},
            "artifacts": [{
                "name": textwrap.shorten(event.get("details") or "-", width=24, placeholder="…"),
                "cef": {
                    "line": Shouting().format("{severity!u:>8}|{host:*^9}|{missing}|{0:05d}", m["offset"], **event),
                    "percent": Percent("%host and %{rule} 100%%").safe_substitute(event),
                    "old": "%(host)-8s|%(severity)r|" % {"host": event.get("host"), "severity": event.get("severity")} + "%5.1f%%" % 12.345,
                    "fstring": f"{event.get('host', '?')!r:>10} {len(body):#x} {0.1 + 0.2:.3e} {1234567.891:,.2f}",
                    "words": string.capwords(event.get("rule", "")),
                },
            }],
        })
    return out
