"""A shop's webhook receiver, with nothing but Python's own library.

    WEBHOOK_SECRET=whsec_… python3 receiver.py 8000

Checks each delivery, acts once per event, answers 204. Deliveries may come twice and in any order.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
TOLERANCE = 300  # seconds
LARGEST = 1 << 20  # bytes
seen = set()  # a real shop keeps these ids in its database, in the same transaction as what it does


def genuine(headers, body):
    """Whether the body is the server's, and recent."""
    event, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdigit() or abs(time.time() - int(at)) > TOLERANCE:
        return False
    signed = hmac.new(KEY, f"{event}.{at}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(signed)
    given = headers.get("webhook-signature", "").split(" ")  # two while the secret is being changed
    return any(hmac.compare_digest(expected, one.encode()) for one in given)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(min(length, LARGEST))
        if not genuine(self.headers, body):
            return self.answer(400)
        event = json.loads(body)
        if event["id"] not in seen:
            seen.add(event["id"])
            print(event["type"], event["data"]["object"]["id"], flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Receiver)
    print("listening", server.server_port, flush=True)
    server.serve_forever()
