"""The gateway under hostile traffic: items 13 to 21 of tests/SECURITY.md, with frames made by hand."""
import json
import pathlib
import re
import resource
import socket
import ssl
import struct
import time
import unittest
import warnings

from market import BIN, Market, wait_until

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DEADLINE_S = 2
# The sanitizers keep freed memory for a while and slow everything down.
IS_SANITIZED = b"__asan_init" in (BIN / "souk-gateway").read_bytes()
SLACK_S = 12 if IS_SANITIZED else 4  # a tick, a busy machine, and what an answer's length adds
SETTINGS_OF_TEST = [f"--gateway.{name}_timeout={DEADLINE_S}" for name in ("header", "body", "write", "idle")]
IDLE_CONNECTIONS = 5000
OPEN_S_MAX = 90  # the contract is long, and a long answer may take longer
GROWTH_MAX = (320 if IS_SANITIZED else 48) << 20


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(index, text):
    """A header field without indexing whose name is in HPACK's static table; shorter than 127 bytes."""
    return bytes([index, len(text)]) + text.encode()


def block(method="GET", path="/v1/products"):
    return b"\x86" + literal(2, method) + literal(4, path) + literal(1, "a")


def request(stream, method="GET", path="/v1/products", flags=END_STREAM):
    return frame(HEADERS, flags | END_HEADERS, stream, block(method, path))


class Raw:
    """A connection that says whatever it is told to."""

    def __init__(self, market, settings=b"", http2=True):
        self.socket = socket.create_connection(("127.0.0.1", market.port + 1), timeout=20)
        self.input = b""
        if http2:
            self.send(PREFACE + frame(SETTINGS, 0, 0, settings))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False when the server has hung up."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def read(self):
        """The next frame as (kind, flags, stream, payload); None at the end."""
        while len(self.input) < 9 or len(self.input) < 9 + int.from_bytes(self.input[:3], "big"):
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.input += data
        length = int.from_bytes(self.input[:3], "big")
        kind, flags, stream = struct.unpack(">BBI", self.input[3:9])
        payload, self.input = self.input[9:9 + length], self.input[9 + length:]
        return kind, flags, stream, payload

    def drain(self, for_s=0.0):
        """Reads and drops; True once the server has closed."""
        self.socket.settimeout(max(for_s, 0.001))
        try:
            while True:
                if not self.socket.recv(65536):
                    return True
        except socket.timeout:
            return False
        except OSError:
            return True

    def seconds_until_closed(self, drip=b"", every_s=0.2):
        """Sends a drip again and again until the server hangs up."""
        began = time.monotonic()
        while time.monotonic() - began < OPEN_S_MAX:
            if (drip and not self.send(drip)) or self.drain(every_s):
                return time.monotonic() - began
        raise AssertionError(f"still open after {OPEN_S_MAX} s")

    def error(self):
        """What the server says of what it was sent: ("GOAWAY" or "RST_STREAM", code), or "closed"."""
        while (got := self.read()) is not None:
            if got[0] == GOAWAY and got[3][4:8] != b"\0\0\0\0":
                return "GOAWAY", int.from_bytes(got[3][4:8], "big")
            if got[0] == RST_STREAM:
                return "RST_STREAM", int.from_bytes(got[3], "big")
        return "closed", None


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        cls.files = hard
        cls.market = Market(SETTINGS_OF_TEST + ["--gateway.connections_per_address=6000"]).__enter__()
        cls.pid = cls.market.children()["souk-gateway"][0]

    @classmethod
    def tearDownClass(cls):
        cls.market.__exit__(None, None, None)

    def resident(self):
        return int(pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * resource.getpagesize()

    def metric(self, name):
        text = self.market.get("/metrics").body.decode()
        return int(float(re.search(rf"^{name}\{{.*\}} (\S+)$", text, re.M)[1]))

    def others_are_served(self):
        self.assertEqual(self.market.get("/v1/products").status, 200)

    def check_flood(self, attack, seconds=3.0):
        """Sends without end; the gateway may hang up, others are served, memory stays. Returns whether it hung up."""
        before = self.resident()
        with Raw(self.market) as raw:
            is_closed, until = False, time.monotonic() + seconds
            raw.send(attack[0])
            raw.socket.setblocking(False)
            rest = b""
            while not is_closed and time.monotonic() < until:
                rest = rest or attack[1]
                try:
                    rest = rest[raw.socket.send(rest):]
                except BlockingIOError:
                    time.sleep(0.01)
                except OSError:
                    is_closed = True
            self.others_are_served()
            self.assertLess(self.resident() - before, GROWTH_MAX)
        self.others_are_served()
        return is_closed

    def assert_cut_in_time(self, raw, drip=b"", more_s=0):
        took_s = raw.seconds_until_closed(drip)
        self.assertLess(took_s, DEADLINE_S + SLACK_S + more_s)

    # --- 13 ---

    def handshake(self, version):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.set_alpn_protocols(["h2", "http/1.1"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", self.market.port), timeout=10) as raw:
            with context.wrap_socket(raw) as tls:
                return tls.version(), tls.selected_alpn_protocol(), tls.compression()

    def test_item_13_tls_is_new_speaks_http2_and_does_not_compress(self):
        self.assertEqual(self.handshake(ssl.TLSVersion.TLSv1_2), ("TLSv1.2", "h2", None))
        self.assertEqual(self.handshake(ssl.TLSVersion.TLSv1_3), ("TLSv1.3", "h2", None))
        for old in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.assertRaises((ssl.SSLError, OSError)):
                self.handshake(old)
        connection = self.market.connect(tls=True)
        self.addCleanup(connection.close)
        answer = connection.request("GET", "/v1/products", {"accept-encoding": "gzip, br"})
        self.assertRegex(answer.headers["strict-transport-security"], r"^max-age=31536000")
        self.assertNotIn("content-encoding", answer.headers)
        self.assertNotIn("strict-transport-security", self.market.get("/v1/products").headers)

    # --- 14 ---

    def test_item_14_rapid_resets_are_cut_and_reach_no_actor(self):
        before, asks = self.resident(), self.metric("souk_asks_total")
        with Raw(self.market) as raw:
            for first in range(0, 200_000, 2000):
                pairs = b"".join(request(2 * i + 1) + frame(RST_STREAM, 0, 2 * i + 1, b"\0\0\0\x08")
                                 for i in range(first, first + 2000))
                if not raw.send(pairs):
                    break
            self.assertLess(raw.seconds_until_closed(), SLACK_S)
        self.assertLess(self.metric("souk_asks_total") - asks, 100)
        self.assertLess(self.resident() - before, GROWTH_MAX)
        self.others_are_served()

    def test_item_14_resets_that_the_server_is_made_to_send_are_cut_too(self):
        """CVE-2025-8671: a request, and a frame that is an error of its stream."""
        asks, cut = self.metric("souk_asks_total"), self.metric("souk_http_connections_cut_total")
        with Raw(self.market) as raw:
            for i in range(3000):
                if not raw.send(request(2 * i + 1) + frame(WINDOW_UPDATE, 0, 2 * i + 1, b"\0\0\0\0")):
                    break
            self.assertLess(raw.seconds_until_closed(), SLACK_S)
        self.assertEqual(self.metric("souk_http_connections_cut_total"), cut + 1)
        self.assertLess(self.metric("souk_asks_total") - asks, 100)

    def test_item_14_resets_of_half_requests_reach_nobody(self):
        asks = self.metric("souk_asks_total")
        self.check_flood((b"", b"".join(
            request(2 * i + 1, "POST", "/v1/auth/login", 0) + frame(RST_STREAM, 0, 2 * i + 1, b"\0\0\0\x08")
            for i in range(50_000))))
        self.assertLess(self.metric("souk_asks_total") - asks, 100)  # what the gateway asks for itself

    # --- 15 ---

    def test_item_15_slow_heads_are_cut(self):
        with Raw(self.market, http2=False) as raw:
            raw.send(b"GET /v1/products HTTP/1.1\r\nHost: a\r\nX-Slow: ")
            self.assert_cut_in_time(raw, b"x")
        with Raw(self.market) as raw:  # CONTINUATION by the byte, after a request that was in order
            raw.send(request(1) + frame(HEADERS, END_STREAM, 3, block()))
            self.assert_cut_in_time(raw, frame(CONTINUATION, 0, 3, b"\0"))

    def test_item_15_slow_bodies_are_cut_in_spite_of_pings(self):
        with Raw(self.market, http2=False) as raw:
            raw.send(b"POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            self.assert_cut_in_time(raw, b" ")
        with Raw(self.market) as raw:
            raw.send(request(1, "POST", "/v1/auth/login", 0))
            self.assert_cut_in_time(raw, frame(DATA, 0, 1, b" ") + frame(PING, 0, 0, b"12345678"))

    def test_item_15_a_body_at_a_fair_rate_is_read_to_its_end(self):
        body = b'{"email":"nobody@example.com","password":"correct horse"}'
        with Raw(self.market, http2=False) as raw:
            raw.send(b"POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n" % (len(body) + 80_000))
            for _ in range(16):  # 20,000 bytes per second, twice the deadline
                raw.send(b" " * 5000)
                time.sleep(0.25)
            raw.send(body)
            self.assertRegex(raw.socket.recv(65536), rb"^HTTP/1.1 401")

    def test_item_15_idle_connections_are_cut_in_spite_of_pings(self):
        ping = frame(PING, 0, 0, b"12345678")
        with Raw(self.market) as raw:
            self.assert_cut_in_time(raw, ping)
        with Raw(self.market) as raw:
            raw.send(request(1))
            self.assert_cut_in_time(raw, ping)

    def test_item_15_a_stalled_window_is_cut(self):
        asks = b"".join(request(2 * i + 1, path="/openapi.json") for i in range(32))
        length_s = len(self.market.get("/openapi.json").body) / 65536  # a long answer may take longer
        before = self.resident()
        with Raw(self.market, settings=struct.pack(">HI", 4, 0)) as raw:
            raw.send(asks)
            self.assert_cut_in_time(raw, frame(PING, 0, 0, b"12345678"), more_s=length_s)
        with Raw(self.market, http2=False) as raw:  # and one that does not read at all
            raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            cut = self.metric("souk_http_connections_cut_total")
            raw.send(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 64)
            wait_until(lambda: self.metric("souk_http_connections_cut_total") > cut,
                       DEADLINE_S + SLACK_S + length_s, "the reader that does not read is cut")
        self.assertLess(self.resident() - before, GROWTH_MAX)

    # --- 16 ---

    def test_item_16_long_urls_heads_and_bodies_are_refused(self):
        self.assertEqual(self.market.get("/v1/products?q=" + "x" * 4096).status, 414)
        self.assertEqual(self.market.get("/v1/products", {"x-filler": "x" * 16384}).status, 431)
        connection = self.market.connect()
        self.addCleanup(connection.close)
        answer = connection.request("POST", "/v1/auth/login", {"content-type": "application/json"}, b" " * 262145)
        self.assertEqual((answer.status, answer.code()), (413, "body_too_large"))

    def test_item_16_more_streams_than_announced_are_refused(self):
        with Raw(self.market) as raw:
            # Fewer than a hundred too many, which would end the connection, perhaps before anything is said.
            raw.send(b"".join(request(2 * i + 1, "POST", "/v1/auth/login", 0) for i in range(150)))
            self.assertEqual(raw.error(), ("RST_STREAM", 7))

    def test_item_16_floods_of_frames_are_borne(self):
        empty_data = request(1, "POST", "/v1/auth/login", 0), frame(DATA, 0, 1) * 4096
        floods = {
            "PING": (b"", frame(PING, 0, 0, b"12345678") * 4096),
            "SETTINGS": (b"", frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 65535)) * 4096),
            "empty DATA": empty_data,
            "PRIORITY": (b"", frame(PRIORITY, 0, 1, b"\0\0\0\0\1") * 4096),
            "WINDOW_UPDATE": (b"", frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\1") * 4096),
            "unknown": (b"", frame(99, 0, 0, b"x") * 4096),
        }
        for name, flood in floods.items():
            with self.subTest(flood=name):
                self.check_flood(flood)

    def test_item_16_a_flood_of_continuations_is_ended(self):
        opening = frame(HEADERS, END_STREAM, 1, block())
        self.assertTrue(self.check_flood((opening, frame(CONTINUATION, 0, 1, b"\0" * 16000) * 16)))
        self.assertTrue(self.check_flood((opening, frame(CONTINUATION, 0, 1) * 4096), seconds=DEADLINE_S + SLACK_S))

    def test_item_16_idle_connections_cost_little(self):
        if self.files < IDLE_CONNECTIONS + 500:
            self.skipTest("too few files")
        before, raws = self.resident(), []
        try:
            for i in range(IDLE_CONNECTIONS):
                raws.append(Raw(self.market, http2=i % 2 == 0))
            self.others_are_served()
            self.assertLess(self.resident() - before, IDLE_CONNECTIONS * 16384)
            wait_until(lambda: all(raw.drain() for raw in raws[-100:]), DEADLINE_S + SLACK_S, "all are cut")
        finally:
            for raw in raws:
                raw.socket.close()
        self.others_are_served()

    # --- 17 ---

    def test_item_17_smuggled_requests_are_refused_and_the_connection_closed(self):
        head = b"POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        hidden = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
        attacks = {
            "CL and TE": head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "two CL": head + b"Content-Length: 2\r\nContent-Length: 7\r\n\r\n{}",
            "signed CL": head + b"Content-Length: +2\r\n\r\n{}",
            "unknown TE": head + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "two TE": head + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "bad chunk": head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            "obs-fold": b"GET /v1/products HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n two\r\n\r\n",
            "space before colon": b"GET /v1/products HTTP/1.1\r\nHost: a\r\nX-One : 1\r\n\r\n",
            "bare LF": b"GET /v1/products HTTP/1.1\r\nHost: a\r\nX-One: 1\nX-Two: 2\r\n\r\n",
            "two hosts": b"GET /v1/products HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        }
        for name, attack in attacks.items():
            with self.subTest(attack=name), Raw(self.market, http2=False) as raw:
                raw.send(attack + hidden)
                answer = b""
                while part := raw.socket.recv(65536):
                    answer += part
                self.assertRegex(answer, rb"^HTTP/1.1 400 ")
                self.assertEqual(answer.count(b"HTTP/1.1 "), 1)

    # --- 18 ---

    def test_item_18_frames_against_the_rules_end_stream_or_connection(self):
        """By section of RFC 9113; 1 PROTOCOL, 3 FLOW_CONTROL, 5 STREAM_CLOSED, 6 FRAME_SIZE, 9 COMPRESSION."""
        cases = {
            "4.2 a frame above 16384 bytes": (frame(PING, 0, 0, b"x" * 16385), {6}),
            "4.3 a block that does not decode": (frame(HEADERS, 5, 1, b"\xff\xff\xff\xff\xff\xff"), {9}),
            "5.1 DATA on an idle stream": (frame(DATA, 1, 1, b"x"), {1, 5}),
            "5.1 RST_STREAM of an idle stream": (frame(RST_STREAM, 0, 1, b"\0\0\0\x08"), {1}),
            "5.1 WINDOW_UPDATE of an idle stream": (frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\1"), {1}),
            "5.1.1 an even stream": (request(2), {1}),
            "5.1.1 a stream below one before": (request(5) + request(3), {1, 5}),
            "5.3 a stream that hangs on itself": (frame(PRIORITY, 0, 1, b"\0\0\0\1\1"), {1}),
            "6.1 DATA on stream 0": (frame(DATA, 1, 0, b"x"), {1}),
            "6.1 more padding than there is": (request(1, "POST", flags=0) + frame(DATA, 9, 1, b"\xffx"), {1}),
            "6.2 HEADERS on stream 0": (frame(HEADERS, 5, 0, block()), {1}),
            "6.3 PRIORITY of four bytes": (frame(PRIORITY, 0, 1, b"\0\0\0\0"), {6}),
            "6.4 RST_STREAM on stream 0": (frame(RST_STREAM, 0, 0, b"\0\0\0\x08"), {1}),
            "6.5 SETTINGS on a stream": (frame(SETTINGS, 0, 1), {1}),
            "6.5 an ACK that says something": (frame(SETTINGS, ACK, 0, b"\0" * 6), {6}),
            "6.5 SETTINGS of five bytes": (frame(SETTINGS, 0, 0, b"\0" * 5), {6}),
            "6.5.2 ENABLE_PUSH of two": (frame(SETTINGS, 0, 0, struct.pack(">HI", 2, 2)), {1}),
            "6.5.2 a window above 2^31-1": (frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 31)), {3}),
            "6.6 PUSH_PROMISE of a client": (frame(PUSH_PROMISE, 4, 1, b"\0\0\0\2" + block()), {1}),
            "6.7 PING of seven bytes": (frame(PING, 0, 0, b"1234567"), {6}),
            "6.7 PING on a stream": (frame(PING, 0, 1, b"12345678"), {1}),
            "6.8 GOAWAY on a stream": (frame(GOAWAY, 0, 1, b"\0" * 8), {1}),
            "6.9 an increment of 0": (frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\0"), {1}),
            "6.9.1 a window that overflows": (frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff"), {3}),
            "6.10 CONTINUATION without HEADERS": (frame(CONTINUATION, 4, 1, block()), {1}),
            "6.10 another frame between": (frame(HEADERS, 1, 1, block()) + frame(PING, 0, 0, b"12345678"), {1}),
            "8.3 no path": (frame(HEADERS, 5, 1, b"\x86\x82" + literal(1, "a")), {1}),
        }
        for name, (bytes_sent, codes) in cases.items():
            with self.subTest(case=name), Raw(self.market) as raw:
                raw.send(bytes_sent)
                self.assertIn(raw.error()[1], codes)
        self.others_are_served()

    # --- 19 ---

    def test_item_19_only_json_is_read_and_only_what_is_known(self):
        connection = self.market.connect()
        self.addCleanup(connection.close)

        def post(body, kind="application/json"):
            answer = connection.request("POST", "/v1/auth/login", {"content-type": kind} if kind else {}, body)
            return answer.status, answer.code()
        good = b'{"email":"a@example.com","password":"correct horse"}'
        self.assertEqual(post(good)[0], 401)
        for kind in (None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
                     "application/msgpack"):
            self.assertEqual(post(good, kind)[0], 415, kind)
        for bad in (b'{"email":"a@example.com","email":"b@example.com","password":"correct horse"}',
                    b'{"email":"a@example.com","password":"correct horse","role":"admin"}',
                    good + b" x", b"{email:1}", b'{"email":"\xff"}', b"[" * 1000):
            self.assertIn(post(bad)[0], (400, 422), bad[:80])

    # --- 20 ---

    def test_item_20_every_answer_has_the_headers_that_browsers_heed(self):
        for path in ("/v1/products", "/v1/products/none", "/openapi.json", "/nothing"):
            headers = self.market.get(path, {"origin": "https://evil.example"}).headers
            self.assertEqual(headers["x-content-type-options"], "nosniff", path)
            self.assertEqual(headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'", path)
            self.assertEqual(headers["referrer-policy"], "no-referrer", path)
            self.assertFalse([name for name in headers if name.startswith("access-control-")], path)

    # --- 21 ---

    def test_item_21_errors_have_a_code_and_an_id_and_tell_nothing_else(self):
        answers = [self.market.get(path) for path in
                   ("/nothing", "/v1/products/none", "/v1/products?after='%3B--", "/v1/me", "/v1/products?limit=x",
                    "/v1/products?q=" + "x" * 4096)]
        connection = self.market.connect()
        self.addCleanup(connection.close)
        answers.append(connection.request("POST", "/v1/auth/login", {"content-type": "application/json"}, b"{"))
        answers.append(connection.request("DELETE", "/v1/products"))
        for answer in answers:
            self.assertGreaterEqual(answer.status, 400)
            problem = json.loads(answer.body)
            self.assertRegex(problem["code"], r"^[a-z_]+$")
            self.assertEqual(problem["request_id"], answer.headers["x-request-id"])
            told = (answer.body.decode() + json.dumps(answer.headers)).lower()
            for secret in ("select ", "postgres", "sqlstate", "libh2o", "h2o/", ".c:", "/home/",
                           str(self.market.data_dir)):
                self.assertNotIn(secret, told)
            self.assertEqual(answer.headers.get("server", "souk"), "souk")


class Shares(unittest.TestCase):
    """tests/SECURITY.md, item 16: nobody has all connections."""

    def test_item_16_an_address_has_a_bounded_number_of_connections(self):
        with Market(["--gateway.connections_per_address=20"]) as market:
            raws = [Raw(market, http2=False) for _ in range(60)]
            try:
                time.sleep(0.5)
                self.assertGreaterEqual(sum(raw.drain() for raw in raws), 40)
            finally:
                for raw in raws:
                    raw.socket.close()
            time.sleep(0.5)
            self.assertEqual(market.get("/v1/products").status, 200)


if __name__ == "__main__":
    unittest.main()
