# Events that a web application signs; those with a bad signature are told, not believed.
import hashlib
import hmac
import json
import uuid

SECRETS = {"k1": b"correct horse", "k2": "batterie-à-agrafes".encode("utf-8")}
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "events.example.com")


def signature(key, payload):
    return hmac.new(SECRETS[key], payload.encode("utf-8"), hashlib.sha256).hexdigest()


def verify(message):
    head, _, payload = message.partition("\n")
    key, _, given = head.partition(":")
    if key not in SECRETS:
        return False, payload
    return hmac.compare_digest(signature(key, payload), given), payload


def parse_messages(topic, messages):
    containers = []
    for m in messages:
        good, payload = verify(m["message"])
        digests = {name: hashlib.new(name, payload.encode()).hexdigest()[:24] for name in ("md5", "sha1", "sha256", "sha512", "sha3_256")}
        digests["blake2s"] = hashlib.blake2s(payload.encode(), digest_size=8).hexdigest()
        identifier = str(uuid.uuid5(NAMESPACE, payload))
        body = json.loads(payload) if good else None
        containers.append({
            "container": {
                "name": body["event"] if good else "Event with a bad signature",
                "severity": "low" if good else "high",
                "source_data_identifier": identifier,
            },
            "artifacts": [{"name": "event", "cef": dict(digests, payload=payload, body=body), "source_data_identifier": uuid.uuid3(NAMESPACE, identifier).hex}],
        })
    return containers
