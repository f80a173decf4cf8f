"""A market that was started once and stopped, of which each story gets a copy: the first start makes eight databases,
and with the stop after it that takes ten times as long as any other."""
import fcntl
import hashlib
import pathlib
import shutil
import subprocess
import tempfile

# What belongs to the process that ran there, and not to the market.
LEFT_OUT = ["run_dir", "up.pid", "souk.log", "log", "search"]


def digest_of(programs):
    """Another one for each build."""
    states = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(programs.iterdir())]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:16]


def make(place, start_and_stop):
    """Made where PostgreSQL's user may go, then brought to its place at once."""
    with tempfile.TemporaryDirectory(prefix="souk-prepared-", ignore_cleanup_errors=True) as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o711)
        data_dir = folder / "data"
        data_dir.mkdir()
        start_and_stop(data_dir)
        for name in LEFT_OUT:
            path = data_dir / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        # Stopped cleanly, PostgreSQL needs the oldest segment only; the others are room for later.
        for segment in sorted((data_dir / "postgres" / "pg_wal").glob("0*"))[1:]:
            segment.unlink()
        unfinished = place.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run(["cp", "-a", data_dir, unfinished], check=True)
        unfinished.rename(place)


def copy_to(data_dir, programs, start_and_stop):
    """Fills the empty folder; several stories may come at once, the first makes what is copied."""
    place = programs.parent / f"prepared-{digest_of(programs)}"
    with open(programs.parent / "prepared.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            for old in programs.parent.glob("prepared-*"):
                shutil.rmtree(old, ignore_errors=True)
            make(place, start_and_stop)
    subprocess.run(["cp", "-a", f"{place}/.", f"{data_dir}/"], check=True)
