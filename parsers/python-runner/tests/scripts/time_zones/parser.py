# Times in every notation, always told in UTC; nothing here looks at the clock or the local zone.
import calendar
import datetime as dt
import re
import time
from email.utils import format_datetime, parsedate_tz, mktime_tz

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
OFFSETS = {"CET": 1, "CEST": 2, "EST": -5, "JST": 9}


def windows_filetime(number):
    return EPOCH - dt.timedelta(days=134774) + dt.timedelta(microseconds=number // 10)


def read(text):
    text = text.strip()
    if re.fullmatch(r"\d{18}", text):
        return windows_filetime(int(text))
    if re.fullmatch(r"\d{10}(\.\d+)?", text):
        return EPOCH + dt.timedelta(seconds=float(text))
    if re.fullmatch(r"\d{13}", text):
        return dt.datetime.fromtimestamp(int(text) / 1000, dt.timezone.utc)
    named = re.fullmatch(r"(.*) (CES?T|EST|JST)", text)
    if named:
        zone = dt.timezone(dt.timedelta(hours=OFFSETS[named[2]]), named[2])
        return dt.datetime.strptime(named[1], "%d.%m.%Y %H:%M").replace(tzinfo=zone)
    mail = parsedate_tz(text)
    if mail and mail[9] is not None:
        return EPOCH + dt.timedelta(seconds=mktime_tz(mail))
    return dt.datetime.fromisoformat(text)


def parse_messages(topic, messages):
    artifacts = []
    for m in messages:
        try:
            when = read(m["message"])
        except ValueError:
            artifacts.append({"name": "no time", "cef": {"message": m["message"]}})
            continue
        utc = when.astimezone(dt.timezone.utc)
        artifacts.append({
            "name": utc.isoformat(),
            "cef": {
                "zone": when.tzname(), "offset": str(when.utcoffset()), "mail": format_datetime(utc),
                "epoch": calendar.timegm(utc.utctimetuple()), "week": "%d-W%02d-%d" % utc.isocalendar(),
                "days": calendar.monthrange(utc.year, utc.month)[1], "leap": calendar.isleap(utc.year),
                "text": utc.strftime("%a %d %b %Y %H:%M:%S %j"), "midnight": utc.replace(hour=0, minute=0, second=0, microsecond=0).timestamp(),
                "gm": time.strftime("%H.%M", time.gmtime(utc.timestamp())), "rounded": (utc + dt.timedelta(minutes=29)).replace(minute=0, second=0, microsecond=0).isoformat(" "),
            },
        })
    return [{"container": {"name": "Times"}, "artifacts": artifacts}]
