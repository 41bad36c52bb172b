import json
import math
import statistics
from bisect import bisect_left, insort
from collections import deque
from heapq import nlargest, nsmallest, heappush, heappop

history = deque(maxlen=8)
ordered = []
BUCKETS = [10, 50, 100, 500, 1000]
NAMES = ["≤10", "≤50", "≤100", "≤500", "≤1000", ">1000"]


def summary(values):
    result = {"n": len(values), "mean": statistics.fmean(values), "max": max(values), "sum": math.fsum(values)}
    if len(values) > 1:
        result["stdev"] = round(statistics.stdev(values), 9)
        result["quartiles"] = [round(q, 9) for q in statistics.quantiles(values, n=4, method="inclusive")]
    result["mode"] = statistics.multimode(int(v) for v in values)
    return result


def parse_messages(topic, messages):
    queue, histogram = [], dict.fromkeys(NAMES, 0)
    for m in messages:
        sample = json.loads(m["message"])
        value = float(sample["ms"])
        if not math.isfinite(value):
            continue
        history.append(value)
        insort(ordered, value)
        histogram[NAMES[bisect_left(BUCKETS, value)]] += 1
        heappush(queue, (-value, m["offset"], sample["service"]))
    slowest = [heappop(queue) for _ in range(min(2, len(queue)))]
    return [{
        "container": {"name": "Latency of %d calls" % sum(histogram.values()), "data": {"histogram": histogram, "summary": summary(list(history)) if history else None}},
        "artifacts": [
            {"name": service, "cef": {"ms": -value, "offset": offset, "rank": bisect_left(ordered, -value), "log": round(math.log10(-value), 6)}}
            for value, offset, service in slowest
        ] + [{"name": "extremes", "cef": {"largest": nlargest(3, ordered), "smallest": nsmallest(3, ordered), "hypot": math.hypot(*ordered[:2])}}],
    }]
