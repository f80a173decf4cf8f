"""Load: h2load for what can be repeated, our own replay for what cannot."""
import json
import re
import subprocess


def percentile(values, part):
    return values[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def get_load(port, shape, paths, count, work):
    """h2load over clear HTTP/2; every client walks the same list of addresses."""
    connections, streams = shape
    (work / "paths").write_text("".join(f"http://127.0.0.1:{port}{path}\n" for path in paths))
    log = work / "h2load.log"
    log.unlink(missing_ok=True)
    output = subprocess.run(["h2load", "-n", str(count), "-c", str(connections), "-m", str(streams),
                             "-i", work / "paths", "--log-file", log],
                            check=True, capture_output=True, text=True, timeout=300).stdout
    rate = float(re.search(r"finished in .*?, ([0-9.]+) req/s", output)[1])
    done, failed = map(int, re.search(r"(\d+) done, \d+ succeeded, (\d+) failed", output).groups())
    statuses, took_ms = {}, []
    with open(log) as lines:
        for line in lines:
            _, status, took_us = line.split("\t")
            statuses[status] = statuses.get(status, 0) + 1
            took_ms.append(int(took_us) / 1000)
    took_ms.sort()
    return {"done": done, "failed": failed, "rate": rate, "statuses": statuses,
            "p50_ms": percentile(took_ms, 0.5), "p99_ms": percentile(took_ms, 0.99)}


def replay(program, port, shape, requests, work):
    """Each request (method, path, token, key, body or None[, signature]) once; "answers" are the parsed bodies, in
    order."""
    def line(method, path, token, key, body, signature=""):
        return "\t".join((method, path, token, key, "" if body is None else json.dumps(body), signature)) + "\n"
    (work / "requests").write_text("".join(line(*request) for request in requests))
    answers = work / "answers"
    process = subprocess.run([program, str(port), str(shape[0]), str(shape[1]), work / "requests", answers],
                             capture_output=True, text=True, timeout=400)
    if not process.stdout:
        raise SystemExit(f"replay: {process.stderr}")
    run = json.loads(process.stdout)
    run["answers"], run["first_bad"] = [], None
    with open(answers, encoding="utf-8", newline="\n") as lines:
        for answer in lines:
            status, _, body = answer.rstrip("\n").partition("\t")
            if not status.startswith("2"):
                run["first_bad"] = run["first_bad"] or answer[:600]
            run["answers"].append(json.loads(body) if body.startswith("{") else {})
    return run
