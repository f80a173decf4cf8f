"""The table in Markdown. What is wanted of a figure stands beside it; nothing fails by it, since machines differ."""
from browse import RATIOS

PROCESSES = ("gateway", "node", "agent", "postgres", "bank", "limit")
SHAPES = ((16, 16), (64, 1))
MEMORY_MAX = ((63_000, 100), (1_000_000, 160))  # MB of gateway and node, up to so many products
ANSWERS_MAX = 24  # MB
IMPORT_MIN = 5000  # rows a second


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


def verdict(is_met):
    return "met" if is_met else "not met"


def print_ratios(result):
    wanted = (*((ours, limit, part) for ours, limit, part in RATIOS),
              ("checkout", "limit: checkout statements", None))
    for ours, limit, part in wanted:
        for shape in SHAPES:
            first, second = find(result, ours, shape), find(result, limit, shape)
            if first and second:
                ratio = first["rate"] / second["rate"]
                told = "" if part is None else f" (wanted: {100 * part:.0f} %: {verdict(ratio >= part)})"
                print(f"| {ours} / {limit}, {shape[0]} × {shape[1]} | {100 * ratio:.0f} %{told} |")
    for shape in SHAPES:
        plain, facets = find(result, "search, distinct queries", shape), find(result, "search with facets", shape)
        if plain and facets:
            times = cpu(facets) / cpu(plain)
            print(f"| search with facets / without, processor time, {shape[0]} × {shape[1]} | {times:.2f} (wanted: at"
                  f" most 2: {verdict(times <= 2)}) |")


def cpu(line):
    return sum(line["cpu_s_per_1000"].values())


def print_hit_rates(result):
    for line in result["lines"]:
        if line["name"].endswith(" hot") and line.get("hit_rate") is not None:
            print(f"| {line['name']}, {line['connections']} × {line['streams']}: answered from what the gateway keeps |"
                  f" {100 * line['hit_rate']:.1f} % |")


def print_growth(result, small):
    """Processor time per request beside that of a small market, for the same number of hits."""
    for line in result["lines"]:
        if not line["name"].startswith(("search, ", "listing, ")) or not line["name"].endswith(("hits", "products")):
            continue
        before = find(small, line["name"], (line["connections"], line["streams"]))
        if before and cpu(before) > 0:
            ratio = cpu(line) / cpu(before)
            print(f"| {line['name']}, {line['connections']} × {line['streams']}: CPU-s beside {small['products']}"
                  f" products | {cpu(line):.3f} / {cpu(before):.3f} = {ratio:.2f} (wanted: at most 1.20:"
                  f" {verdict(ratio <= 1.2)}) |")


def print_memory(result):
    wanted = next((most for products, most in MEMORY_MAX if result["products"] <= products), None)
    for when, memory in result["memory_mb"].items():
        for kind in ("rss", "pss", "peak"):
            total = sum(memory[name][kind] for name in ("gateway", "node"))
            parts = " + ".join(f"{memory[name][kind]:.1f}" for name in ("gateway", "node"))
            told = f" (wanted: {wanted}: {verdict(total <= wanted)})" if wanted and kind != "peak" else ""
            print(f"| {kind.upper()} {when}: gateway + node, MB | {parts} = {total:.1f}{told} |")
        print(f"| kept answers {when}, MB | {memory['answers']:.1f} (wanted: {ANSWERS_MAX}:"
              f" {verdict(memory['answers'] <= ANSWERS_MAX)}) |")


def print_table(result, small=None):
    """`small`: the result of a market of few products, or None."""
    print_lines(result)
    print("\n| figure | value |\n|---|---:|")
    print_ratios(result)
    print_hit_rates(result)
    if small:
        print_growth(result, small)
    rows = result["import_rows_per_s"]
    print(f"| import, rows/s | {rows:,.0f} (wanted: {IMPORT_MIN:,}: {verdict(rows >= IMPORT_MIN)}) |")
    print(f"| import until all is found by search, rows/s | {result['searchable_rows_per_s']:,.0f} |")
    print(f"| from `souk up` to the first answer, s | {result['ready_s']:.2f} |")
    print_memory(result)
