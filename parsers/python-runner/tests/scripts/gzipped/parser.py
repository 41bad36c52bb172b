# A collector that packs several events into one message: base64 of gzip or zlib of JSON lines
import base64
import gzip
import io
import json
import zlib


def unpack(text):
    data = base64.b64decode(text)
    if data[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as f:
            return "gzip", f.read()
    try:
        return "zlib", zlib.decompress(data)
    except zlib.error:
        return "deflate", zlib.decompress(data, -zlib.MAX_WBITS)


def parse_messages(topic, messages):
    results = []
    for m in messages:
        try:
            how, data = unpack(m["message"])
        except (ValueError, OSError, EOFError, zlib.error) as e:
            results.append({
                "container": {"name": "Unpackable message", "severity": "low"},
                "artifacts": [{"name": "error", "cef": {"error": type(e).__name__, "length": len(m["message"])}}],
            })
            continue
        lines = data.decode("utf-8", "backslashreplace").splitlines()
        results.append({
            "container": {
                "name": "%d events by %s" % (len(lines), how),
                "data": {"crc32": "%08x" % (zlib.crc32(data) & 0xffffffff), "adler32": zlib.adler32(data), "bytes": len(data)},
            },
            "artifacts": [{"name": "event %d" % n, "cef": json.loads(line)} for n, line in enumerate(lines, 1)],
        })
    return results
