"""The table in Markdown."""

PROCESSES = ("gateway", "node", "agent", "postgres", "bank", "limit")


def median_run(runs):
    """The run whose rate is the median; the other rates stay beside it."""
    ordered = sorted(runs, key=lambda run: run["rate"])
    return {**ordered[len(ordered) // 2], "rates": [run["rate"] for run in runs]}


def find(result, name, shape):
    for line in result["lines"]:
        if line["name"] == name and (line["connections"], line["streams"]) == shape:
            return line
    return None


def print_lines(result):
    print(f"{result['products']} products, {result['when']}, medians of"
          f" {max((len(line['rates']) for line in result['lines']), default=0)}\n")
    print("| line | connections × streams | per s | p50 ms | p99 ms | CPU-s per 1000: " + " / ".join(PROCESSES)
          + " | all | units |\n|---|---|---:|---:|---:|---|---:|---:|")
    for line in sorted(result["lines"], key=lambda line: (line["name"].startswith("limit"), line["name"])):
        cpu = line["cpu_s_per_1000"]
        units = f"{line['units']:.2f}" if "units" in line else ""
        print(f"| {line['name']} | {line['connections']} × {line['streams']} | {line['rate']:,.0f} |"
              f" {line['p50_ms']:.2f} | {line['p99_ms']:.2f} | "
              + " / ".join(f"{cpu[name]:.3f}" if name in cpu else "–" for name in PROCESSES)
              + f" | {sum(cpu.values()):.3f} | {units} |")


def print_ratios(result):
    for ours, limit in (("product detail", "limit: h2o, ZeroMQ, SELECT"), ("checkout", "limit: checkout statements")):
        for shape in ((16, 16), (64, 1)):
            first, second = find(result, ours, shape), find(result, limit, shape)
            if first and second:
                print(f"| {ours} / {limit}, {shape[0]} × {shape[1]} | {100 * first['rate'] / second['rate']:.0f} % |")


def print_table(result):
    print_lines(result)
    print("\n| figure | value |\n|---|---:|")
    print_ratios(result)
    print(f"| import, rows/s | {result['import_rows_per_s']:,.0f} |")
    print(f"| from `souk up` to the first answer, s | {result['ready_s']:.2f} |")
    for when, memory in result["memory_mb"].items():
        for kind in ("rss", "pss"):
            parts = " + ".join(f"{memory[name][kind]:.1f}" for name in ("gateway", "node"))
            total = sum(memory[name][kind] for name in ("gateway", "node"))
            print(f"| {kind.upper()} {when}: gateway + node, MB | {parts} = {total:.1f} |")
