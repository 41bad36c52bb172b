import io
import xml.sax
import xml.sax.handler
from xml.dom import minidom
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr


class Indicators(xml.sax.handler.ContentHandler):
    def __init__(self):
        super().__init__()
        self.path, self.text, self.found = [], [], []

    def startElement(self, name, attrs):
        self.path.append(name)
        self.text = []
        if "type" in attrs:
            self.found.append({"type": attrs["type"], "path": "/".join(self.path)})

    def characters(self, content):
        self.text.append(content)

    def endElement(self, name):
        text = "".join(self.text).strip()
        if text and self.found:
            self.found[-1].setdefault("values", []).append(text)
        self.path.pop()
        self.text = []


def pretty(text):
    return minidom.parseString(text.encode("utf-8")).documentElement.toxml()


def events(text):
    return [event + ":" + element.tag for event, element in ElementTree.iterparse(io.BytesIO(text.encode()), events=("start", "end"))]


def rebuilt(found):
    root = ElementTree.Element("indicators", count=str(len(found)))
    for f in found:
        child = ElementTree.SubElement(root, "indicator", {"type": f["type"]})
        child.text = ", ".join(f.get("values", []))
        child.tail = "\n"
    return ElementTree.tostring(root, encoding="unicode")


def parse_messages(topic, messages):
    out = []
    for m in messages:
        handler = Indicators()
        try:
            xml.sax.parseString(m["message"].encode("utf-8"), handler)
        except xml.sax.SAXParseException as e:
            out.append({"container": {"name": "damaged", "data": {"line": e.getLineNumber(), "column": e.getColumnNumber(), "why": e.getMessage()}},
                        "artifacts": [{"name": "raw", "cef": {"text": escape(m["message"], {"'": "&apos;"}), "attribute": quoteattr(m["message"][:12])}}]})
            continue
        out.append({
            "container": {"name": "%d indicators" % len(handler.found), "description": pretty(m["message"]), "data": {"rebuilt": rebuilt(handler.found), "events": events(m["message"])}},
            "artifacts": [{"name": f["type"], "cef": f} for f in handler.found],
        })
    return out
