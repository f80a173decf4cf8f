/* What Xapian calls back while it matches: weights, filters and cursors, sort keys, counts. */
#pragma once

#include <string>

#include "actors/catalog/search_xapian.hh"

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

inline std::string row_of(const Xapian::Document &document)
{
    return document.get_value(ROW_SLOT);
}

/* Lets through what passes the sieve and stands behind the position, if there is one. */
class RowDecider : public Xapian::MatchDecider
{
  public:
    /* The sieve's currency is the one of sort keys, too. */
    RowDecider(const struct search_sieve &through, enum search_sort by,
               const struct search_position *from)
        : sieve(through), sort(by), after(from)
    {
    }
    bool operator()(const Xapian::Document &document) const override;

  private:
    const struct search_sieve &sieve;
    const enum search_sort sort;
    const struct search_position *after;
};

/* The greater key comes first, of equal ones the greater id, which is the newer product. */
bool is_behind(int64_t key, struct uuid id, const struct search_position &position);

class RowKey : public Xapian::KeyMaker
{
  public:
    /* As search_row_key() has it. */
    RowKey(enum search_sort by, const char *in) : sort(by), currency(in)
    {
    }
    std::string operator()(const Xapian::Document &document) const override;

  private:
    const enum search_sort sort;
    const char *currency;
};

class RowCounter : public Xapian::MatchSpy
{
  public:
    RowCounter(struct search_counts *to, const struct search_sieve &through)
        : counts(to), sieve(through)
    {
    }
    void operator()(const Xapian::Document &document, double weight) override;

  private:
    struct search_counts *counts;
    const struct search_sieve &sieve;
};

} // namespace search
