"""Load: our own replay, for GETs and for what cannot be repeated."""
import json
import subprocess


def percentile(values, part):
    return values[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def visits(program, port, shape, paths, work):
    """GETs of these addresses, each once, in this order over all connections. (h2load walks its list with every
    connection in step: what one has just asked for is asked for by all, and no cache could miss.)"""
    (work / "visits").write_text("".join(f"GET\t{path}\n" for path in paths))
    process = subprocess.run([program, str(port), *map(str, shape), work / "visits"], capture_output=True, text=True,
                             timeout=400)
    if not process.stdout:
        raise SystemExit(f"replay: {process.stderr}")
    return json.loads(process.stdout)


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
