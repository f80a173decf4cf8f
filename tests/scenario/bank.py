"""A test bank (souk-testbank) in a folder of its own, and Stripe's client, which is installed once per build folder."""
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request

from market import wait_until
from ports import free_ports

BIN = pathlib.Path(os.environ["SOUK_BIN"])
CLIENT = pathlib.Path(__file__).parents[1] / "testbank" / "client"
INSTALL_S, START_S, STOP_S = 300, 20, 20
KEY = "sk_test_stories"


class Bank:
    """with Bank() as bank: …; `more` are further options of the program."""

    def __init__(self, *more):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="souk-bank-"))
        self.port = free_ports()
        self.more = more
        self.process = None

    def command(self):
        return [BIN / "souk-testbank", "--test-mode", "--port", str(self.port), "--data", self.folder / "bank",
                "--account", KEY, "--slow-ms", "400", "--async-ms", "300", "--dispute-ms", "50", "--retry-ms", "50",
                *self.more]

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.command(), stderr=log, stdin=subprocess.DEVNULL)
        wait_until(self.is_ready, START_S, "the bank answers")

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError((self.folder / "log").read_text())
        try:
            return self.ask("GET", "/test/clock")[0] == 200
        except OSError:
            return False

    def ask(self, method, path, body=None, headers=None):
        """Code and body, whatever the code."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, method=method,
                                         headers={"Authorization": f"Bearer {KEY}", **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=START_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Its exit code, after a clean end."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(STOP_S)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)


def client_folder():
    """Stripe's client with its lock file, installed by npm; a cache of npm is used where there is one."""
    folder = BIN.parent / "testbank_client"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (CLIENT / "package-lock.json").read_bytes()
        stamp = folder / "installed"
        if not stamp.exists() or stamp.read_bytes() != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(CLIENT / name, folder / name)
            subprocess.run(["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder,
                           check=True, timeout=INSTALL_S, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            stamp.write_bytes(wanted)
    for script in CLIENT.glob("*.mjs"):
        shutil.copy(script, folder / script.name)
    return folder


def story_process(bank, *names, **environment):
    return subprocess.Popen(["node", client_folder() / "tell.mjs", *names], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, "SOUK_BANK_PORT": str(bank.port), **environment})
