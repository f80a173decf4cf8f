/* Finds products, plan after plan, and gives one page of them. */
#include <algorithm>
#include <cstring>
#include <memory>

#include "actors/catalog/search_match.hh"
#include "actors/catalog/search_query.hh"
#include "actors/catalog/search_reader.hh"

namespace search
{

namespace
{

constexpr double BOOST_UNIT = 0.2; /* of weight; a rare word in a name has about 7 */

enum {
    ATTEMPTS_MAX = 4, /* when the writer overwrites what is being read */
    FEW_HITS = 3,     /* fewer than these let one look for words that were rather meant */
    PART_PINS = 0,
    PART_HITS = 1,
    PART_BURIED = 2,
};

struct found_hit {
    Xapian::docid document;
    struct search_position position;
};

Xapian::Query any_of(std::vector<Xapian::Query> &queries)
{
    return Xapian::Query(Xapian::Query::OP_OR, queries.begin(), queries.end());
}

Xapian::Query without(const Xapian::Query &query, std::vector<Xapian::Query> &unwanted)
{
    if (unwanted.empty()) return query;
    return Xapian::Query(Xapian::Query::OP_AND_NOT, query, any_of(unwanted));
}

} // namespace

/* One search, plan after plan. */
class Search
{
  public:
    Search(struct search_reader &by, const struct search_query &asked)
        : reader(by), query(asked),
          planner(by.database, by.stemmers, by.snapshot->words(), by.synonyms, asked), sieve()
    {
        search_sieve_init(&sieve, &query.filters, reader.snapshot->names());
        planner.read(query.text, query.is_prefix);
        is_ranked = query.sort == SEARCH_BY_RELEVANCE;
        if (query.after != nullptr) plan = static_cast<enum plan>(query.after->plan % PLANS);
    }

    void run(struct arena *arena, struct search_result &ret_result);

  private:
    struct search_reader &reader;
    const struct search_query &query;
    Planner planner;
    struct search_sieve sieve;
    bool is_ranked;
    enum plan plan = PLAN_ALL;
    Xapian::Query words; /* of the plan */
    std::vector<found_hit> hits;
    int64_t matches = 0;
    bool is_exact = false, is_counted = false;

    size_t wanted() const
    {
        return static_cast<size_t>(query.limit) + 1;
    }
    bool is_by_weight() const
    {
        return is_ranked && planner.has_words();
    }
    bool is_in_other_currency() const
    {
        return query.filters.currency[0] != '\0' && !query.filters.is_own_currency;
    }
    void choose_plan();
    void find_all_parts();
    void find_pins();
    void find_hits(size_t room);
    void find_buried();
    void find_by_weight(Xapian::Enquire &enquire, const struct search_position *after, size_t room);
    void find_all(Xapian::Enquire &enquire, const struct search_position *after, size_t room);
    bool can_count_along() const;
    void note_total(const Xapian::MSet &found);
    void keep(Xapian::docid document, uint8_t part, int64_t key, struct uuid id);
    Xapian::Query filtered(bool by_facets_too) const;
    Xapian::Query boosted(const Xapian::Query &base) const;
    void begin_counts();
    void count_apart();
    void tell(struct arena *arena, struct search_result &ret_result);
};

/* Filters that have terms; the sieve knows them all. */
Xapian::Query Search::filtered(bool by_facets_too) const
{
    const struct search_filters &filters = query.filters;
    std::vector<Xapian::Query> all, unwanted;
    if (is_in_other_currency()) all.emplace_back(term_of(SOLD_IN, filters.currency));
    if (filters.is_own_currency) unwanted.emplace_back(term_of(FOREIGN));
    if (by_facets_too) {
        if (sieve.has_category) all.emplace_back(term_of(CATEGORY, filters.category));
        if (sieve.has_vendor) all.emplace_back(term_of(VENDOR, filters.vendor));
        const bool has_terms = !is_in_other_currency(); /* they are about the own currency */
        if (has_terms && filters.in_stock == SEARCH_ONLY) all.emplace_back(term_of(IN_STOCK));
        if (has_terms && filters.on_sale == SEARCH_ONLY) all.emplace_back(term_of(ON_SALE));
        if (has_terms && filters.in_stock == SEARCH_WITHOUT)
            unwanted.emplace_back(term_of(IN_STOCK));
        if (has_terms && filters.on_sale == SEARCH_WITHOUT) unwanted.emplace_back(term_of(ON_SALE));
        size_t first = 0;
        for (size_t i = 0; i < sieve.groups_count; first = sieve.group_ends[i++]) {
            std::vector<Xapian::Query> any;
            for (size_t j = first; j < sieve.group_ends[i]; j++) {
                if (sieve.values[j] == SEARCH_NAME_NONE) continue;
                const struct search_name name =
                    search_names_get(reader.snapshot->names(), sieve.values[j]);
                any.emplace_back(term_of(VALUE, name.key));
            }
            all.push_back(any.empty() ? Xapian::Query::MatchNothing : any_of(any));
        }
    }
    for (size_t i = 0; i < filters.excluded_vendors_count; i++)
        unwanted.emplace_back(term_of(VENDOR, filters.excluded_vendors[i]));
    Xapian::Query made = planner.has_words() ? words : Xapian::Query::MatchAll;
    if (!all.empty()) {
        const Xapian::Query filter(Xapian::Query::OP_AND, all.begin(), all.end());
        made = planner.has_words() ? Xapian::Query(Xapian::Query::OP_FILTER, made, filter)
                                   : Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, filter, 0);
    }
    return without(made, unwanted);
}

/* Pins and buried products stand in other parts; what is boosted weighs more. */
Xapian::Query Search::boosted(const Xapian::Query &base) const
{
    if (!is_ranked) return base;
    std::vector<Xapian::Query> elsewhere, up;
    for (size_t i = 0; i < query.pins_count; i++)
        elsewhere.emplace_back(term_of(PRODUCT, query.pins[i]));
    for (size_t i = 0; i < query.boosts_count; i++) {
        const Xapian::Query product(term_of(PRODUCT, query.boosts[i].product));
        const int boost = std::min<int>(query.boosts[i].boost, SEARCH_BOOST_MAX);
        if (boost < 0) elsewhere.push_back(product);
        if (boost <= 0) continue;
        up.emplace_back(Xapian::Query::OP_SCALE_WEIGHT, product, boost * BOOST_UNIT);
    }
    const Xapian::Query rest = without(base, elsewhere);
    return up.empty() ? rest : Xapian::Query(Xapian::Query::OP_AND_MAYBE, rest, any_of(up));
}

void Search::keep(Xapian::docid document, uint8_t part, int64_t key, struct uuid id)
{
    struct search_position position = {};
    position.part = part;
    position.plan = plan;
    position.key = key;
    position.id = id;
    hits.push_back({ document, position });
}

/* In the order in which they are given; a position's key is the place in the list. */
void Search::find_pins()
{
    if (!is_ranked) return;
    const size_t first = query.after == nullptr ? 0
                         : query.after->part == PART_PINS
                             ? static_cast<size_t>(query.after->key) + 1
                             : query.pins_count;
    for (size_t i = 0; i < query.pins_count; i++) {
        const std::string term = term_of(PRODUCT, query.pins[i]);
        const auto posting = reader.database.postlist_begin(term);
        if (posting == reader.database.postlist_end(term)) continue;
        const struct text packed = reader.snapshot->row(*posting);
        struct search_row row;
        if (search_sieve_open(&sieve, packed, &row) != STATUS_OK) continue;
        if (search_sieve_misses(&sieve, &row) != 0) continue;
        matches++;
        if (i < first || hits.size() >= wanted()) continue;
        keep(*posting, PART_PINS, static_cast<int64_t>(i), reader.snapshot->id(*posting));
    }
}

void Search::note_total(const Xapian::MSet &found)
{
    is_exact = found.get_matches_lower_bound() == found.get_matches_upper_bound();
    matches += found.get_matches_estimated();
}

/* Xapian has no cursors for weights: it ranks what came before again. */
void Search::find_by_weight(Xapian::Enquire &enquire, const struct search_position *after,
                            size_t room)
{
    RowKey newest(*reader.snapshot, SEARCH_BY_RELEVANCE, "");
    enquire.set_sort_by_relevance_then_key(&newest, true);
    const RowDecider decider(*reader.snapshot, sieve);
    const bool has_decider =
        sieve.price_min > 0 || sieve.price_max < INT64_MAX || sieve.rating_min_hundredths > 0 ||
        sieve.groups_count > 1 || /* terms do not know which values go together */
        (is_in_other_currency() && (sieve.on_sale != SEARCH_ANY || sieve.in_stock != SEARCH_ANY));
    const size_t depth = after == nullptr ? 0 : after->depth;
    const size_t first_count = hits.size(), last_count = first_count + room;
    for (size_t size = depth + room;; size *= 2) {
        size = std::min<size_t>(size, SEARCH_DEPTH_MAX);
        const Xapian::MSet found = enquire.get_mset(0, static_cast<Xapian::doccount>(size), 0,
                                                    nullptr, has_decider ? &decider : nullptr);
        hits.resize(first_count);
        for (auto hit = found.begin(); hit != found.end() && hits.size() < last_count; ++hit) {
            const int64_t key = key_of_weight(hit.get_weight());
            if (after != nullptr && key > after->key) continue;
            const struct uuid id = reader.snapshot->id(*hit);
            if (after != nullptr && !is_behind(key, id, *after)) continue;
            keep(*hit, PART_HITS, key, id);
            hits.back().position.depth = hit.get_rank() + 1;
        }
        const bool is_all = found.size() < size || size == SEARCH_DEPTH_MAX;
        if (hits.size() < last_count && !is_all) continue;
        note_total(found);
        return;
    }
}

/* A key of a row is found nowhere but in the row, so every one is looked at. */
void Search::find_all(Xapian::Enquire &enquire, const struct search_position *after, size_t room)
{
    Collector collector(*reader.snapshot, sieve, room);
    collector.begin_after(after);
    if (!is_by_weight()) {
        enquire.set_weighting_scheme(Xapian::BoolWeight());
        enquire.set_docid_order(Xapian::Enquire::DONT_CARE);
        collector.sort_by(query.sort);
    }
    if (is_counted) collector.count_into(reader.counts.get());
    enquire.add_matchspy(&collector);
    (void)enquire.get_mset(0, 0, reader.database.get_doccount());
    collector.finish();
    matches += collector.total();
    uint32_t depth = after == nullptr ? 0 : after->depth;
    for (const ranked &hit : collector.take()) {
        keep(hit.document, PART_HITS, hit.key, hit.id);
        hits.back().position.depth = std::min<uint32_t>(++depth, SEARCH_DEPTH_MAX);
    }
}

/* In one pass, when all that is found stands in one part. */
bool Search::can_count_along() const
{
    return query.wants_facets && query.after == nullptr && query.pins_count == 0 &&
           query.boosts_count == 0;
}

void Search::begin_counts()
{
    search_counts_begin(reader.counts.get(), reader.snapshot->names(), query.price_bounds,
                        query.price_bounds_count);
}

void Search::find_hits(size_t room)
{
    const struct search_position *after =
        query.after != nullptr && query.after->part == PART_HITS ? query.after : nullptr;
    is_counted = can_count_along();
    if (is_counted) begin_counts();
    Xapian::Enquire enquire(reader.database);
    enquire.set_query(is_counted ? filtered(false) : boosted(filtered(true)));
    enquire.set_weighting_scheme(ProductWeight());
    if (is_by_weight() && !is_counted) {
        find_by_weight(enquire, after, room);
    } else {
        find_all(enquire, after, room);
    }
}

/* At most as many as there are boosts, so all of them are looked at. */
void Search::find_buried()
{
    std::vector<Xapian::Query> down;
    for (size_t i = 0; is_ranked && i < query.boosts_count; i++) {
        if (query.boosts[i].boost < 0) down.emplace_back(term_of(PRODUCT, query.boosts[i].product));
    }
    if (down.empty()) return;
    Xapian::Enquire enquire(reader.database);
    std::vector<Xapian::Query> pinned;
    for (size_t i = 0; i < query.pins_count; i++)
        pinned.emplace_back(term_of(PRODUCT, query.pins[i]));
    enquire.set_query(
        without(Xapian::Query(Xapian::Query::OP_FILTER, filtered(true), any_of(down)), pinned));
    enquire.set_weighting_scheme(ProductWeight());
    RowKey newest(*reader.snapshot, SEARCH_BY_RELEVANCE, "");
    enquire.set_sort_by_relevance_then_key(&newest, true);
    const RowDecider decider(*reader.snapshot, sieve);
    const Xapian::MSet found = enquire.get_mset(0, SEARCH_BOOSTS_MAX, 0, nullptr, &decider);
    matches += found.size();
    const bool is_after = query.after != nullptr && query.after->part == PART_BURIED;
    for (auto hit = found.begin(); hit != found.end() && hits.size() < wanted(); ++hit) {
        const int64_t key = key_of_weight(hit.get_weight());
        const struct uuid id = reader.snapshot->id(*hit);
        if (is_after && !is_behind(key, id, *query.after)) continue;
        keep(*hit, PART_BURIED, key, id);
    }
}

/* Counts every product that has the words, whatever the filters of the facets. */
void Search::count_apart()
{
    Xapian::Enquire enquire(reader.database);
    enquire.set_query(filtered(false));
    enquire.set_weighting_scheme(Xapian::BoolWeight());
    enquire.set_docid_order(Xapian::Enquire::DONT_CARE);
    Collector collector(*reader.snapshot, sieve, 0);
    collector.count_into(reader.counts.get());
    enquire.add_matchspy(&collector);
    (void)enquire.get_mset(0, 0, reader.database.get_doccount());
    collector.finish();
}

void Search::find_all_parts()
{
    hits.clear();
    matches = 0;
    is_exact = true;
    find_pins();
    const bool is_past = query.after != nullptr && query.after->part == PART_BURIED;
    /* Without room for hits it still tells how many there are. */
    find_hits(is_past ? 0 : wanted() - hits.size());
    find_buried();
}

/* The first plan that finds something; pages after the first keep to its plan. */
void Search::choose_plan()
{
    if (!planner.has_words()) {
        find_all_parts();
        return;
    }
    if (query.after != nullptr) {
        if (planner.make(plan, words)) find_all_parts();
        return;
    }
    for (uint8_t next = PLAN_ALL; next < PLANS; next++) {
        plan = static_cast<enum plan>(next);
        if (!planner.make(plan, words)) continue;
        find_all_parts();
        if (matches >= FEW_HITS) return;
        if (matches > 0 && (plan != PLAN_ALL || !planner.has_better_words())) return;
    }
}

void Search::run(struct arena *arena, struct search_result &ret_result)
{
    choose_plan();
    if (query.wants_facets && !is_counted) {
        begin_counts();
        if (!planner.has_words() || !words.empty()) count_apart();
    }
    tell(arena, ret_result);
}

void Search::tell(struct arena *arena, struct search_result &ret_result)
{
    ret_result = {};
    ret_result.has_more = hits.size() == wanted();
    if (ret_result.has_more) hits.pop_back();
    ret_result.hits_count = hits.size();
    auto *list = static_cast<struct search_hit *>(
        arena_allocate_array(arena, hits.size(), sizeof(struct search_hit)));
    for (size_t i = 0; i < hits.size(); i++) {
        list[i].id = hits[i].position.id;
        list[i].data = unpacked_data(arena, reader.database.get_document(hits[i].document));
    }
    ret_result.hits = list;
    if (ret_result.has_more) ret_result.next = hits.back().position;
    ret_result.total = matches;
    ret_result.is_total_exact = is_exact;
    if (query.wants_facets && query.pins_count + query.boosts_count == 0) {
        ret_result.total = search_counts_total(reader.counts.get());
        ret_result.is_total_exact = true;
    }
    const std::string meant = planner.meant();
    ret_result.did_you_mean = text_copy(arena, text_of_string(meant));
    ret_result.is_corrected = !meant.empty() && plan != PLAN_ALL && matches > 0;
    ret_result.is_relaxed = plan >= PLAN_MOST && matches > 0;
    if (!query.wants_facets) return;
    ret_result.facets = search_counts_tell(reader.counts.get(), arena);
}

void find(struct search_reader &reader, struct arena *arena, const struct search_query &query,
          struct search_result &ret_result)
{
    Search(reader, query).run(arena, ret_result);
}

} // namespace search
