/* What Xapian calls back while it matches: weights, filters, sort keys, what collects hits and
 * counts. */
#pragma once

#include <string>

#include "actors/catalog/search_snapshot.hh"

namespace search
{

/* Weights are multiples of 1 / WEIGHT_UNIT, so that their sums are exact: equal products have equal
 * weights in whatever order an index adds them up. */
constexpr double WEIGHT_UNIT = 4096;

inline int64_t key_of_weight(double weight)
{
    return static_cast<int64_t>(weight * WEIGHT_UNIT);
}

/* The rarer a word, and the more it counts in the document, the more weight; the length of a
 * document is in the counts already. A term without counts weighs its factor. */
class ProductWeight : public Xapian::Weight
{
  public:
    ProductWeight();
    ProductWeight *clone() const override;
    std::string name() const override;
    double get_sumpart(Xapian::termcount wdf, Xapian::termcount length,
                       Xapian::termcount unique) const override;
    double get_maxpart() const override;
    double get_sumextra(Xapian::termcount length, Xapian::termcount unique) const override;
    double get_maxextra() const override;

  private:
    enum { COUNTS = 96 }; /* nearly all counts of a word are below */

    double rarity = 0, fixed = 0;
    double parts[COUNTS] = {}; /* by count: the division takes longer than all else */

    double part_of(Xapian::termcount wdf) const;

    void init(double factor) override;
};

/* Lets through what passes the sieve. */
class RowDecider : public Xapian::MatchDecider
{
  public:
    RowDecider(const Snapshot &of, const struct search_sieve &through)
        : snapshot(of), sieve(through)
    {
    }
    bool operator()(const Xapian::Document &document) const override;

  private:
    const Snapshot &snapshot;
    const struct search_sieve &sieve;
};

/* The greater key comes first, of equal ones the greater id, which is the newer product. */
bool is_behind(int64_t key, struct uuid id, const struct search_position &position);

class RowKey : public Xapian::KeyMaker
{
  public:
    /* As search_row_key() has it. */
    RowKey(const Snapshot &of, enum search_sort by, const char *in)
        : snapshot(of), sort(by), currency(in)
    {
    }
    std::string operator()(const Xapian::Document &document) const override;

  private:
    const Snapshot &snapshot;
    const enum search_sort sort;
    const char *currency;
};

/* A hit, and by what it is sorted. */
struct ranked {
    Xapian::docid document;
    int64_t key;
    struct uuid id;
};

/* Looks at every document that Xapian finds: counts those that pass the sieve, in facets too if
 * they are wanted, and keeps the first so many of them. Rows are far apart in memory, so they are
 * fetched for many documents at a time before any is looked at. */
class Collector : public Xapian::MatchSpy
{
  public:
    /* The order is that of weights, or of search_row_key(). */
    Collector(const Snapshot &of, const struct search_sieve &through, size_t limit)
        : snapshot(of), sieve(through), is_open(search_sieve_is_open(&through)), room(limit)
    {
    }
    void sort_by(enum search_sort by)
    {
        is_by_key = true;
        sort = by;
    }
    /* Only what is behind it is kept; all is counted. */
    void begin_after(const struct search_position *position)
    {
        after = position;
    }
    void count_into(struct search_counts *facets)
    {
        counts = facets;
    }
    /* To be called when all have been found, before the next two. */
    void finish();
    int64_t total() const
    {
        return passed;
    }
    /* The first ones, in order; to be called once. */
    std::vector<ranked> take();

    void operator()(const Xapian::Document &document, double weight) override;

  private:
    enum { WAITING = 64 };

    struct found {
        Xapian::docid document;
        double weight;
    };

    const Snapshot &snapshot;
    const struct search_sieve &sieve;
    const bool is_open;
    const size_t room;
    found waiting[WAITING];
    size_t waiting_count = 0;
    bool is_by_key = false;
    enum search_sort sort = SEARCH_BY_RELEVANCE;
    const struct search_position *after = nullptr;
    struct search_counts *counts = nullptr;
    int64_t passed = 0;
    std::vector<ranked> first; /* a heap, the last of them at the top */
    struct search_row row;

    bool passes(struct text packed);
    void look_at(const found &one);
    void keep(const ranked &one);
};

} // namespace search
