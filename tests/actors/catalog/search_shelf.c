/* A scratch index. */
#include "tests/actors/catalog/search_shelf.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(enum status status, const char *fault)
{
    if (status == STATUS_OK) return;
    (void)fprintf(stderr, "the index said %d: %s\n", (int)status, fault);
    abort();
}

const struct search_languages *search_shelf_languages(void)
{
    static const struct search_languages languages = { { "en", "de", "fr" }, 3 };
    return &languages;
}

void search_shelf_open(struct search_shelf *shelf)
{
    *shelf = (struct search_shelf){ .folder = "/tmp/souk-search-XXXXXX" };
    if (mkdtemp(shelf->folder) == NULL) abort();
    shelf->arena = arena_new(64 * 1024);
    struct search_fault fault = { "" };
    must(search_writer_open(shelf->folder, search_shelf_languages(), true, &fault, &shelf->writer),
         fault.text);
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

void search_shelf_close(struct search_shelf *shelf)
{
    if (shelf->reader != NULL) search_reader_destroy(&shelf->reader);
    search_writer_destroy(&shelf->writer);
    (void)nftw(shelf->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    arena_destroy(&shelf->arena);
}

void search_shelf_show(struct search_shelf *shelf)
{
    must(search_writer_commit(shelf->writer), search_writer_fault(shelf->writer));
    struct search_fault fault = { "" };
    if (shelf->reader == NULL) {
        must(search_reader_open(shelf->folder, search_shelf_languages(), &fault, &shelf->reader),
             fault.text);
    } else {
        must(search_reader_refresh(shelf->reader), search_reader_fault(shelf->reader));
    }
}

struct uuid search_id(uint32_t number)
{
    struct uuid id = { { 0 } };
    for (int i = 0; i < 4; i++)
        id.bytes[2 + i] = (uint8_t)(number >> 8 * (3 - i));
    id.bytes[15] = 1;
    return id;
}

struct search_document search_document_of(uint32_t number, const char *name)
{
    return (struct search_document){
        .id = search_id(number),
        .name = text_of(name),
        .vendor = { search_id(900), TEXT("Nobody") },
        .price = 1000,
        .is_in_stock = true,
        .data = text_of(name),
    };
}

void search_shelf_put(struct search_shelf *shelf, const struct search_document *document)
{
    must(search_writer_put(shelf->writer, document), search_writer_fault(shelf->writer));
}

void search_shelf_fill(struct search_shelf *shelf, const char *const *names, size_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct search_document document = search_document_of(i + 1, names[i]);
        search_shelf_put(shelf, &document);
    }
    search_shelf_show(shelf);
}

struct search_query search_query_of(const char *text)
{
    return (struct search_query){ .text = text_of(text), .limit = 20 };
}

struct search_result search_shelf_ask(struct search_shelf *shelf, const struct search_query *query)
{
    struct search_result result;
    must(search_reader_find(shelf->reader, shelf->arena, query, &result),
         search_reader_fault(shelf->reader));
    return result;
}

const char *search_shown(const struct search_result *result)
{
    static char shown[16 * 1024];
    size_t length = 0;
    shown[0] = '\0';
    for (size_t i = 0; i < result->hits_count; i++) {
        length +=
            (size_t)snprintf(shown + length, sizeof shown - length, "%s%.*s", i == 0 ? "" : "|",
                             (int)result->hits[i].data.length, result->hits[i].data.data);
    }
    return shown;
}

const char *search_shelf_find(struct search_shelf *shelf, const char *text)
{
    const struct search_query query = search_query_of(text);
    const struct search_result result = search_shelf_ask(shelf, &query);
    return search_shown(&result);
}
