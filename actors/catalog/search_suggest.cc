/* What somebody may be about to type: categories and vendors by their names, and products. */
#include <algorithm>
#include <cstring>
#include <functional>

#include "actors/catalog/search_match.hh"
#include "actors/catalog/search_reader.hh"

namespace search
{

namespace
{

enum {
    PLACES_SEEN_MAX = 256, /* names that begin like this and are looked at */
    NAMES_SHARE = 4,       /* of the suggestions, a quarter is categories, another vendors */
    LOOKED_AT_TIMES = 4,   /* so many times the products that are wanted are put in order */
    LOOKED_AT_MAX = 64,
};

/* How likely it is that somebody who types this means the name; the greater the likelier. */
enum likeness { ELSEWHERE, A_WORD, THE_BEGINNING };

enum likeness likeness_of(const std::string &name, const std::string &typed)
{
    if (name.compare(0, typed.size(), typed) == 0) return THE_BEGINNING;
    return name.find(" " + typed) != std::string::npos ? A_WORD : ELSEWHERE;
}

struct named {
    struct search_name name;
    Xapian::doccount products;
    enum likeness likeness;
};

Xapian::doccount products_of(const struct search_reader &reader, const struct search_name &name)
{
    return reader.database.get_termfreq(
        term_of(name.kind == SEARCH_NAME_CATEGORY ? CATEGORY : VENDOR, name.key));
}

bool is_excluded(const struct search_filters &filters, const struct search_name &name)
{
    for (size_t i = 0; i < filters.excluded_vendors_count; i++) {
        if (std::memcmp(filters.excluded_vendors[i].bytes, name.key.bytes, sizeof name.key.bytes) ==
            0) {
            return true;
        }
    }
    return false;
}

/* Those that begin so first, then those with the most products, equal ones by name, then id. */
std::vector<named> names_like(const struct search_reader &reader, const std::string &beginning,
                              const struct search_filters &filters)
{
    const std::vector<named_place> &places = reader.snapshot->places();
    auto place = std::lower_bound(
        places.begin(), places.end(), beginning,
        [](const named_place &a, const std::string &text) { return a.rest < text; });
    std::vector<uint32_t> numbers;
    for (size_t seen = 0; place != places.end() && seen < PLACES_SEEN_MAX; ++place, ++seen) {
        if (place->rest.compare(0, beginning.size(), beginning) != 0) break;
        numbers.push_back(place->number);
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    std::vector<named> found;
    for (const uint32_t number : numbers) {
        const struct search_name name = search_names_get(reader.snapshot->names(), number);
        const Xapian::doccount products = products_of(reader, name);
        if (products > 0 && !is_excluded(filters, name))
            found.push_back({ name, products, likeness_of(folded(name.name), beginning) });
    }
    std::sort(found.begin(), found.end(), [](const named &a, const named &b) {
        if (a.likeness != b.likeness) return a.likeness > b.likeness;
        if (a.products != b.products) return a.products > b.products;
        const int order = text_compare(a.name.name, b.name.name);
        if (order != 0) return order < 0;
        return std::memcmp(a.name.key.bytes, b.name.key.bytes, sizeof a.name.key.bytes) < 0;
    });
    return found;
}

struct suggesting {
    struct search_suggestion *list;
    size_t count, limit;
};

void add_names(suggesting &to, struct arena *arena, const std::vector<named> &found,
               enum search_name_kind kind, size_t share)
{
    for (const named &one : found) {
        if (share == 0 || to.count == to.limit) return;
        if (one.name.kind != kind) continue;
        struct search_suggestion &made = to.list[to.count++];
        made = {};
        made.kind = kind == SEARCH_NAME_CATEGORY ? SEARCH_CATEGORY : SEARCH_VENDOR;
        made.id = one.name.key;
        made.name = text_copy(arena, one.name.name);
        share--;
    }
}

struct product {
    Xapian::Document document;
    enum likeness likeness;
    int64_t sold;
};

/* Names that begin as it was typed, then those with such a word, of each the most popular first;
 * then what has it elsewhere, by relevance. */
bool is_likelier(const product &a, const product &b)
{
    if (a.likeness != b.likeness) return a.likeness > b.likeness;
    return a.likeness != ELSEWHERE && a.sold > b.sold;
}

void add_products(suggesting &to, struct arena *arena, const struct search_reader &reader,
                  const Xapian::Query &words, const std::string &typed,
                  const struct search_filters &filters)
{
    Xapian::Enquire enquire(reader.database);
    std::vector<Xapian::Query> excluded;
    for (size_t i = 0; i < filters.excluded_vendors_count; i++)
        excluded.emplace_back(term_of(VENDOR, filters.excluded_vendors[i]));
    enquire.set_query(
        excluded.empty()
            ? words
            : Xapian::Query(Xapian::Query::OP_AND_NOT, words,
                            Xapian::Query(Xapian::Query::OP_OR, excluded.begin(), excluded.end())));
    enquire.set_weighting_scheme(ProductWeight());
    RowKey popular(*reader.snapshot, SEARCH_BY_POPULAR, "");
    enquire.set_sort_by_relevance_then_key(&popular, true);
    const size_t wanted = to.limit - to.count;
    const size_t looked_at =
        std::max<size_t>(wanted, std::min<size_t>(LOOKED_AT_TIMES * wanted, LOOKED_AT_MAX));
    const Xapian::MSet found = enquire.get_mset(0, static_cast<Xapian::doccount>(looked_at));
    std::vector<product> products;
    for (auto hit = found.begin(); hit != found.end(); ++hit) {
        const Xapian::Document document = hit.get_document();
        products.push_back(
            { document, likeness_of(document.get_value(NAME_SLOT), typed),
              search_row_key(reader.snapshot->row(*hit), SEARCH_BY_POPULAR, "") });
    }
    std::stable_sort(products.begin(), products.end(), is_likelier);
    for (size_t i = 0; i < products.size() && to.count < to.limit; i++) {
        struct search_suggestion &made = to.list[to.count++];
        made = {};
        made.kind = SEARCH_PRODUCT;
        made.id = reader.snapshot->id(products[i].document.get_docid());
        made.data = unpacked_data(arena, products[i].document);
    }
}

} // namespace

void suggest(struct search_reader &reader, struct arena *arena, const struct search_query &query,
             struct search_suggestions &ret_suggestions)
{
    ret_suggestions = {};
    Planner planner(reader.database, reader.stemmers, reader.snapshot->words(), reader.synonyms,
                    query);
    planner.read(query.text, true);
    if (!planner.has_words()) return;
    const size_t most = static_cast<size_t>(query.limit);
    suggesting made = { static_cast<struct search_suggestion *>(
                            arena_allocate_array(arena, most, sizeof(struct search_suggestion))),
                        0, most };
    const size_t share = (most + NAMES_SHARE - 1) / NAMES_SHARE;
    for (const enum plan plan : { PLAN_ALL, PLAN_CORRECTED, PLAN_MOST }) {
        Xapian::Query words;
        const bool is_made = planner.make(plan, words);
        const std::string meant = plan == PLAN_ALL ? folded(query.text) : planner.meant();
        if (!meant.empty()) {
            const std::vector<named> found = names_like(reader, meant, query.filters);
            add_names(made, arena, found, SEARCH_NAME_CATEGORY, share);
            add_names(made, arena, found, SEARCH_NAME_VENDOR, share);
        }
        if (is_made) add_products(made, arena, reader, words, meant, query.filters);
        if (made.count > 0) break;
    }
    ret_suggestions.list = made.list;
    ret_suggestions.count = made.count;
}

} // namespace search
