"""A market that was started once and stopped, of which each story gets a copy: the first start makes eight databases,
and with the stop after it that takes ten times as long as any other."""
import fcntl
import hashlib
import pathlib
import shutil
import subprocess
import tempfile

CONTROL_DATA = "/usr/lib/postgresql/15/bin/pg_controldata"
TRIES = 3
# What belongs to the process that ran there, and not to the market.
LEFT_OUT = ["run_dir", "up.pid", "souk.log", "log", "search"]


def digest_of(programs):
    """Another one for each build."""
    states = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(programs.iterdir())]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:16]


def control_of(cluster):
    """What PostgreSQL's own tool says of a cluster, by name."""
    told = subprocess.run([CONTROL_DATA, cluster], capture_output=True, text=True, check=True,
                          env={"LC_ALL": "C"}).stdout
    return {name: value.strip() for name, _, value in (line.partition(":") for line in told.splitlines())}


def make(place, start_and_stop):
    """Made where PostgreSQL's user may go, then brought to its place at once. False: on a slow machine it was ended
    before it had stopped by itself, and a copy would need what is left out of it."""
    with tempfile.TemporaryDirectory(prefix="souk-prepared-", ignore_cleanup_errors=True) as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o711)
        data_dir = folder / "data"
        data_dir.mkdir()
        start_and_stop(data_dir)
        control = control_of(data_dir / "postgres")
        if control["Database cluster state"] != "shut down":
            return False
        for name in LEFT_OUT:
            path = data_dir / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        # Stopped cleanly, PostgreSQL needs one segment; those behind it are room for later.
        for segment in (data_dir / "postgres" / "pg_wal").glob("0*"):
            if segment.name > control["Latest checkpoint's REDO WAL file"]:
                segment.unlink()
        unfinished = place.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run(["cp", "-a", data_dir, unfinished], check=True)
        unfinished.rename(place)
    return True


def copy_to(data_dir, programs, start_and_stop):
    """Fills the empty folder; several stories may come at once, the first makes what is copied."""
    place = programs.parent / f"prepared-{digest_of(programs)}"
    with open(programs.parent / "prepared.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            for old in programs.parent.glob("prepared-*"):
                shutil.rmtree(old, ignore_errors=True)
            if not any(make(place, start_and_stop) for _ in range(TRIES)):
                raise RuntimeError(f"PostgreSQL was not stopped cleanly in {TRIES} tries")
    subprocess.run(["cp", "-a", f"{place}/.", f"{data_dir}/"], check=True)
