import xml.etree.ElementTree as ET

NS = {"e": "http://schemas.microsoft.com/win/2004/08/events/event"}
LOGON_TYPES = {"2": "Interactive", "3": "Network", "5": "Service", "10": "RemoteInteractive"}
INTERESTING = {4624: "Logon", 4625: "Failed logon", 4688: "Process created", 4720: "Account created", 1102: "Log cleared"}


class WindowsEvent(object):
    def __init__(self, root):
        system = root.find("e:System", NS)
        self.id = int(system.findtext("e:EventID", namespaces=NS))
        self.computer = system.findtext("e:Computer", default="?", namespaces=NS)
        created = system.find("e:TimeCreated", NS)
        self.time = created.get("SystemTime") if created is not None else None
        self.record = system.findtext("e:EventRecordID", namespaces=NS)
        self.data = {}
        for number, data in enumerate(root.iterfind("e:EventData/e:Data", NS)):
            self.data[data.get("Name") or "Data%d" % number] = (data.text or "").strip()
        user = root.find("e:UserData", NS)
        if user is not None:
            for element in user.iter():
                if len(element) == 0 and element.text:
                    self.data[element.tag.split("}")[-1]] = element.text.strip()

    @property
    def name(self):
        return INTERESTING.get(self.id, "Event %d" % self.id)

    def cef(self):
        cef = {k: v for k, v in self.data.items() if v and v != "-"}
        if "LogonType" in cef:
            cef["LogonTypeName"] = LOGON_TYPES.get(cef["LogonType"], "Other")
        return cef


def parse_messages(topic, messages):
    out = []
    for m in messages:
        try:
            event = WindowsEvent(ET.fromstring(m["message"]))
        except ET.ParseError as e:
            out.append({
                "container": {"name": "Damaged Windows event", "data": {"position": list(e.position)}},
                "artifacts": [],
            })
            continue
        out.append({
            "container": {"name": "%s on %s" % (event.name, event.computer), "start_time": event.time,
                          "source_data_identifier": event.record},
            "artifacts": [{"name": event.name, "cef": event.cef(), "label": "windows"}],
        })
    return out
