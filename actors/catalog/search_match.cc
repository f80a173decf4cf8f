/* Weights, filters, sort keys, hits and counts of a search. */
#include "actors/catalog/search_match.hh"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace search
{

/* A word counts half as much as it could when its count in the document is this. */
constexpr double HALF_COUNT = 16;

static double rounded_down(double weight)
{
    return std::floor(weight * WEIGHT_UNIT) / WEIGHT_UNIT;
}

ProductWeight::ProductWeight()
{
    need_stat(COLLECTION_SIZE);
    need_stat(TERMFREQ);
    need_stat(WDF);
    need_stat(WDF_MAX);
}

ProductWeight *ProductWeight::clone() const
{
    return new ProductWeight();
}

std::string ProductWeight::name() const
{
    return "search::ProductWeight";
}

void ProductWeight::init(double factor)
{
    const double all = get_collection_size(), having = get_termfreq();
    rarity = factor * std::log(1 + (all - having + 0.5) / (having + 0.5));
    fixed = get_wdf_upper_bound() == 0 ? rounded_down(factor) : 0;
    for (Xapian::termcount wdf = 0; wdf < COUNTS; wdf++)
        parts[wdf] = part_of(wdf);
}

double ProductWeight::part_of(Xapian::termcount wdf) const
{
    return fixed > 0 ? fixed : rounded_down(rarity * wdf / (wdf + HALF_COUNT));
}

double ProductWeight::get_sumpart(Xapian::termcount wdf, Xapian::termcount, Xapian::termcount) const
{
    return wdf < COUNTS ? parts[wdf] : part_of(wdf);
}

double ProductWeight::get_maxpart() const
{
    return get_sumpart(get_wdf_upper_bound(), 0, 0);
}

double ProductWeight::get_sumextra(Xapian::termcount, Xapian::termcount) const
{
    return 0;
}

double ProductWeight::get_maxextra() const
{
    return 0;
}

bool is_behind(int64_t key, struct uuid id, const struct search_position &position)
{
    if (key != position.key) return key < position.key;
    return std::memcmp(id.bytes, position.id.bytes, sizeof id.bytes) < 0;
}

bool RowDecider::operator()(const Xapian::Document &document) const
{
    struct search_row row;
    const struct text packed = snapshot.row(document.get_docid());
    if (search_sieve_open(&sieve, packed, &row) != STATUS_OK) throw other_format();
    return search_sieve_misses(&sieve, &row) == 0;
}

std::string RowKey::operator()(const Xapian::Document &document) const
{
    const struct text packed = snapshot.row(document.get_docid());
    /* Signed numbers compare as bytes when their signs are turned over. */
    const uint64_t key =
        static_cast<uint64_t>(search_row_key(packed, sort, currency)) ^ (uint64_t{ 1 } << 63);
    char bytes[SEARCH_SORT_KEY_BYTES];
    for (size_t i = 0; i < sizeof key; i++)
        bytes[i] = static_cast<char>(key >> 8 * (sizeof key - 1 - i));
    const struct uuid id = snapshot.id(document.get_docid());
    std::memcpy(bytes + sizeof key, id.bytes, sizeof id.bytes);
    return std::string(bytes, sizeof bytes);
}

/* The one that comes first is the greater. */
static bool is_before(const ranked &a, const ranked &b)
{
    if (a.key != b.key) return a.key > b.key;
    return std::memcmp(a.id.bytes, b.id.bytes, sizeof a.id.bytes) > 0;
}

void Collector::keep(const ranked &one)
{
    if (first.size() == room) {
        if (!is_before(one, first.front())) return;
        std::pop_heap(first.begin(), first.end(), is_before);
        first.pop_back();
    }
    first.push_back(one);
    std::push_heap(first.begin(), first.end(), is_before);
}

void Collector::operator()(const Xapian::Document &document, double weight)
{
    waiting[waiting_count++] = { document.get_docid(), weight };
    if (waiting_count == WAITING) finish();
}

void Collector::finish()
{
    for (size_t i = 0; i < waiting_count; i++)
        snapshot.fetch_place(waiting[i].document);
    for (size_t i = 0; i < waiting_count; i++)
        snapshot.fetch_row(waiting[i].document);
    for (size_t i = 0; i < waiting_count; i++)
        look_at(waiting[i]);
    waiting_count = 0;
}

/* Counts it, too. */
bool Collector::passes(struct text packed)
{
    if (is_open && counts == nullptr) return true;
    if (is_open) {
        if (search_counts_add_packed(counts, packed) != STATUS_OK) throw other_format();
        return true;
    }
    if (search_sieve_open(&sieve, packed, &row) != STATUS_OK) throw other_format();
    return counts == nullptr ? search_sieve_misses(&sieve, &row) == 0
                             : search_counts_add(counts, &sieve, &row);
}

void Collector::look_at(const found &one)
{
    const struct text packed = snapshot.row(one.document);
    if (!passes(packed)) return;
    passed++;
    if (room == 0) return;
    const int64_t key =
        is_by_key ? search_row_key(packed, sort, sieve.currency) : key_of_weight(one.weight);
    if (first.size() == room && key < first.front().key) return;
    const ranked hit = { one.document, key, snapshot.id(one.document) };
    if (after == nullptr || is_behind(key, hit.id, *after)) keep(hit);
}

std::vector<ranked> Collector::take()
{
    std::sort_heap(first.begin(), first.end(), is_before);
    return std::move(first);
}

} // namespace search
