#!/usr/bin/env python3
"""Makes what the search index is measured with, out of the CSV of make_catalogue.py: products (one a line, fields
between tabs) and distinct queries, one in ten of them misspelt. The same arguments make the same files.

Beyond the CSV's own products, they are made again with other names and mixed descriptions; some are German, French and
Japanese. Products that search_quality.tsv asks for in these languages are always among them."""
import argparse
import csv
import html
import pathlib
import random
import re

SEED = 20261130
WORD = re.compile(r"[A-Za-z]{3,}")
SYLLABLES = "ba be bi bo ca co da de di do fa fe fi ga go ha he ka ke ki la le li lo ma me mi mo na ne ni no pa pe " \
            "pi ra re ri ro sa se si so ta te ti to va ve vi vo za ze zi".split()
DESCRIPTION_MAX = 4000
# Adjectives as (masculine, feminine, neuter or plural), things with their gender.
GERMAN = {
    "like": [("blauer", "blaue", "blaues"), ("großer", "große", "großes"), ("kleiner", "kleine", "kleines"),
             ("grüner", "grüne", "grünes"), ("weißer", "weiße", "weißes"), ("schöner", "schöne", "schönes"),
             ("leichter", "leichte", "leichtes"), ("warmer", "warme", "warmes"), ("früher", "frühe", "frühes")],
    "things": [("Schlüssel", 0), ("Kaffeemühle", 1), ("Handtuch", 2), ("Rucksack", 0), ("Bürste", 1),
               ("Küchenmesser", 2),
               ("Gürtel", 0), ("Tischlampe", 1), ("Kissen", 2), ("Fußball", 0), ("Wanduhr", 1), ("Bücherregal", 2),
               ("Regenschirm", 0), ("Teekanne", 1), ("Körbchen", 2), ("Spiegel", 0), ("Wolldecke", 1), ("Brett", 2)],
    "of": ["aus Buche", "aus Filz", "für Kinder", "mit Deckel", "aus Glas", "für den Garten", "zum Aufhängen",
           "aus Wolle"],
    "text": "Das Stück ist von Hand gemacht und für den täglichen Gebrauch gedacht. Es wird in einer kleinen Werkstatt "
            "hergestellt und mit einer Anleitung geliefert."}
FRENCH = {
    "like": [("bleu", "bleue", "bleus"), ("grand", "grande", "grands"), ("léger", "légère", "légers"),
             ("épais", "épaisse", "épais"), ("brodé", "brodée", "brodés"), ("rayé", "rayée", "rayés"),
             ("ancien", "ancienne", "anciens"), ("doré", "dorée", "dorés")],
    "things": [("moulin à café", 0), ("théière", 1), ("rideaux", 2), ("couteau de cuisine", 0), ("écharpe", 1),
               ("coussins", 2), ("sac à dos", 0), ("crêpière", 1), ("gants", 2), ("parapluie", 0),
               ("lampe de bureau", 1),
               ("tabouret", 0), ("bougie parfumée", 1), ("étagère", 1), ("plateau", 0), ("nappe", 1)],
    "of": ["en hêtre", "en laine", "pour enfants", "avec couvercle", "en verre", "pour le jardin", "fait main",
           "en lin"],
    "text": "La pièce est fabriquée à la main dans un petit atelier et livrée avec une notice. Elle est prévue pour un "
            "usage quotidien dans la maison."}
JAPANESE = {
    "like": ["青い", "大きい", "小さい", "軽い", "白い", "手作り", "木製の", "折りたたみ"],
    "things": ["急須", "湯呑み", "風呂敷", "座布団", "箸置き", "抹茶碗", "うちわ", "手ぬぐい", "コーヒーカップ", "弁当箱",
               "のれん", "鉄瓶", "掛け軸", "日傘", "屏風", "香炉"],
    "of": ["京都産", "子供用", "贈り物に", "職人の技", "有田焼", "夏用", "蓋付き", "限定品"],
    "text": "毎日の暮らしのために小さな工房で一つずつ作られています。説明書が付いています。"}

# Names that say nothing but stop words.
STOP_WORDS = ["The Who", "It's On", "To Be or Not to Be", "We Will", "Who Is He", "Because of You", "Is it you",
              "Das ist es", "Wer bin ich", "Tout pour toi"]
STOP_LANGUAGES = {"Das ist es": "de", "Wer bin ich": "de", "Tout pour toi": "fr"}


def plain(markup):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def rows_of(path, limit):
    csv.field_size_limit(1 << 24)
    with open(path, encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if number >= limit:
                return
            tags = [tag.strip().split("::", 1) for tag in row["Tags"].split(",") if "::" in tag]
            yield {"language": "en", "name": plain(row["Title"]), "number": plain(row["Variant SKU"]),
                   "vendor": plain(row["Vendor"]), "category": plain(row["Product Category"]),
                   "attributes": [(name, value) for name, value in tags][:16],
                   "price": round(float(row["Variant Price"]) * 100),
                   "description": plain(row["Body (HTML)"])[:DESCRIPTION_MAX]}


def foreign_name(language, words, choice):
    like, (thing, gender) = choice(words["like"]), choice(words["things"])
    if language == "fr":
        return f"{thing} {like[gender]} {choice(words['of'])}".capitalize()
    return f"{like[gender].capitalize()} {thing} {choice(words['of'])}"


def foreign(number, random_):
    """A product in one of the other languages; its number tells it from those of the same name."""
    choice = random_.choice
    language = ("de", "fr", "ja")[number % 3]
    words = {"de": GERMAN, "fr": FRENCH, "ja": JAPANESE}[language]
    if language == "ja":
        name = choice(words["like"]) + choice(words["things"]) + " " + choice(words["of"])
    else:
        name = foreign_name(language, words, choice)
    return {"language": language, "name": name, "number": f"{language.upper()}-{number:06d}",
            "vendor": {"de": "Werkstatt am Fluß", "fr": "Atelier du Marché", "ja": "青山工房"}[language],
            "category": {"de": "Haushalt", "fr": "Maison", "ja": "雑貨"}[language],
            "attributes": [], "price": 500 + number * 37 % 20000, "description": words["text"]}


def every_foreign_name():
    """All of them, one each, so that what is asked for is there."""
    for language, words in (("de", GERMAN), ("fr", FRENCH), ("ja", JAPANESE)):
        for index, like in enumerate(words["like"]):
            for place, thing in enumerate(words["things"]):
                of = words["of"][(index + place) % len(words["of"])]
                if language == "ja":
                    yield language, f"{like}{thing} {of}", words
                elif language == "fr":
                    yield language, f"{thing[0]} {like[thing[1]]} {of}".capitalize(), words
                else:
                    yield language, f"{like[thing[1]].capitalize()} {thing[0]} {of}", words


def again(row, other, number, random_):
    """The product under another name, described by sentences of two."""
    brand = "".join(random_.choice(SYLLABLES) for _ in range(random_.randint(2, 4)))
    words = row["name"].split(": ", 1)[-1].split()
    if len(words) > 2:
        words[random_.randrange(len(words))] = random_.choice(other["name"].split())
    sentences = row["description"].split(". ") + other["description"].split(". ")
    random_.shuffle(sentences)
    return dict(row, name=f"{brand}: {' '.join(words)}", number=f"{brand[:4].upper()}-{number}",
                price=99 + random_.randrange(100000), description=". ".join(sentences[:4])[:DESCRIPTION_MAX])


def products(rows, count):
    random_ = random.Random(SEED)
    asked_for = [{"language": language, "name": name, "number": f"{language.upper()}F-{number:05d}",
                  "vendor": "Werkstatt am Fluß", "category": "Haushalt", "attributes": [], "price": 1000 + number,
                  "description": words["text"]}
                 for number, (language, name, words) in enumerate(every_foreign_name())]
    asked_for += [{"language": STOP_LANGUAGES.get(name, "en"), "name": name, "number": f"STOP-{number}",
                   "vendor": "Records", "category": "music", "attributes": [], "price": 1500,
                   "description": "A record, second hand."}
                  for number, name in enumerate(STOP_WORDS)]
    made = rows[:count - len(asked_for)] + asked_for
    yield from made
    for number in range(len(made), count):
        if number % 20 == 0:
            yield foreign(number, random_)
        else:
            yield again(random_.choice(rows), random_.choice(rows), number, random_)


def line_of(row, random_):
    rating = 0 if random_.random() < 0.6 else random_.randrange(200, 501, 10)
    attributes = "|".join(f"{name}={value}" for name, value in row["attributes"])
    fields = [row["language"], row["name"], row["number"], row["vendor"], row["category"], attributes,
              str(row["price"]), str(int(random_.paretovariate(1))), str(rating), str(int(random_.random() < 0.9)),
              str(int(random_.random() < 0.1)), row["description"]]
    return "\t".join(field.replace("\t", " ").replace("\n", " ") for field in fields) + "\n"


def misspell(word, random_):
    place = random_.randrange(1, len(word))
    letter = random_.choice("abcdefghijklmnopqrstuvwxyz")
    kind = random_.randrange(4)
    if kind == 0 and place + 1 < len(word):
        return word[:place] + word[place + 1] + word[place] + word[place + 2:]
    if kind == 1:
        return word[:place] + word[place + 1:]
    if kind == 2:
        return word[:place] + letter + word[place + 1:]
    return word[:place] + letter + word[place:]


def queries(rows, count):
    """Words of names, or of names and descriptions; every tenth has a typo in a word of at least five letters."""
    random_ = random.Random(SEED + 1)
    seen = set()
    while len(seen) < count:
        row = random_.choice(rows)
        source = row["name"] if random_.random() < 0.7 else row["name"] + " " + row["description"][:300]
        words = WORD.findall(source)
        if not words:
            continue
        chosen = random_.sample(words, min(len(words), random_.choice((1, 2, 2, 2, 3, 3, 4))))
        long_ones = [place for place, word in enumerate(chosen) if len(word) >= 5]
        if len(seen) % 10 == 0:
            if not long_ones:
                continue
            place = random_.choice(long_ones)
            chosen[place] = misspell(chosen[place].lower(), random_)
        query = " ".join(chosen).lower()
        if query not in seen:
            seen.add(query)
            yield query


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalogue", type=pathlib.Path, required=True, help="the CSV of make_catalogue.py")
    parser.add_argument("--products", type=pathlib.Path, required=True, help="the products to write")
    parser.add_argument("--queries", type=pathlib.Path, required=True, help="the queries to write")
    parser.add_argument("--count", type=int, default=63_000, help="how many products (default 63000)")
    parser.add_argument("--asked", type=int, default=20_000, help="how many queries (default 20000)")
    arguments = parser.parse_args()
    rows = list(rows_of(arguments.catalogue, 63_000))
    random_ = random.Random(SEED + 2)
    with open(arguments.products, "w", encoding="utf-8") as file:
        for row in products(rows, arguments.count):
            file.write(line_of(row, random_))
    with open(arguments.queries, "w", encoding="utf-8") as file:
        file.writelines(query + "\n" for query in queries(rows, arguments.asked))


if __name__ == "__main__":
    main()
