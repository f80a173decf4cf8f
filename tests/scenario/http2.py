"""A small blocking HTTP/2 client for scenario tests: one connection, many streams, cleartext with prior knowledge."""
import json
import socket
import ssl
import time

import h2.config
import h2.connection
import h2.events


class Response:
    def __init__(self):
        self.status = 0
        self.headers = {}
        self.body = b""
        self.is_done = False
        self.reset_code = None

    def json(self):
        return json.loads(self.body)

    def code(self):
        """The stable code of a problem, or None."""
        if self.headers.get("content-type", "").startswith("application/problem+json"):
            return self.json()["code"]
        return None


class Connection:
    """Raises OSError when the connection is lost; requests under way are then of unknown outcome."""

    def __init__(self, host, port, tls=False, timeout_s=20):
        self.timeout_s = timeout_s
        raw = socket.create_connection((host, port), timeout=timeout_s)
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            context.set_alpn_protocols(["h2"])
            raw = context.wrap_socket(raw, server_hostname=host)
        self.socket = raw
        self.scheme = "https" if tls else "http"
        self.authority = f"{host}:{port}"
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.responses = {}
        self._flush()

    def close(self):
        try:
            self.h2.close_connection()
            self._flush()
        except Exception:
            pass
        self.socket.close()

    def _flush(self):
        data = self.h2.data_to_send()
        if data:
            self.socket.sendall(data)

    def begin(self, method, path, headers=None, body=None, flush=True):
        """Sends a request; returns the number of its stream."""
        stream = self.h2.get_next_available_stream_id()
        fields = [(":method", method), (":scheme", self.scheme), (":authority", self.authority), (":path", path)]
        fields += [(name.lower(), value) for name, value in (headers or {}).items()]
        self.h2.send_headers(stream, fields, end_stream=body is None)
        self.responses[stream] = Response()
        if body is not None:
            self._send_body(stream, body)
        if flush:
            self._flush()
        return stream

    def _send_body(self, stream, body):
        sent = 0
        while sent < len(body) or not body:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if room == 0:
                self._flush()
                self._receive()
                continue
            part = body[sent:sent + room]
            sent += len(part)
            self.h2.send_data(stream, part, end_stream=sent >= len(body))
            if not body:
                return

    def _receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        for event in self.h2.receive_data(data):
            self._take(event)
        self._flush()

    def _take(self, event):
        response = self.responses.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.ConnectionTerminated):
            raise ConnectionResetError(f"the server said goodbye ({event.error_code})")
        if response is None:
            return
        if isinstance(event, h2.events.ResponseReceived):
            response.headers = dict(event.headers)
            response.status = int(response.headers[":status"])
        elif isinstance(event, h2.events.DataReceived):
            response.body += event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            response.is_done = True
        elif isinstance(event, h2.events.StreamReset):
            response.is_done = True
            response.reset_code = event.error_code

    def end(self, stream):
        """Waits for the answer of a stream."""
        until = time.monotonic() + self.timeout_s
        while not self.responses[stream].is_done:
            if time.monotonic() > until:
                raise TimeoutError(f"no answer within {self.timeout_s} s")
            self._receive()
        return self.responses.pop(stream)

    def request(self, method, path, headers=None, body=None):
        return self.end(self.begin(method, path, headers, body))

    def race(self, requests):
        """Sends several requests in one write and returns their answers in order."""
        streams = [self.begin(*request, flush=False) for request in requests]
        self._flush()
        return [self.end(stream) for stream in streams]
