/* From what somebody typed to a query of Xapian, in up to four ways: as typed, with words
 * corrected, without one of the words, with any of them. */
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "actors/catalog/search_xapian.hh"

namespace search
{

/* How much of what was typed a hit must have. In this order until something is found. */
enum plan : uint8_t { PLAN_ALL, PLAN_CORRECTED, PLAN_MOST, PLAN_ANY, PLANS };

/* A part of a chunk of the query. */
struct typed_word {
    std::string text, other; /* as in search_part */
    enum search_part_kind kind;
    size_t chunk;               /* which one it is of */
    std::string signs;          /* the whole chunk, if it has one part and signs ("c++") */
    bool is_stop;               /* searched for as it is typed, without its other forms */
    bool is_optional;           /* a stop word among others */
    Xapian::doccount frequency; /* of its most frequent stem */
};

std::vector<typed_word> words_typed(struct text text, size_t limit);

/* Groups of texts that mean the same, found by the stem of their first word. */
class Synonyms
{
  public:
    void add(const Stemmers &stemmers, const struct search_synonyms &group);
    /* The other texts of the group of the longest text that begins at this word. */
    size_t find(const Stemmers &stemmers, const std::vector<typed_word> &words, size_t at,
                std::vector<const std::vector<typed_word> *> &ret_others) const;

  private:
    struct place {
        size_t group, index;
    };
    std::vector<std::vector<std::vector<typed_word>>> groups;
    std::unordered_map<std::string, std::vector<place>> by_first;
};

class Planner
{
  public:
    /* Words are inflected as in all of the index's languages; forms in those of the query count
     * more. */
    Planner(const Xapian::Database &from, const Stemmers &by, const struct search_words *all,
            const Synonyms &same, const struct search_query &query)
        : database(from), stemmers(by), stems(by.choose(query.languages, query.languages_count)),
          other_stems(by.beside(stems)), vocabulary(all), synonyms(same)
    {
    }

    void read(struct text text, bool is_last_prefix);
    bool has_words() const
    {
        return !words.empty();
    }
    /* False if nothing can come of it that an earlier plan has not found. */
    bool make(enum plan plan, Xapian::Query &ret_query);
    /* True if one of the words is rare and another one near to it is not. */
    bool has_better_words();
    /* The words with corrections, or empty if there are none. */
    std::string meant() const;

  private:
    struct unit {
        Xapian::Query need; /* empty: no document has it */
        Xapian::Query like; /* counts, but need not be */
        bool is_optional;
    };
    struct correction {
        std::vector<std::string> words; /* one, or two that were typed as one */
        int edits;
        Xapian::doccount frequency;
    };

    const Xapian::Database &database;
    const Stemmers &stemmers;
    const std::vector<const Xapian::Stem *> stems, other_stems;
    const struct search_words *vocabulary;
    const Synonyms &synonyms;
    std::vector<typed_word> words;
    std::vector<std::vector<correction>> corrections; /* of each word, once they are looked for */
    std::string squeezed_name, squeezed_number;
    bool is_prefix = false;
    mutable std::unordered_map<std::string, Xapian::doccount> frequencies; /* asked for before */

    Xapian::doccount frequency_of(const std::string &term) const;
    Xapian::Query term_if_known(const std::string &term) const;
    Xapian::Query need_of(const typed_word &word, Xapian::doccount *ret_frequency) const;
    Xapian::Query need_of_all(const std::vector<typed_word> &list) const;
    Xapian::Query like_of(const typed_word &word) const;
    Xapian::Query beginnings_of(const typed_word &word) const;
    Xapian::Query need_of_run(const typed_word &word, enum plan plan) const;
    Xapian::Query need_corrected(size_t at, enum plan plan) const;
    void correct();
    void correct_word(size_t at);
    void add_splits(const typed_word &word, std::vector<correction> &ret_found) const;
    /* As a stop word beside others it costs more than it says. */
    bool is_everywhere(const typed_word &word) const
    {
        enum { ONE_IN = 8, LEAST = 1000 };
        return word.frequency > LEAST && word.frequency > database.get_doccount() / ONE_IN;
    }
    size_t add_unit(size_t at, enum plan plan, std::vector<unit> &ret_units) const;
    size_t joined_span(size_t at, Xapian::Query &ret_joined) const;
    std::vector<unit> units_of(enum plan plan) const;
    Xapian::Query whole(const Xapian::Query &needs, const std::vector<unit> &units) const;
};

} // namespace search
