"""The bank that checkouts by card are paid at, and its events, which are told again and again."""
import contextlib
import hashlib
import hmac
import json
import pathlib
import subprocess
import time
import urllib.parse
import urllib.request

KEY, START_S = "sk_test_bench", 20
EVENTS = pathlib.Path(__file__).parents[2] / "actors" / "payment" / "stripe_events.txt"


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
                hook = [("url", f"http://127.0.0.1:{self.market_port}/v1/payments/webhooks/stripe"),
                        *(("enabled_events[]", name) for name in EVENTS.read_text().split())]
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

    def events(self, path):
        """Requests that tell the newest of its captures, signed now: each is of another payment."""
        requests, at = [], int(time.time())
        secret = self.secret_file.read_text().strip().encode()
        for told in self.ask("/v1/events?limit=100&type=payment_intent.succeeded")["data"]:
            mac = hmac.new(secret, f"{at}.".encode() + json.dumps(told).encode(), hashlib.sha256)
            requests.append(("POST", path, "", "", told, f"t={at},v1={mac.hexdigest()}"))
        return requests
