#!/usr/bin/env python3
"""Turns messages/*.toml into C, OpenAPI and reference pages; see messages/README.md for the language.

generate_messages.py --messages messages --out build/generated              writes what changed
generate_messages.py --messages messages --golden tests/contract            compares, and fails with a diff
generate_messages.py --messages messages --golden tests/contract --update-golden
"""

import argparse
import difflib
import pathlib
import sys

from messages import checks, emit_c, emit_docs, emit_openapi, emit_reference, emit_status, emit_tables, family, reader
from messages.model import SchemaError


def outputs(model):
    files = {
        "status.h": emit_status.status_header(model), "status.c": emit_status.status_source(model),
        "domains.h": emit_status.domains_header(model), "domains.c": emit_status.domains_source(model),
        "routes.c": emit_tables.routes_source(model), "message_table.c": emit_tables.message_table_source(model),
        "openapi.json": emit_openapi.openapi_text(model), "openapi.c": emit_openapi.openapi_source(model),
        "docs.c": emit_docs.docs_source(model), "numbers.json": emit_openapi.numbers_text(model)}
    for domain in model.all():
        files[f"{domain.name}_messages.h"] = emit_c.messages_header(model, domain)
        files[f"{domain.name}_messages.c"] = emit_c.messages_source(domain)
        files[f"reference/{domain.name}.md"] = emit_reference.reference(domain)
    for alike in model.families:
        files[f"{alike.name}_messages.h"] = emit_c.family_header(model, alike)
        files[f"{alike.name}_messages.c"] = emit_c.family_source(model, alike)
        if alike.handled(model):
            files[f"{alike.name}_handlers.h"] = emit_tables.family_handlers_header(model, alike)
    for domain in model.domains:
        files[f"{domain.name}_handlers.h"] = emit_tables.handlers_header(model, domain)
        files[f"{domain.name}_dispatch.c"] = emit_tables.dispatch_source(model, domain)
    return files


def write_changed(folder, files):
    """Leaves unchanged files alone, so that nothing is compiled for nothing."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def compare_golden(folder, files):
    is_same = True
    for name, text in files.items():
        path = folder / name
        golden = path.read_text(encoding="utf-8") if path.exists() else ""
        if golden != text:
            is_same = False
            diff = difflib.unified_diff(golden.splitlines(), text.splitlines(), f"golden/{name}", f"generated/{name}",
                                        lineterm="")
            print("\n".join(diff))
    return is_same


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=pathlib.Path, default=pathlib.Path("messages"))
    parser.add_argument("--out", type=pathlib.Path, help="write the generated files here")
    parser.add_argument("--golden", type=pathlib.Path, help="folder of openapi.json and numbers.json")
    parser.add_argument("--update-golden", action="store_true", help="rewrite the golden files")
    arguments = parser.parse_args()
    if arguments.update_golden and not arguments.golden:
        arguments.golden = pathlib.Path("tests/contract")
    try:
        model = reader.read_model(arguments.messages)
        checks.check_model(model)
        family.share_bodies(model)
    except SchemaError as error:
        print(f"generate_messages: {error}", file=sys.stderr)
        return 1
    files = outputs(model)
    if arguments.out:
        write_changed(arguments.out, files)
    if arguments.golden:
        golden = {name: files[name] for name in ("openapi.json", "numbers.json")}
        if arguments.update_golden:
            write_changed(arguments.golden, golden)
        elif not compare_golden(arguments.golden, golden):
            print("The contract changed: run scripts/test --update-golden and read the diff.", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
