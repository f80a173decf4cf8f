/* Opens the search index to read, and follows its commits. */
#include "actors/catalog/search_reader.hh"

#include <chrono>
#include <thread>

using namespace search;

namespace
{

/* While the writer overwrites what is being read; 6 ms in all. */
enum { ATTEMPTS_MAX = 6, PAUSE_US = 100 };

/* A reader whose commit the writer overwrites while it is read is told so, or meets blocks of a
 * later one, which look as if the index were broken (Xapian compares a block's level before its
 * revision). What fails is therefore tried again as long as there is a later commit, or not even
 * that can be told; broken is what fails though nobody has written since, or in all attempts. */
template <typename Work> enum status reading(struct search_reader *reader, Work work)
{
    return guarded(&reader->fault, [&] {
        for (int attempt = 1;; attempt++) {
            try {
                if (attempt > 1) reader->refresh();
                work();
                return STATUS_OK;
            } catch (...) {
                const auto later = reader->look_for_later();
                if (later == search_reader::NONE) throw;
                if (attempt == ATTEMPTS_MAX && later == search_reader::UNKNOWN) throw;
                if (attempt == ATTEMPTS_MAX)
                    throw Xapian::DatabaseModifiedError("the writer is faster");
                std::this_thread::sleep_for(std::chrono::microseconds(PAUSE_US << attempt));
            }
        }
    });
}

} // namespace

search_reader::search_reader(const std::string &folder, const struct search_languages &languages)
    : fault(), stemmers(languages), database(folder, Xapian::DB_OPEN)
{
}

void search_reader::load()
{
    check_format(database, stemmers);
    snapshot = Snapshot::of(database);
}

void search_reader::refresh()
{
    if (!database.reopen() && is_current) return;
    is_current = false;
    load();
    is_current = true;
}

search_reader::later_commit search_reader::look_for_later()
{
    try {
        if (!database.reopen()) return NONE;
    } catch (const Xapian::DatabaseError &) {
        is_current = false;
        return UNKNOWN;
    }
    is_current = false;
    return THERE_IS;
}

enum status search_reader_open(const char *folder, const struct search_languages *languages,
                               struct search_fault *ret_fault, struct search_reader **ret_reader)
{
    assert(languages->count > 0 && languages->count <= SEARCH_LANGUAGES_MAX);
    struct search_reader *reader = nullptr;
    enum status status = guarded(ret_fault, [&] {
        reader = new search_reader(folder, *languages);
        return STATUS_OK;
    });
    if (status != STATUS_OK) return status;
    status = search_reader_refresh(reader);
    if (status == STATUS_OK) {
        *ret_reader = reader;
        return status;
    }
    *ret_fault = reader->fault;
    search_reader_destroy(&reader);
    return status;
}

void search_reader_destroy(struct search_reader **reader)
{
    delete *reader;
    *reader = nullptr;
}

const char *search_reader_fault(const struct search_reader *reader)
{
    return reader->fault.text;
}

enum status search_reader_refresh(struct search_reader *reader)
{
    return reading(reader, [&] { reader->refresh(); });
}

enum status search_reader_get(struct search_reader *reader, struct arena *arena, struct text key,
                              struct text *ret_value)
{
    assert(key.length > 0 && key.length <= SEARCH_KEY_MAX);
    return reading(reader, [&] {
        const std::string value = reader->database.get_metadata(metadata_key(key));
        *ret_value = text_copy(arena, text_of_string(value));
    });
}

enum status search_reader_count(struct search_reader *reader, int64_t *ret_count)
{
    return reading(reader, [&] { *ret_count = reader->database.get_doccount(); });
}

void search_reader_set_synonyms(struct search_reader *reader, const struct search_synonyms *groups,
                                size_t count)
{
    reader->synonyms = Synonyms();
    for (size_t i = 0; i < count && i < SEARCH_GROUPS_MAX; i++)
        reader->synonyms.add(reader->stemmers, groups[i]);
}

enum status search_reader_find(struct search_reader *reader, struct arena *arena,
                               const struct search_query *query, struct search_result *ret_result)
{
    assert(query->limit >= 1 && query->limit <= SEARCH_LIMIT_MAX);
    assert(query->sort < SEARCH_SORTS);
    assert(query->languages_count <= SEARCH_LANGUAGES_MAX);
    assert(query->pins_count <= SEARCH_PINS_MAX && query->boosts_count <= SEARCH_BOOSTS_MAX);
    struct search_query asked = *query;
    if (asked.text.length > SEARCH_QUERY_MAX) asked.text.length = SEARCH_QUERY_MAX;
    return reading(reader, [&] { find(*reader, arena, asked, *ret_result); });
}

enum status search_reader_suggest(struct search_reader *reader, struct arena *arena,
                                  const struct search_query *query,
                                  struct search_suggestions *ret_suggestions)
{
    assert(query->limit >= 1 && query->limit <= SEARCH_SUGGESTIONS_MAX);
    struct search_query asked = *query;
    if (asked.text.length > SEARCH_QUERY_MAX) asked.text.length = SEARCH_QUERY_MAX;
    return reading(reader, [&] { suggest(*reader, arena, asked, *ret_suggestions); });
}
