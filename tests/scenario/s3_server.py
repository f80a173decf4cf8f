"""A store that speaks as much of S3 as pictures need, and checks every signature (AWS Signature Version 4) itself."""
import hashlib
import hmac
import http.server
import re
import sys
import threading
import urllib.parse

REGION, BUCKET, KEY_ID, SECRET = "eu-test-1", "souk-pictures", "AKIDEXAMPLE", "a+secret/of=the~store"


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature_of(request, body, signed, date, scope):
    """What the request should have been signed with."""
    path, _, query = request.path.partition("?")
    headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in signed)
    canonical = "\n".join([request.command, urllib.parse.quote(path, safe="/-_.~"), query, headers, ";".join(signed),
                           hashlib.sha256(body).hexdigest()])
    told = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = mac(key, part)
    return mac(key, told).hex()


class Store(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects, self.refused, self.mood = {}, [], "good"   # or "broken", "hanging"
        self.hanging = 0  # requests that wait for `go_on`
        self.go_on, self.counting = threading.Event(), threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a client that waits no more
            super().handle_error(request, client_address)

    def close(self):
        self.go_on.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_signed(self, body):
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)",
                             self.headers.get("Authorization", ""))
        if match is None or match[1] != KEY_ID:
            return False
        scope, signed = match[2], match[3].split(";")
        claimed = self.headers.get("x-amz-content-sha256")
        wanted = ["host", "x-amz-content-sha256", "x-amz-date"]
        return (scope.split("/")[1:] == [REGION, "s3", "aws4_request"] and set(wanted) <= set(signed)
                and claimed == hashlib.sha256(body).hexdigest()
                and signature_of(self, body, signed, self.headers["x-amz-date"], scope) == match[4])

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        store = self.server
        if store.mood == "hanging":
            with store.counting:
                store.hanging += 1
            store.go_on.wait(60)
            with store.counting:
                store.hanging -= 1
        if store.mood == "broken":
            return self.answer(500, b"<Error/>")
        if not self.is_signed(body):
            store.refused.append(dict(self.headers))
            return self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        if not self.path.startswith(f"/{BUCKET}/"):
            return self.answer(404)
        name = self.path[len(BUCKET) + 2:]
        if self.command == "PUT":
            store.objects[name] = body
            return self.answer(200)
        if self.command == "DELETE":
            store.objects.pop(name, None)
            return self.answer(204)
        if name not in store.objects:
            return self.answer(404)
        return self.answer(200, store.objects[name])

    do_GET = do_PUT = do_DELETE = handle_one
