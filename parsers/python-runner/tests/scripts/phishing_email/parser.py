"""Mail reported by users: headers, links and attachments' hashes."""
import email
import email.policy
import hashlib
import re
from email.header import decode_header, make_header
from email.utils import parseaddr, getaddresses, parsedate_to_datetime
from html.parser import HTMLParser

LINK = re.compile(r"https?://[^\s<>\"']+")


class Links(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.links, self.text = [], []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            href = dict(attrs).get("href")
            if href:
                self.links.append(href)

    def handle_data(self, data):
        if data.strip():
            self.text.append(data.strip())


def header(message, name):
    value = message.get(name)
    return str(make_header(decode_header(value))) if value else None


def attachments(message):
    for part in message.walk():
        if part.is_multipart() or part.get_content_disposition() != "attachment":
            continue
        data = part.get_payload(decode=True) or b""
        yield {
            "fileName": str(make_header(decode_header(part.get_filename() or "unnamed"))),
            "fileSize": len(data),
            "fileHashMd5": hashlib.md5(data).hexdigest(),
            "fileHashSha256": hashlib.sha256(data).hexdigest(),
            "mimeType": part.get_content_type(),
        }


def bodies(message):
    for part in message.walk():
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            charset = part.get_content_charset() or "utf-8"
            yield part.get_content_subtype(), part.get_payload(decode=True).decode(charset, "replace")


def parse_messages(topic, messages):
    out = []
    for m in messages:
        message = email.message_from_string(m["message"])
        urls, text = [], []
        for subtype, body in bodies(message):
            if subtype == "html":
                parser = Links()
                parser.feed(body)
                urls += parser.links
                text += parser.text
            else:
                urls += LINK.findall(body)
                text.append(body.strip())
        name, address = parseaddr(header(message, "From") or "")
        date = message.get("Date")
        artifacts = [{
            "name": "email",
            "cef": {
                "fromEmail": address,
                "fromName": name,
                "toEmail": [a for _, a in getaddresses(message.get_all("To", []))],
                "subject": header(message, "Subject"),
                "bodyText": " ".join(text)[:400],
            },
        }]
        artifacts += [{"name": "link", "cef": {"requestURL": u}} for u in dict.fromkeys(urls)]
        artifacts += [{"name": "attachment", "cef": a} for a in attachments(message)]
        out.append({
            "container": {
                "name": "Phishing? %s" % (header(message, "Subject") or "(no subject)"),
                "start_time": parsedate_to_datetime(date).isoformat() if date else None,
            },
            "artifacts": artifacts,
        })
    return out
