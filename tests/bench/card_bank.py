"""The bank that checkouts by card are paid at, and an event of it that is told again and again."""
import contextlib
import hashlib
import hmac
import json
import pathlib
import subprocess
import time
import urllib.parse
import urllib.request

from load import percentile

KEY, START_S = "sk_test_bench", 20


class Bank:
    """A test bank in a folder of its own, and the settings of a market that pays at it."""

    def __init__(self, program, work, port, market_port):
        self.program, self.folder, self.port, self.market_port = program, work / "bank", port, market_port
        self.key_file, self.secret_file = work / "bank.key", work / "bank.secret"
        self.process = None

    def start(self):
        self.key_file.write_text(KEY + "\n")
        self.process = subprocess.Popen([self.program, "--test-mode", "--port", str(self.port), "--data", self.folder,
                                         "--account", KEY], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError):
                hook = {"url": f"http://127.0.0.1:{self.market_port}/v1/payments/webhooks/stripe",
                        "enabled_events[]": "*"}
                self.secret_file.write_text(self.ask("/v1/webhook_endpoints", hook)["secret"] + "\n")
                self.key_file.chmod(0o644)
                self.secret_file.chmod(0o644)
                return
            time.sleep(0.02)
        raise SystemExit("the bank does not answer")

    def ask(self, path, form=None):
        body = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body,
                                         headers={"Authorization": f"Bearer {KEY}"})
        with urllib.request.urlopen(request, timeout=START_S) as answer:
            return json.loads(answer.read())

    def settings(self):
        return ["--payment.provider=stripe", "--payment.play_money=true",
                f"--payment.stripe_url=http://127.0.0.1:{self.port}", f"--payment.stripe_key_file={self.key_file}",
                f"--payment.stripe_webhook_secret_file={self.secret_file}"]

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def event(self):
        """One that it has told of a payment, signed now: the body and its header."""
        told = self.ask("/v1/events?limit=1&type=charge.captured")["data"][0]
        body = json.dumps(told).encode()
        at = int(time.time())
        mac = hmac.new(self.secret_file.read_text().strip().encode(), f"{at}.".encode() + body, hashlib.sha256)
        return body, f"stripe-signature: t={at},v1={mac.hexdigest()}"


def post_load(port, shape, path, body, header, count, work):
    """h2load over clear HTTP/2: the same bytes again and again."""
    file, log = work / "event", work / "h2load.log"
    file.write_bytes(body)
    log.unlink(missing_ok=True)
    started = time.monotonic()
    subprocess.run(["h2load", "-n", str(count), "-c", str(shape[0]), "-m", str(shape[1]), "-d", file,
                    "-H", header, "-H", "content-type: application/json", "--log-file", log,
                    f"http://127.0.0.1:{port}{path}"],
                   check=True, capture_output=True, timeout=300)
    lasted_s = time.monotonic() - started
    statuses, took_ms = {}, []
    for line in pathlib.Path(log).read_text().splitlines():
        _, status, took_us = line.split("\t")
        statuses[status] = statuses.get(status, 0) + 1
        took_ms.append(int(took_us) / 1000)
    took_ms.sort()
    return {"done": len(took_ms), "failed": count - len(took_ms), "rate": len(took_ms) / lasted_s, "statuses": statuses,
            "p50_ms": percentile(took_ms, 0.5), "p99_ms": percentile(took_ms, 0.99)}
