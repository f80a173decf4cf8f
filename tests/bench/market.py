"""A market of the benchmark's own: its processes, databases, CPU time and memory."""
import contextlib
import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

sys.path.append(str(pathlib.Path(__file__).parents[1] / "scenario"))  # behind: it has names of ours, too
from ports import free_ports  # noqa: E402

DOMAINS = ("user", "vendor", "catalog", "order", "wallet", "payment")  # those that sales write to
READY_SECONDS_MAX = 300  # of a million products, on a busy machine
SQL_SECONDS_MAX = 1800
TICKS = os.sysconf("SC_CLK_TCK")


def id_text(prefix, text):
    """A UUID as the API writes ids: 26 characters of Crockford's base32."""
    number = int(text.replace("-", ""), 16)
    return prefix + "_" + "".join("0123456789abcdefghjkmnpqrstvwxyz"[number >> 5 * i & 31] for i in range(25, -1, -1))


def stat_fields(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def children_of(parents):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                if int(stat_fields(entry.name)[1]) in parents:
                    found.append(int(entry.name))
    return found


class Cpu:
    """CPU seconds by name of {name: [pid]}; "postgres" counts with its children, living and waited for."""

    def __init__(self, processes):
        self.seconds = {}
        for name, pids in processes.items():
            ticks = 0
            for pid in pids + (children_of(set(pids)) if name in ("postgres", "limit") else []):
                with contextlib.suppress(OSError):
                    fields = stat_fields(pid)
                    ticks += sum(map(int, fields[11:15] if pid in pids else fields[11:13]))
            self.seconds[name] = ticks / TICKS

    def __sub__(self, before):
        return {name: seconds - before.seconds.get(name, 0) for name, seconds in self.seconds.items()}


class Market:
    def __init__(self, programs, data_dir, log):
        self.programs, self.data_dir, self.log = programs, data_dir, log
        self.port = free_ports()
        self.clear_port = self.port + 1
        self.process = None
        self.settings = []  # of every start

    def command(self, *words, timeout=120):
        done = subprocess.run([self.programs / "souk", *map(str, words)], capture_output=True, text=True,
                              timeout=timeout)
        if done.returncode != 0:
            raise SystemExit(f"souk {words[0]}: {done.returncode}: {done.stdout[-500:]}{done.stderr[-1500:]}")
        return done.stdout

    def start(self, path, *words):
        """Returns the seconds until the first answer 200 to `path` (None: /readyz)."""
        started = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "souk", "up", "--data-dir", str(self.data_dir), "--port", str(self.port),
                 "--log-level=warning", "--ttl.access_token=900", "--password.checks_max=1024",
                 "--offload.queue_max=1024", "--gateway.rate_limits=false",
                 *self.settings, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while time.monotonic() - started < READY_SECONDS_MAX:
            if self.process.poll() is not None:
                raise SystemExit(f"souk up ended with {self.process.returncode}:\n{self.log_tail()}")
            if self.answers(path or "/readyz"):
                seconds = time.monotonic() - started
                self.wait_ready(started)
                return seconds
            time.sleep(0.005)
        raise SystemExit(f"no answer within {READY_SECONDS_MAX} s:\n{self.log_tail()}")

    def wait_ready(self, started):
        """Pages are answered before tokens are, since what has ended must be known first."""
        while not self.answers("/readyz"):
            if time.monotonic() - started > READY_SECONDS_MAX:
                raise SystemExit(f"not ready within {READY_SECONDS_MAX} s:\n{self.log_tail()}")
            time.sleep(0.005)

    def answers(self, path):
        with contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", self.clear_port), timeout=5) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n".encode())
                return connection.recv(64).startswith(b"HTTP/1.1 200")
        return False

    def get_text(self, path):
        """The body of an answer 200; else urllib raises."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.clear_port}{path}", timeout=60) as answer:
            return answer.read().decode()

    def get_json(self, path):
        return json.loads(self.get_text(path))

    def counters(self):
        """What `/metrics` says of the gateway's kept answers, by short names."""
        lines = [line.rsplit(maxsplit=1) for line in self.get_text("/metrics").splitlines()]
        return {name: sum(float(line[1]) for line in lines if line[0].startswith(f"souk_http_{name}"))
                for name in ("answers_found", "answers_missed", "answers_kept_bytes")}

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log_tail(self):
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])
        return ""

    def processes(self):
        found = {}
        for pid in children_of({self.process.pid}):
            with contextlib.suppress(OSError):
                name = pathlib.Path(os.readlink(f"/proc/{pid}/exe")).name.removeprefix("souk-")
                found.setdefault(name, []).append(pid)
        return found

    def memory(self):
        """Megabytes (2^20) resident, proportional, and the most that was ever resident, of gateway and node."""
        result = {}
        for name in ("gateway", "node"):
            folder = pathlib.Path(f"/proc/{self.processes()[name][0]}")
            lines = ((folder / "smaps_rollup").read_text() + (folder / "status").read_text()).splitlines()
            fields = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
            result[name] = {"rss": fields["Rss"] / 1024, "pss": fields["Pss"] / 1024, "peak": fields["VmHWM"] / 1024}
        return result

    # --- databases ---

    def run_dir(self):
        digest = hashlib.blake2b(str(self.data_dir.resolve()).encode(), digest_size=16).hexdigest()[:8]
        if os.geteuid() == 0:
            return f"/run/souk-{digest}"
        return f"{os.environ.get('XDG_RUNTIME_DIR', '/tmp')}/souk-{os.geteuid()}-{digest}"

    def conninfo(self, domain, role=None):
        role = role or domain
        password = (self.data_dir / "keys" / "database" / role).read_text().strip()
        return f"host={self.run_dir()}/pg user=souk_{role} dbname=souk_{domain}", password

    def sql(self, domain, statement, role=None):
        conninfo, password = self.conninfo(domain, role)
        answer = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", conninfo],
                                input=statement, capture_output=True, text=True, timeout=SQL_SECONDS_MAX,
                                env={**os.environ, "PGPASSWORD": password})
        if answer.returncode != 0:
            raise SystemExit(f"SQL in {domain}: {answer.stderr[-1000:]}")
        return [line.split("\x1f") for line in answer.stdout.splitlines() if line]

    def domains(self):
        """A tree of long ago, in a pair, has fewer."""
        rows = self.sql(DOMAINS[0], "SELECT datname FROM pg_database")
        return [domain for domain in DOMAINS if [f"souk_{domain}"] in rows]

    def vacuum(self):
        """Who does not own the tables would be told so, and nothing would be done."""
        for domain in self.domains():
            self.sql(domain, "VACUUM ANALYZE", "superuser")

    # --- limit lines ---

    @contextlib.contextmanager
    def limit_process(self, words):
        environment = dict(os.environ)
        for domain in ("catalog", "wallet", "order"):
            conninfo, password = self.conninfo(domain)
            environment[f"LIMIT_{domain.upper()}"] = f"{conninfo} password={password}"
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    @contextlib.contextmanager
    def limit(self, program, hop, work, *words):
        """Runs a limit line that listens; yields its port and whose CPU time counts."""
        port = free_ports()
        with self.limit_process([program, str(port), *(f"ipc://{work}/{name}" for name in hop), *words]) as process:
            for _ in range(500):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                time.sleep(0.01)
            time.sleep(0.2)
            yield port, {"limit": [process.pid], "postgres": self.processes()["postgres"]}
