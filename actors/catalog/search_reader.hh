/* A reader of the search index, as search_find.cc and search_reader.cc know it. */
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/catalog/search_query.hh"

namespace search
{

struct destroyer {
    void operator()(struct search_names *names) const
    {
        search_names_destroy(&names);
    }
    void operator()(struct search_words *words) const
    {
        search_words_destroy(&words);
    }
    void operator()(struct search_counts *counts) const
    {
        search_counts_destroy(&counts);
    }
};

/* A category or vendor under one of the words of its name, folded, with what follows it. */
struct named_place {
    std::string rest;
    uint32_t number;
};

} // namespace search

struct search_reader {
    struct search_fault fault;
    search::Stemmers stemmers;
    Xapian::Database database;
    search::log_head head{};
    std::unique_ptr<struct search_names, search::destroyer> names{ search_names_new() };
    std::unique_ptr<struct search_words, search::destroyer> words{ search_words_new() };
    std::unique_ptr<struct search_counts, search::destroyer> counts{ search_counts_new() };
    search::Synonyms synonyms;
    std::vector<search::named_place> places; /* sorted; made when first wanted */
    bool has_places = false;

    search_reader(const std::string &folder, const struct search_languages &languages);
    /* Goes on to the last commit, with its words and names. */
    void refresh();
    void load();
};

namespace search
{

void find(struct search_reader &reader, struct arena *arena, const struct search_query &query,
          struct search_result &ret_result);
void suggest(struct search_reader &reader, struct arena *arena, struct text text, int limit,
             const struct search_filters &filters, struct search_suggestions &ret_suggestions);

} // namespace search
