#!/usr/bin/env python3
"""An OAuth 2.0 token endpoint for tests, on 127.0.0.1.

  oidc.py DIR     signs with DIR/oidc.key (RSA), writes DIR/jwks.json, prints two ports, without
                  TLS and with (DIR/broker.pem), serves POST /token on both until it is killed

Client credentials grant (RFC 6749, section 4.4): client `app`, secret `oidc-secret`, by HTTP Basic
or in the body; others get 401 invalid_client. Tokens are JWTs (RS256) of issuer and audience
"kafka", subject "app", and live 300 seconds. A scope other than "kafka" is refused with invalid_scope.
POST /expired gives a token that has expired.
"""

import base64
import json
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote

CLIENT = ("app", "oidc-secret")
DIR = sys.argv[1]
KEY = f"{DIR}/oidc.key"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def write_jwks() -> None:
    command = ["openssl", "rsa", "-in", KEY, "-noout", "-modulus"]
    modulus = subprocess.check_output(command, text=True).strip().split("=")[1]
    key = {"kty": "RSA", "kid": "k1", "use": "sig", "alg": "RS256", "e": "AQAB"}
    key["n"] = b64(bytes.fromhex(modulus))
    with open(f"{DIR}/jwks.json", "w", encoding="utf-8") as file:
        json.dump({"keys": [key]}, file)


def token(issued: int, life: int) -> str:
    header = {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    claims = {"iss": "kafka", "aud": "kafka", "sub": "app", "scope": "kafka"}
    claims |= {"iat": issued, "exp": issued + life}
    signed = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
    command = ["openssl", "dgst", "-sha256", "-sign", KEY]
    signature = subprocess.run(command, input=signed.encode(), capture_output=True, check=True)
    return f"{signed}.{b64(signature.stdout)}"


class Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if self.path == "/expired":
            self.answer(200, {"access_token": token(int(time.time()) - 600, 300)})
        elif self.path != "/token":
            self.answer(404, {"error": "not_found"})
        elif form.get("grant_type") != "client_credentials":
            self.answer(400, {"error": "unsupported_grant_type"})
        elif form.get("scope", "kafka") != "kafka":
            self.answer(400, {"error": "invalid_scope"})
        elif self.client(form) != CLIENT:
            description = "the client is unknown or its secret is wrong"
            self.answer(401, {"error": "invalid_client", "error_description": description})
        else:
            made = token(int(time.time()), 300)
            self.answer(200, {"access_token": made, "token_type": "Bearer", "expires_in": 300})

    def client(self, form: dict) -> tuple:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            name, _, secret = base64.b64decode(value).decode().partition(":")
            return unquote(name), unquote(secret)
        return form.get("client_id"), form.get("client_secret")

    def answer(self, status: int, content: dict) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


write_jwks()
plain = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
encrypted = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{DIR}/broker.pem", f"{DIR}/broker.key")
encrypted.socket = context.wrap_socket(encrypted.socket, server_side=True)
threading.Thread(target=encrypted.serve_forever, daemon=True).start()
print(plain.server_address[1], encrypted.server_address[1], flush=True)
sys.stdout.close()
plain.serve_forever()
