"""Started as root, a market runs as a user that may do little, and root follows nothing that this user made."""
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import unittest

import market as market_module
from market import BIN, Market, free_ports, wait_until

USER, OTHER = "souk", "nobody"
LOW_PORTS = range(600, 1000)
SOON_S = 20
PORTS_BELOW_1024 = 1 << 10  # CAP_NET_BIND_SERVICE


def setUpModule():
    if os.geteuid() != 0:
        raise unittest.SkipTest("only root has users to give away")
    global market
    market = Market(is_new=True).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def user_of(pid):
    """All four of them; one that differs would be a way back."""
    users, groups = (set(status_of(pid)[key].split()) for key in ("Uid", "Gid"))
    entry = pwd.getpwuid(int(users.pop()))
    assert not users and groups == {str(entry.pw_gid)}, status_of(pid)
    return entry.pw_name


def as_user(user, script):
    return subprocess.run(["setpriv", f"--reuid={user}", f"--regid={user if user == USER else 'nogroup'}",
                           "--clear-groups", "--no-new-privs", "sh", "-c", script], capture_output=True, text=True,
                          timeout=60)


def refusal(*settings):
    """What `souk up` says when it does not start."""
    place = tempfile.mkdtemp(prefix="souk-")
    try:
        done = subprocess.run([BIN / "souk", "up", "--data-dir", place, "--port", str(free_ports()), *settings],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode not in (0, 127), done
        run_dir = pathlib.Path(place) / "run_dir"
        assert not run_dir.exists() or not pathlib.Path(run_dir.read_text().strip()).exists(), "it leaves nothing"
        return done.stderr
    finally:
        shutil.rmtree(place)


class Processes(unittest.TestCase):
    def test_only_the_supervisor_is_root(self):
        wanted = {"souk-agent": USER, "souk-node": USER, "souk-gateway": USER, "postgres": "postgres"}
        children = market.children()
        self.assertEqual({name: {user_of(pid) for pid in pids} for name, pids in children.items()},
                         {name: {user} for name, user in wanted.items()})
        self.assertEqual(user_of(market.process.pid), "root")
        for name in wanted:
            status = status_of(children[name][0])
            self.assertEqual([status[key].strip() for key in ("Groups", "CapEff", "CapPrm", "CapAmb")],
                             ["", "0" * 16, "0" * 16, "0" * 16], name)

    def test_a_node_cannot_read_what_it_must_not(self):
        secret = market.data_dir / "keys" / "database" / "superuser"
        self.assertEqual(as_user(USER, f"cat {secret}").returncode, 1)
        self.assertEqual(as_user(USER, f"cat {market.data_dir}/keys/database/wallet").returncode, 0, "its own it can")
        for name in ("postgres/PG_VERSION", "log/postgres/x"):
            self.assertIn("denied", as_user(USER, f"cat {market.data_dir}/{name}").stderr)
        for name in ("up.pid", "run_dir", "keys/database/wallet.new", "log/x"):
            self.assertIn("denied", as_user(USER, f"echo x >> {market.data_dir}/{name}").stderr, name)

    def test_a_market_of_another_user_has_secrets_of_its_own(self):
        with Market(settings=(f"--up.user={OTHER}",), is_new=True) as other:
            self.assertEqual(user_of(other.children()["souk-node"][0]), OTHER)
            for mine, theirs in ((market, OTHER), (other, USER)):
                for name in ("keys/mesh.key", "keys/gateway.key", "keys/database/wallet"):
                    self.assertTrue((mine.data_dir / name).exists())
                    self.assertIn("denied", as_user(theirs, f"cat {mine.data_dir}/{name}").stderr, name)
                self.assertIn("denied", as_user(theirs, f"ls {mine.run_dir()}/mesh").stderr)
                self.assertIn("denied", as_user(theirs, f"psql -h {mine.run_dir()}/pg -U souk_wallet").stderr)

    def test_programs_that_the_user_cannot_reach_run_all_the_same(self):
        """As in a clone below /root."""
        closed = pathlib.Path(tempfile.mkdtemp(prefix="closed-", dir=BIN.parent))
        try:
            for program in BIN.glob("souk*"):
                os.link(program, closed / program.name)
            self.assertIn("denied", as_user(USER, f"ls {closed}").stderr)

            class Closed(Market):
                def command(self, *words):
                    return [str(closed / "souk"), *words]

            with Closed() as hidden:
                for name in ("souk-agent", "souk-node", "souk-gateway"):
                    pid = hidden.children()[name][0]
                    self.assertEqual(user_of(pid), USER)
                    self.assertEqual(status_of(pid)["Name"], name)
                hidden.create_staff("owner@example.com")
        finally:
            shutil.rmtree(closed)

    def test_a_gateway_may_listen_below_1024_and_nobody_else(self):
        low = Market(is_new=True)
        low.port = random.choice([port for port in LOW_PORTS if self.is_free(port) and self.is_free(port + 1)])
        with low:
            for name, pids in low.children().items():
                wanted = PORTS_BELOW_1024 if name == "souk-gateway" else 0
                self.assertEqual(int(status_of(pids[0])["CapEff"], 16), wanted, name)
                self.assertEqual(int(status_of(pids[0])["CapPrm"], 16), wanted, name)
            self.assertEqual(user_of(low.children()["souk-gateway"][0]), USER)

    @staticmethod
    def is_free(port):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return True
            except OSError:
                return False


class Refusals(unittest.TestCase):
    def test_a_user_that_is_not_there_is_told_with_the_command_that_makes_it(self):
        said = refusal("--up.user=no-such-user")
        self.assertIn("there is no user no-such-user", said)
        self.assertIn("useradd --system", said)
        self.assertIn("root", refusal("--up.user=root"))

    def test_a_file_that_the_user_cannot_read_is_named(self):
        with tempfile.TemporaryDirectory() as closed:  # 0700
            path = pathlib.Path(closed) / "key.pem"
            path.write_text("")
            for setting in ("gateway.certificate", "gateway.key", "notification.smtp_password_file", "oidc.ca_file"):
                said = refusal(f"--{setting}={path}")
                self.assertIn(f"{setting}: the user {USER} cannot read {path}", said)
            said = refusal(f"--gateway.access_log={path}")
            self.assertIn(f"{path}: the user {USER} cannot write", said)
            self.assertIn(f"--config: the user {USER} cannot read {path}", refusal(f"--config={path}"))

    def test_root_starts_nothing_in_somebody_elses_data_directory(self):
        with tempfile.TemporaryDirectory() as place:
            shutil.chown(place, OTHER)
            self.assertIn("belongs to another user", refusal(f"--paths.data_dir={place}"))


def tree(place):
    """Who has what, links not followed."""
    found = {}
    for folder, folders, files in os.walk(place):
        for name in (*folders, *files):
            about = os.lstat(os.path.join(folder, name))
            found[os.path.join(folder, name)] = (about.st_uid, about.st_gid, stat.filemode(about.st_mode))
    return found


class Folders(unittest.TestCase):
    def test_a_data_directory_of_an_older_release_starts(self):
        """There all was root's, and nobody else could enter."""
        with Market(is_new=True) as older:
            shopper = older.shopper(money=700)
            older.stop()
            mesh = pathlib.Path(older.run_dir()) / "mesh"
            mesh.mkdir(parents=True)
            (mesh / "agent.lock").write_text("")
            with socket.socket(socket.AF_UNIX) as left:
                left.bind(str(mesh / "node-1-0123456789abcdef.data"))
            shutil.rmtree(older.data_dir / "import")
            keys = older.data_dir / "keys"
            for path in (keys, keys / "database", *keys.glob("*.*"), *keys.glob("database/*")):
                os.chown(path, 0, 0)
                path.chmod(0o700 if path.is_dir() else 0o600)
            older.start()
            self.assertEqual({user_of(pid) for pid in older.children()["souk-node"]}, {USER})
            shopper.reconnect()
            shopper.login()
            self.assertEqual(shopper.available(), 700)
            self.assertEqual((keys / "database" / "superuser").stat().st_uid, 0)

    def test_root_follows_nothing_that_the_user_made(self):
        with tempfile.TemporaryDirectory() as place, Market(is_new=True) as hostile:
            precious = pathlib.Path(place) / "precious"
            precious.write_text("precious")
            precious.chmod(0o600)
            before = tree(place)
            data, mesh = hostile.data_dir, pathlib.Path(hostile.run_dir()) / "mesh"
            plant = "; ".join(f"ln -s {place} {folder}/folder; ln -s {precious} {folder}/{name}"
                              for folder, name in ((f"{data}/keys", "gateway.crt.1"), (f"{data}/import", "x"),
                                                   (mesh, "client-souk-admin-1-0123456789abcdef.data")))
            self.assertEqual(as_user(USER, plant).returncode, 0)
            for name in ("database", "database/superuser", "database/wallet"):
                self.assertNotEqual(as_user(USER, f"mv {data}/keys/{name} {data}/keys/away").returncode, 0, name)
                self.assertNotEqual(as_user(USER, f"ln -sfn {precious} {data}/keys/{name}x/x").returncode, 0)
            # What it has itself it may replace: its keys, its lock, its folder of progress.
            replace = f"cd {data}/keys && mv mesh.key was && ln -s {precious} mesh.key"
            self.assertEqual(as_user(USER, replace).returncode, 0)
            answer = hostile.admin("create", "--email", "a@example.com", check=False)
            self.assertNotEqual(answer.returncode, 0)
            self.assertNotIn("precious", answer.stderr + answer.stdout)
            self.assertEqual(as_user(USER, f"cd {data}/keys && rm mesh.key && mv was mesh.key").returncode, 0)
            os.kill(hostile.process.pid, signal.SIGHUP)
            wait_until(lambda: '"certificate_read"' in hostile.log_path.read_text(), SOON_S, "all have heard")
            hostile.stop()
            hostile.start()
            hostile.create_staff("owner@example.com")
            csv = pathlib.Path(market_module.ROOT / "scripts" / "demo" / "products.csv")
            hostile.import_products(csv)
            hostile.stop()
            self.assertEqual(tree(place), before)
            self.assertEqual(precious.read_text(), "precious")

    def test_a_certificate_that_root_renewed_is_the_users_to_read(self):
        keys = market.data_dir / "keys"
        for name in ("gateway.key", "gateway.crt"):
            fresh = keys / f"{name}.fresh"
            shutil.copy(keys / name, fresh)
            fresh.chmod(0o600)
            self.assertEqual(fresh.stat().st_uid, 0)
            fresh.rename(keys / name)
        read_before = market.log_path.read_text().count('"certificate_read"')
        os.kill(market.process.pid, signal.SIGHUP)
        wait_until(lambda: market.log_path.read_text().count('"certificate_read"') > read_before, SOON_S, "it is read")
        self.assertNotIn("certificate_refused", market.log_path.read_text())


if __name__ == "__main__":
    unittest.main()
