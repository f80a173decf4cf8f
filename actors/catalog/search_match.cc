/* Weights, filters, sort keys and counts of a search. */
#include "actors/catalog/search_match.hh"

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
    const std::string packed = row_of(document);
    struct search_row row;
    if (search_sieve_open(&sieve, text_of_string(packed), &row) != STATUS_OK) return false;
    if (search_sieve_misses(&sieve, &row) != 0) return false;
    return after == nullptr ||
           is_behind(search_row_key(text_of_string(packed), sort, sieve.currency), row.id, *after);
}

std::string RowKey::operator()(const Xapian::Document &document) const
{
    const std::string packed = row_of(document);
    /* Signed numbers compare as bytes when their signs are turned over. */
    const uint64_t key =
        static_cast<uint64_t>(search_row_key(text_of_string(packed), sort, currency)) ^
        (uint64_t{ 1 } << 63);
    char bytes[SEARCH_SORT_KEY_BYTES];
    for (size_t i = 0; i < sizeof key; i++)
        bytes[i] = static_cast<char>(key >> 8 * (sizeof key - 1 - i));
    const struct uuid id = search_row_id(text_of_string(packed));
    std::memcpy(bytes + sizeof key, id.bytes, sizeof id.bytes);
    return std::string(bytes, sizeof bytes);
}

void RowCounter::operator()(const Xapian::Document &document, double)
{
    const std::string packed = row_of(document);
    struct search_row row;
    if (search_sieve_open(&sieve, text_of_string(packed), &row) != STATUS_OK) return;
    (void)search_counts_add(counts, &sieve, &row);
}

} // namespace search
