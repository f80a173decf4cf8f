"""A client of live streams (text/event-stream) that keeps what has come, each on an HTTP/2 connection of its own."""
import json
import threading
import time

import h2.exceptions


def events_of(body):
    """The whole events of what has come; comments and `retry` are none."""
    found = []
    for block in body.decode().split("\n\n")[:-1]:
        lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "data" in lines:
            found.append({"id": lines.get("id"), "event": lines["event"], "data": json.loads(lines["data"])})
    return found


class Live:
    def __init__(self, market, path, headers, last=None):
        self.connection = market.connect()
        headers = {**headers, "accept": "text/event-stream", **({} if last is None else {"last-event-id": str(last)})}
        self.stream = self.connection.begin("GET", path, headers)
        self.response = self.connection.responses[self.stream]
        while not self.response.headers:
            self.connection._receive()
        if self.response.status != 200:
            self.connection.end(self.stream)
            self.cut()

    def events(self):
        return events_of(self.response.body)

    def until(self, claim):
        """Reads until what has come is enough; returns it."""
        while not claim(self.events()):
            if self.response.is_done:
                raise AssertionError(f"the stream ended with {self.events()[-1:]}")
            self.connection._receive()
        return self.events()

    def ending(self):
        """Reads to the end; returns the reason."""
        while not self.response.is_done:
            self.connection._receive()
        last = self.events()[-1]
        assert last["event"] == "end", last
        return last["data"]["reason"]

    def cut(self):
        self.connection.socket.close()


class Watcher(threading.Thread):
    """Follows a stream on a thread, and knows when each event came."""

    def __init__(self, market, path, headers):
        super().__init__(daemon=True)
        self.live, self.times = Live(market, path, headers), {}
        self.note()

    def note(self):
        for event in self.live.events():
            self.times.setdefault(event["id"], time.monotonic())

    def run(self):
        try:
            while not self.live.response.is_done:
                self.live.connection._receive()
                self.note()
        except (OSError, ValueError, h2.exceptions.ProtocolError):
            pass  # cut by the test


class Forgetful(threading.Thread):
    """Loses its stream again and again, and comes back with the last event that it has seen whole, until it has seen as
    many as its goal, which may be set later."""

    def __init__(self, market, path, headers, random, last=None):
        super().__init__(daemon=True)
        self.market, self.path, self.headers, self.random, self.last = market, path, headers, random, last
        self.seen, self.goal, self.streams, self.error = [], None, 0, None

    def run(self):
        try:
            while self.goal is None or len(self.seen) < self.goal:
                self.follow_for_a_while()
        except Exception as error:
            self.error = error

    def follow_for_a_while(self):
        live = Live(self.market, self.path, self.headers, self.last)
        live.connection.socket.settimeout(self.random.uniform(0.05, 1.0))
        most = self.random.randint(1, 4)
        try:
            live.until(lambda events: len(events) >= most)
        except TimeoutError:
            pass
        events = live.events()
        self.seen += [event["data"] for event in events]
        self.last = events[-1]["id"] if events else self.last
        self.streams += 1
        live.cut()
