/* A reader of the search index, as search_find.cc and search_reader.cc know it. */
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/catalog/search_query.hh"
#include "actors/catalog/search_snapshot.hh"

namespace search
{

struct destroyer {
    void operator()(struct search_counts *counts) const
    {
        search_counts_destroy(&counts);
    }
};

} // namespace search

struct search_reader {
    struct search_fault fault;
    search::Stemmers stemmers;
    Xapian::Database database;
    std::shared_ptr<const search::Snapshot> snapshot; /* of the database's commit, if is_current */
    bool is_current = false;
    std::unique_ptr<struct search_counts, search::destroyer> counts{ search_counts_new() };
    search::Synonyms synonyms;

    search_reader(const std::string &folder, const struct search_languages &languages);
    /* Goes on to the last commit, with its snapshot. */
    void refresh();
    /* Whether there is a later commit than the one that is read, which refresh() brings then. */
    enum later_commit { NONE, THERE_IS, UNKNOWN };
    later_commit look_for_later();
    void load();
};

namespace search
{

void find(struct search_reader &reader, struct arena *arena, const struct search_query &query,
          struct search_result &ret_result);
void suggest(struct search_reader &reader, struct arena *arena, const struct search_query &query,
             struct search_suggestions &ret_suggestions);

} // namespace search
