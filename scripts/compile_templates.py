#!/usr/bin/python3
"""Compiles the texts of messages into C: scripts/compile_templates.py --out FILE

templates/<locale>/<kind>.txt, for each value of enum.locale in messages/common.toml: the subject, a blank line, the
text; then [sms] and its text, [in_app], its title and its text. Every locale must have every kind, every part that the
kind is sent by and no other, and no name in {{ }} that nobody gives. templates/<locale>/_money.txt shows how amounts
are written there: 1,234.50 EUR with the marks of the language."""
import argparse
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = ROOT / "actors" / "notification"
NOTICE = re.compile(r'^NOTICE\((\w+), (\w+), (true|false), ([A-Z_ |]+), (\w+), "([^"]*)", "([^"]*)"\)$')
NAME = re.compile(r"\{\{(.*?)\}\}")
MONEY = re.compile(r"1(\D?)234(\D)50 EUR\n")
PARTS = {"sms": "SMS", "in_app": "IN_APP"}
LINE_MAX = 400  # characters


class Mistake(Exception):
    pass


def check(is_right, where, what):
    if not is_right:
        raise Mistake(f"{where}: {what}")


def read_common():
    return tomllib.loads((ROOT / "messages/common.toml").read_text(encoding="utf-8"))["enum"]


def read_locales():
    """The default first."""
    return read_common()["locale"]["values"]


def read_kinds():
    """Of each kind: its channels and its facts."""
    names = read_common()["notice_kind"]["values"]
    table, file = {}, FOLDER / "notification_kind.def"
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("NOTICE("):
            continue
        match = NOTICE.match(line)
        check(match is not None, f"{file}:{number}",
              "is not NOTICE(kind, topic, critical, channels, link, path, facts)")
        kind = match[1].lower()
        check(kind in names and kind not in table, f"{file}:{number}", f"{kind} is no kind, or stands twice")
        table[kind] = (set(match[4].replace(" ", "").split("|")), set(match[7].split()))
    check(set(table) == set(names), file, f"kinds are missing: {sorted(set(names) - set(table))}")
    return [(name, *table[name]) for name in names]


def read_parts(file):
    parts, name = {"mail": []}, "mail"
    for line in file.read_text(encoding="utf-8").splitlines():
        check(len(line) <= LINE_MAX and line == line.rstrip() and line.isprintable(), file,
              f"a line is too long, ends in a space or has a control character: {line[:40]}")
        heading = re.fullmatch(r"\[(\w+)\]", line)
        if heading:
            name = heading[1]
            check(name in PARTS and name not in parts, file, f"[{name}] is no part, or stands twice")
            parts[name] = []
        else:
            parts[name].append(line)
    return parts


def check_names(file, text, known, what):
    for name in NAME.findall(text):
        check(name in known, file, f"{what} has {{{{{name}}}}}, which nobody gives; there is {sorted(known)}")
    check(NAME.sub("", text).count("{{") == 0, file, f"{what} has a {{{{ without its }}}}")


def read_template(file, channels, facts):
    check(file.exists(), file, "is missing")
    parts = read_parts(file)
    wanted = {part for part, channel in PARTS.items() if channel in channels}
    check(set(parts) - {"mail"} == wanted, file, f"has the parts {sorted(parts)}, but is sent by {sorted(channels)}")
    mail = parts["mail"]
    check(len(mail) >= 3 and mail[0] and not mail[1] and mail[2], file,
          "starts with a subject, a blank line and a text")
    texts = {"subject": mail[0], "text": "\n".join(mail[2:]).strip("\n") + "\n"}
    if "sms" in parts:
        texts["sms"] = "\n".join(parts["sms"]).strip("\n") + "\n"
    if "in_app" in parts:
        lines = "\n".join(parts["in_app"]).strip("\n").split("\n")
        check(len(lines) >= 2, file, "[in_app] has a title and a text")
        texts["title"], texts["in_app"] = lines[0], "\n".join(lines[1:]).strip("\n") + "\n"
    for what, text in texts.items():
        # The inbox is written without asking for contacts, and has no links.
        given = {"market"} if what in ("title", "in_app") else {"name", "market", "link"}
        check_names(file, text, facts | given, what)
        check(text.strip(), file, f"{what} is empty")
    return texts


def c_string(text):
    escaped = "".join({"\\": "\\\\", '"': '\\"', "\n": "\\n"}.get(c, c) for c in text)
    return f'"{escaped}"'


def read_marks(folder):
    """What stands between thousands, and before the cents."""
    file = folder / "_money.txt"
    check(file.exists(), file, "is missing")
    match = MONEY.fullmatch(file.read_text(encoding="utf-8"))
    check(match is not None and match[1] != match[2], file, "is not 1,234.50 EUR with the language's marks")
    return match[1], match[2]


def compile_locale(folder, kinds):
    files = {file.name for file in folder.iterdir()} - {"_money.txt"}
    unknown = files - {f"{kind}.txt" for kind, _, _ in kinds}
    check(not unknown, folder, f"belongs to no kind: {sorted(unknown)}")
    lines = []
    for kind, channels, facts in kinds:
        lines.append(f"            [COMMON_NOTICE_KIND_{kind.upper()}] = {{")
        for part, text in read_template(folder / f"{kind}.txt", channels, facts).items():
            lines.append(f"                .{part} = {c_string(text)},")
        lines.append("            },")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--templates", type=pathlib.Path, default=FOLDER / "templates")
    args = parser.parse_args()
    try:
        kinds = read_kinds()
        folders = [args.templates / locale for locale in read_locales()]
        check(set(folders) == set(args.templates.iterdir()), args.templates,
              f"has {sorted(file.name for file in args.templates.iterdir())}, but enum.locale of common.toml is "
              f"{[folder.name for folder in folders]}")
        lines = ["/* Generated by scripts/compile_templates.py. Do not edit. */",
                 '#include "actors/notification/notification_template.h"', "",
                 "const struct notification_locale notification_locales[] = {"]
        for folder in folders:
            thousands, cents = read_marks(folder)
            lines += ["    {", f'        .name = "{folder.name}",', f"        .thousands = {c_string(thousands)},",
                      f"        .cents = {c_string(cents)},", "        .templates = {"]
            lines += compile_locale(folder, kinds) + ["        },", "    },"]
        lines += ["};", f"const size_t notification_locales_count = {len(folders)};", ""]
    except (Mistake, OSError, UnicodeDecodeError) as mistake:
        print(mistake, file=sys.stderr)
        return 1
    args.out.write_text("\n".join(lines), encoding="utf-8")
    return 0


sys.exit(main())
