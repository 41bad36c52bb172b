#!/usr/bin/env python3
"""A Schema Registry for tests, on 127.0.0.1: Confluent's REST API, as far as serializers and
deserializers use it. https://docs.confluent.io/platform/current/schema-registry/develop/api.html

  schema_registry.py [--login USER:PASSWORD] [--tls CERTIFICATE KEY]

Prints its port and serves until its standard input ends. Beside the API, for the tests:
  POST /_fail {"count": N, "status": S}   the next N requests get status S; 0: hang up
  GET /_asked                             how many requests there were (these aside)
  POST /_serialized {"text": T, "serialized": S}   a .proto text as serialized descriptor, which a
                                          registry tells when asked for format=serialized
"""

import argparse
import base64
import http.server
import json
import os
import ssl
import sys
import threading
from urllib.parse import unquote, urlsplit

parser = argparse.ArgumentParser()
parser.add_argument("--login")
parser.add_argument("--tls", nargs=2)
options = parser.parse_args()

lock = threading.Lock()
schemas = []  # by id, from 1: (type, text, references)
subjects = {}  # name: ids by version, from 1
failing = {"count": 0, "status": 500}
asked = 0
serialized = {}  # .proto text: base64 of its FileDescriptorProto


class Refusal(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def described(number: int) -> dict:
    kind, text, references = schemas[number - 1]
    answer = {"schema": text}
    if kind != "AVRO":
        answer["schemaType"] = kind
    if references:
        answer["references"] = references
    return answer


def find(subject: str, version: str) -> dict:
    if subject not in subjects:
        raise Refusal(404, 40401, f"Subject '{subject}' not found.")
    versions = subjects[subject]
    number = len(versions) if version == "latest" else int(version)
    if not 1 <= number <= len(versions):
        raise Refusal(404, 40402, f"Version {version} not found.")
    found = versions[number - 1]
    return {"subject": subject, "version": number, "id": found} | described(found)


def wanted(body: dict) -> tuple:
    kind, text = body.get("schemaType", "AVRO"), body["schema"]
    if kind in ("AVRO", "JSON"):
        try:
            text = json.dumps(json.loads(text), separators=(",", ":"))
        except ValueError as error:
            raise Refusal(422, 42201, f"Input schema is an invalid schema: {error}") from error
    # A registry keeps .proto text, whichever form it is given.
    texts = {form: text for text, form in serialized.items()}
    return kind, texts.get(text, text), body.get("references") or []


def register(subject: str, body: dict) -> dict:
    schema = wanted(body)
    for reference in schema[2]:
        find(reference["subject"], str(reference["version"]))
    if schema not in schemas:
        schemas.append(schema)
    number = schemas.index(schema) + 1
    versions = subjects.setdefault(subject, [])
    if number not in versions:
        versions.append(number)
    return {"id": number}


def look_up(subject: str, body: dict) -> dict:
    schema = wanted(body)
    if subject not in subjects:
        raise Refusal(404, 40401, f"Subject '{subject}' not found.")
    if schema not in schemas or schemas.index(schema) + 1 not in subjects[subject]:
        raise Refusal(404, 40403, "Schema not found")
    version = subjects[subject].index(schemas.index(schema) + 1) + 1
    return find(subject, str(version))


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.serve("GET", {})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.serve("POST", json.loads(self.rfile.read(length) or b"{}"))

    def serve(self, method: str, body: dict) -> None:
        global asked
        url = urlsplit(self.path)
        path = [unquote(part) for part in url.path.strip("/").split("/")]
        with lock:
            if path == ["_fail"]:
                failing.update(body)
                return self.answer(200, {})
            if path == ["_serialized"]:
                serialized[body["text"]] = body["serialized"]
                return self.answer(200, {})
            if path == ["_asked"]:
                return self.answer(200, asked)
            asked += 1
            if failing["count"] > 0:
                failing["count"] -= 1
                if failing["status"] == 0:
                    self.close_connection = True
                    return None
                return self.answer(failing["status"], {"error_code": 50001, "message": "told to fail"})
            if options.login and self.login() != options.login:
                return self.answer(401, {"error_code": 401, "message": "Unauthorized"})
            try:
                found = self.route(method, path, body)
                if "format=serialized" in url.query and found.get("schema") in serialized:
                    found["schema"] = serialized[found["schema"]]
                return self.answer(200, found)
            except Refusal as refusal:
                answer = {"error_code": refusal.code, "message": str(refusal)}
                return self.answer(refusal.status, answer)

    def route(self, method: str, path: list, body: dict) -> object:
        match method, *path:
            case "GET", "schemas", "types":
                return ["JSON", "PROTOBUF", "AVRO"]
            case "GET", "schemas", "ids", number:
                if not 1 <= int(number) <= len(schemas):
                    raise Refusal(404, 40403, f"Schema {number} not found")
                return described(int(number))
            case "GET", "subjects":
                return sorted(subjects)
            case "GET", "subjects", subject, "versions", version:
                return find(subject, version)
            case "POST", "subjects", subject, "versions":
                return register(subject, body)
            case "POST", "subjects", subject:
                return look_up(subject, body)
        raise Refusal(404, 404, "HTTP 404 Not Found")

    def login(self) -> str:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(value).decode() if scheme == "Basic" else ""

    def answer(self, status: int, content: object) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
if options.tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*options.tls)
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
