import html
import quopri
import re
import unicodedata
from html.parser import HTMLParser


class Table(HTMLParser):
    """Rows of the alert's table; what is nested or broken doesn't matter."""

    def __init__(self):
        super().__init__()
        self.rows, self.cell, self.links = [], None, []

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = []
        elif tag == "a":
            self.links += [v for k, v in attrs if k == "href" and v]
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self.cell is not None and self.rows:
            self.rows[-1].append(re.sub(r"[ \t]+", " ", "".join(self.cell)).strip())
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell.append(data)


def slug(text):
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"\W+", "_", plain, flags=re.ASCII).strip("_").lower() or "field"


def defang(match):
    return match.group(0).replace("http", "hxxp", 1).replace(".", "[.]")


def parse_messages(topic, messages):
    out = []
    for m in messages:
        text = m["message"]
        if "=3D" in text:
            text = quopri.decodestring(text.encode()).decode("utf-8")
        table = Table()
        table.feed(text)
        table.close()
        fields = {slug(r[0]): r[1] for r in table.rows if len(r) >= 2}
        out.append({
            "container": {"name": fields.get("alert", "Alert"), "description": re.sub(r"https?://[^\s<\"]+", defang, html.unescape(text))[:200]},
            "artifacts": [{"name": "alert", "cef": fields}] + [{"name": "link", "cef": {"requestURL": l, "shown": html.escape(l, quote=True)}} for l in table.links],
        })
    return out
