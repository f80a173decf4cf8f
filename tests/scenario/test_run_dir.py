"""A market of a user is found by whoever may read its data directory, whatever the environment says."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from market import BIN, PASSWORD, Market

USER, GROUP = "nobody", "nogroup"


class UsersMarket(Market):
    """Runs as an ordinary user, whose session has a directory for sockets."""

    def __init__(self):
        super().__init__(is_new=True)  # made by whoever runs it
        self.session_dir = pathlib.Path(tempfile.mkdtemp(prefix="s-"))
        if os.geteuid() == 0:
            for path in (self.data_dir, self.session_dir):
                shutil.chown(path, USER, GROUP)

    def as_user(self, session_dir, *words):
        environment = ["env", "-u", "XDG_RUNTIME_DIR"]
        if session_dir is not None:
            environment.append(f"XDG_RUNTIME_DIR={session_dir}")
        user = ["setpriv", f"--reuid={USER}", f"--regid={GROUP}", "--clear-groups"] if os.geteuid() == 0 else []
        return [*user, *environment, str(BIN / "souk"), *words]

    def command(self, *words):
        return self.as_user(self.session_dir, *words)

    def __exit__(self, *details):
        super().__exit__(*details)
        shutil.rmtree(self.session_dir, ignore_errors=True)


class RunDir(unittest.TestCase):
    def create(self, market, command, email):
        done = subprocess.run([*command, "--email", email, "--data-dir", str(market.data_dir)], input=PASSWORD + "\n",
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_programs_of_another_session_and_of_root_reach_the_market(self):
        with UsersMarket() as market:
            self.assertTrue(market.run_dir().startswith(str(market.session_dir)))
            self.create(market, market.as_user("/run", "admin", "create"), "first@example.com")
            self.create(market, market.as_user(None, "admin", "create"), "second@example.com")
            self.create(market, [str(BIN / "souk"), "admin", "create"], "third@example.com")  # root, if we are
            run_dir = pathlib.Path(market.run_dir())
            self.assertTrue(run_dir.is_dir())
        self.assertFalse(run_dir.exists(), "it goes with the market")

    def test_a_market_of_root_leaves_nothing_below_run_either(self):
        with Market() as market:
            run_dir = pathlib.Path(market.run_dir())
            market.stop()
            self.assertFalse(run_dir.exists())
            self.assertIn("no market is running", market.create_staff("a@example.com", check=False).stderr)
            market.start()
            self.assertTrue(run_dir.is_dir())


if __name__ == "__main__":
    unittest.main()
