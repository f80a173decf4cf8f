"""Where servers of tests listen."""
import pathlib
import random
import socket


def free_ports():
    """Two neighbouring ports that are free on loopback, below those that the kernel gives to connections: so that
    nobody has one by chance while a market starts, or starts again."""
    ports = range(10000, int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0]) - 1)
    for _ in range(100):
        port = random.choice(ports)
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
                return port
            except OSError:
                continue
    raise RuntimeError("no two free ports")
