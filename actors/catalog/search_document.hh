/* A product as the terms by which it is found: its words with what each counts. */
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "actors/catalog/search_xapian.hh"

namespace search
{

/* What a word of a description counts each time, and at most. */
enum { OF_DESCRIPTION = 2, OF_DESCRIPTION_MAX = 6 };

struct word_count {
    unsigned whole;  /* of all fields */
    unsigned capped; /* as far as it comes from the description */
    bool is_letters;
    bool is_short; /* stands in a text too short to tell its language by, too */
};

/* The words of one document with what they count. */
class Words
{
  public:
    std::unordered_map<std::string, word_count> counts;
    std::unordered_set<std::string> beginnings;

    void add(const std::string &word, unsigned count, bool is_letters)
    {
        word_count *found = find(word, is_letters);
        if (found == nullptr) return;
        found->whole += count;
        found->is_short = true;
    }

    void add_capped(const std::string &word, bool is_letters)
    {
        word_count *found = find(word, is_letters);
        if (found == nullptr || found->capped >= OF_DESCRIPTION_MAX) return;
        found->capped += OF_DESCRIPTION;
        found->whole += OF_DESCRIPTION;
    }

  private:
    word_count *find(const std::string &word, bool is_letters)
    {
        const auto place = counts.find(word);
        if (place != counts.end()) return &place->second;
        if (counts.size() >= SEARCH_TERMS_MAX) return nullptr;
        return &counts.emplace(word, word_count{ 0, 0, is_letters, false }).first->second;
    }
};

inline struct text cut(struct text text, size_t limit)
{
    return { text.data, text.length < limit ? text.length : limit };
}

inline size_t at_most(size_t count, size_t limit)
{
    return count < limit ? count : limit;
}

/* What it says in its first language, and what it says in another one. */
Words words_of_document(const struct search_document &document);
Words words_of_translation(const struct search_translation &translation);

} // namespace search
