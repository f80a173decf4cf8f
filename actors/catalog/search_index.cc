/* The search index on Xapian. */
#include "actors/catalog/search_index.h"

#include <xapian.h>

struct search_writer {
    struct search_fault fault;
};

struct search_reader {
    struct search_fault fault;
};

static const char not_yet[] = "the index is not built yet";

bool search_language_is_known(const char *code)
{
    return code != nullptr;
}

enum status search_writer_open(const char *, const struct search_languages *, bool,
                               struct search_fault *, struct search_writer **)
{
    return STATUS_UNAVAILABLE;
}

void search_writer_destroy(struct search_writer **writer)
{
    if (writer != nullptr) *writer = nullptr;
}

const char *search_writer_fault(const struct search_writer *)
{
    return not_yet;
}

enum status search_writer_put(struct search_writer *, const struct search_document *)
{
    return STATUS_UNAVAILABLE;
}

enum status search_writer_delete(struct search_writer *, struct uuid)
{
    return STATUS_UNAVAILABLE;
}

enum status search_writer_delete_of_vendor(struct search_writer *, struct uuid)
{
    return STATUS_UNAVAILABLE;
}

enum status search_writer_set(struct search_writer *, struct text, struct text)
{
    return STATUS_UNAVAILABLE;
}

enum status search_writer_get(struct search_writer *, struct arena *, struct text, struct text *)
{
    return STATUS_UNAVAILABLE;
}

enum status search_writer_commit(struct search_writer *)
{
    return STATUS_UNAVAILABLE;
}

enum status search_writer_count(struct search_writer *, int64_t *)
{
    return STATUS_UNAVAILABLE;
}

enum status search_reader_open(const char *, const struct search_languages *,
                               struct search_fault *, struct search_reader **)
{
    return STATUS_UNAVAILABLE;
}

void search_reader_destroy(struct search_reader **reader)
{
    if (reader != nullptr) *reader = nullptr;
}

const char *search_reader_fault(const struct search_reader *)
{
    return not_yet;
}

enum status search_reader_refresh(struct search_reader *)
{
    return STATUS_UNAVAILABLE;
}

enum status search_reader_get(struct search_reader *, struct arena *, struct text, struct text *)
{
    return STATUS_UNAVAILABLE;
}

enum status search_reader_count(struct search_reader *, int64_t *)
{
    return STATUS_UNAVAILABLE;
}

void search_reader_set_synonyms(struct search_reader *, const struct search_synonyms *, size_t)
{
}

enum status search_reader_find(struct search_reader *, struct arena *, const struct search_query *,
                               struct search_result *)
{
    return STATUS_UNAVAILABLE;
}

enum status search_reader_suggest(struct search_reader *, struct arena *, struct text, int,
                                  const struct search_filters *, struct search_suggestions *)
{
    return STATUS_UNAVAILABLE;
}
