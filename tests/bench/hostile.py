"""Hostile traffic: what others feel of each attack, at a fixed modest rate of product pages; and, as the control, what
of it comes from the processor alone. Of attacks on the gateway the control is what the same pages feel when the
attacker works on another server of this machine. Of searches and log-ins, which no other server has, it is what the
pages of another server feel while the market is asked as loudly."""
import json
import os
import subprocess
import time
import urllib.request

from load import percentile

RATE = 200  # product pages per second
SECONDS = 5
# name, kind, connections
ATTACKS = (
    ("200,000 resets, one connection", "resets-once", 1),
    ("200,000 resets, coming back after each cut", "resets", 1),
    ("slow heads", "slow-heads", 500),
    ("slow bodies, 64 per connection", "slow-bodies", 100),
    ("stalled windows, 64 answers of 210 KB each", "stalled-windows", 100),
    ("readers that do not read (HTTP/1)", "deaf", 100),
    ("CONTINUATION", "continuations", 4),
    ("PING", "pings", 4),
    ("SETTINGS", "settings", 4),
    ("empty DATA", "empty-data", 4),
    ("5,000 idle connections", "idle", 5000),
    ("1 MB of header references, 16,000 a head, coming back", "references", 4),
    ("1 MB of header references, 256 a head, 200 heads in flight", "few-references", 4),
    ("1 MB of small heads, 200 in flight (to compare)", "requests", 4),
    ("200 handshakes of dear groups", "handshakes", 200),
)
OVER_TLS = ("handshakes",)
LOGINS = "32 logins in flight"
# name, connections, streams of each: one network's searches for words that many products have
SEARCHES = (("64 searches in flight, one network", 8, 8), ("480 searches in flight, one network", 16, 30))


class Pages:
    """Product pages at a fixed rate on one open connection, in the background."""

    def __init__(self, port, paths, work):
        (work / "hostile-paths").write_text("".join(f"http://127.0.0.1:{port}{path}\n" for path in paths[:2000]))
        self.log = work / "hostile.log"
        self.log.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            ["h2load", "-n", str(RATE * SECONDS), "-c", "1", "-m", "100", "--rps", str(RATE), "-i",
             work / "hostile-paths", "--log-file", self.log], stdout=subprocess.DEVNULL)

    def end(self):
        """Latencies in ms; "bad" are those not answered 200."""
        if self.process.wait(timeout=120) != 0:
            raise SystemExit("h2load failed")
        lines = [line.split("\t") for line in self.log.read_text().splitlines()]
        good = [line for line in lines if line[1] == "200"]
        took_ms = sorted(int(took_us) / 1000 for _, _, took_us in lines)
        return {"bad": RATE * SECONDS - len(good), "took_ms": took_ms}


def figures(runs):
    """Of all rounds together."""
    took_ms = sorted(took for run in runs for took in run["took_ms"])
    return {"bad": sum(run["bad"] for run in runs), "p50_ms": percentile(took_ms, 0.5),
            "p99_ms": percentile(took_ms, 0.99), "worst_ms": took_ms[-1]}


def metric(market, name):
    with urllib.request.urlopen(f"http://127.0.0.1:{market.clear_port}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(name + "{"):
                return float(line.rsplit(" ", 1)[1])
    return 0.0


def resident_mb(market):
    return market.memory()["gateway"]["rss"]


class Hostile:
    def __init__(self, bench, note):
        self.bench, self.market, self.work, self.note = bench, bench.market, bench.work, note
        self.path = bench.browse.details[0]
        self.lines = []

    def wants(self, name):
        return self.bench.args.only is None or self.bench.args.only in name

    def pages(self, port=None):
        return Pages(port or self.market.clear_port, self.bench.browse.details, self.work)

    def limit_h2o(self, *words):
        return self.market.limit(self.bench.programs / "limit_h2o", [], self.work, *words)

    def attacked_elsewhere(self, start, stop, tls):
        """The pages while the attack is on bare h2o, which has no limits of its own; and no quiet moment: it is that of
        the line."""
        with self.limit_h2o(*tls) as (port, _):
            pages = self.pages()
            time.sleep(0.3)
            process = start(port)
            loud = pages.end()
            stop(process)
        time.sleep(1)
        return None, loud

    def pages_elsewhere(self, start, stop):
        """Pages of bare h2o, while it is quiet and while the market is asked."""
        with self.limit_h2o() as (port, _):
            quiet = self.pages(port).end()
            pages = self.pages(port)
            time.sleep(0.3)
            process = start(self.market.clear_port)
            loud = pages.end()
            stop(process)
        time.sleep(1)
        return quiet, loud

    def line(self, name, start, stop, control, port=None):
        """Rounds of a quiet moment, the control, and a moment while what `start` begins is under way at a port of the
        market, which others are there to see."""
        quiet, controls, loud, dispatched = [], [], [], 0
        before = during = resident_mb(self.market)
        for _ in range(self.bench.rounds):
            quiet.append(self.pages().end())
            controls.append(control(start, stop))
            asks = metric(self.market, "souk_asks_total")
            pages = self.pages()
            time.sleep(0.3)
            process = start(port or self.market.clear_port)
            time.sleep(SECONDS - 1.3)
            during = max(during, resident_mb(self.market))
            loud.append(pages.end())
            dispatched += metric(self.market, "souk_asks_total") - asks - RATE * SECONDS
            told = stop(process)
            time.sleep(1)
        line = {"name": name, "quiet": figures(quiet), "loud": figures(loud),
                "control_quiet": figures([pair[0] or ours for pair, ours in zip(controls, quiet)]),
                "control": figures([pair[1] for pair in controls]), "asks": dispatched / self.bench.rounds,
                "told": told, "rss_mb": [before, during, resident_mb(self.market)]}
        self.lines.append(line)
        self.note(f"{name}: p99 {line['quiet']['p99_ms']:.2f} -> {line['loud']['p99_ms']:.2f} ms (control"
                  f" {line['control_quiet']['p99_ms']:.2f} -> {line['control']['p99_ms']:.2f}) {told}")

    def attack(self, name, kind, connections):
        def start(port):
            process = subprocess.Popen([self.bench.programs / "attack", kind, str(port), str(connections),
                                        str(SECONDS + 1), self.path], stdout=subprocess.PIPE, text=True)
            process.stdout.readline()
            return process

        def stop(process):
            return json.loads(process.communicate(timeout=60)[0])

        is_over_tls = kind in OVER_TLS
        keys = self.market.data_dir / "keys"
        tls = (keys / "gateway.crt", keys / "gateway.key") if is_over_tls else ()
        self.line(name, start, stop, lambda *attacker: self.attacked_elsewhere(*attacker, tls),
                  self.market.port if is_over_tls else None)

    def log_in(self):
        """Enough log-ins to keep both cores busy all the while."""
        people = self.bench.register(16)
        requests = [("POST", "/v1/auth/login", "", "", json.dumps({"email": people[i % 16][0],
                                                                   "password": self.bench.password}))
                    for i in range(4000)]
        path = self.work / "logins"
        path.write_text("".join("\t".join(request) + "\n" for request in requests))

        def start(port):
            process = subprocess.Popen([self.bench.programs / "replay", str(port), "32", "1", path],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            return process

        def stop(process):
            is_over = process.poll() is not None
            process.kill()
            process.communicate()
            return {"over too soon": is_over}
        self.line(LOGINS, start, stop, self.pages_elsewhere)

    def search(self, name, connections, streams):
        """Searches by relevance, of which the node's index has to rank many products each, from another network."""
        words = ("library", "development", "files", "data", "common", "package", "tools", "support")
        requests = [f"GET\t/v1/products?q={words[i % len(words)]}&sort=relevance&limit=100\t\t\t\n"
                    for i in range(20000)]
        path = self.work / "searches"
        path.write_text("".join(requests))

        def start(port):
            return subprocess.Popen([self.bench.programs / "replay", str(port), str(connections), str(streams), path],
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                    env={**os.environ, "REPLAY_FROM": "127.0.1.1"})

        def stop(process):
            is_over = process.poll() is not None
            process.kill()
            process.communicate()
            return {"over too soon": is_over}
        self.line(name, start, stop, self.pages_elsewhere)

    def all(self):
        for attack in ATTACKS:
            if self.wants(attack[0]):
                self.attack(*attack)
        for name, connections, streams in SEARCHES:
            if self.wants(name):
                self.search(name, connections, streams)
        if self.wants(LOGINS):
            self.log_in()
        return self.lines


def print_hostile(lines):
    quiet = sorted(line["quiet"]["p99_ms"] for line in lines)
    print(f"\n{RATE} product pages per second beside an attack of {SECONDS} s; quiet p99 between {quiet[0]:.2f} and"
          f" {quiet[-1]:.2f} ms\n")
    print("| attack | quiet p50 / p99 ms | p50 / p99 / worst ms | p99 ratio | p99 ratio of the control (its ms) |"
          " not 200 | gateway RSS MB before / during / after | messages to nodes | connections: made / ended by us |\n"
          "|---|---:|---:|---:|---:|---:|---|---:|---:|")
    for line in lines:
        quiet, loud, told = line["quiet"], line["loud"], line["told"]
        control_from, control_to = line["control_quiet"]["p99_ms"], line["control"]["p99_ms"]
        control = (f"{1 + (control_to - control_from) / quiet['p99_ms']:.2f}"
                   f" ({control_from:.2f} → {control_to:.2f})")
        made = f"{told['opened']} / {told['ended']}" if "opened" in told else ""
        print(f"| {line['name']} | {quiet['p50_ms']:.2f} / {quiet['p99_ms']:.2f} | {loud['p50_ms']:.2f} /"
              f" {loud['p99_ms']:.2f} / {loud['worst_ms']:.1f} | {loud['p99_ms'] / quiet['p99_ms']:.2f} | {control} |"
              f" {loud['bad']} | "
              + " / ".join(f"{mb:.1f}" for mb in line["rss_mb"]) + f" | {line['asks']:.0f} | {made} |")
