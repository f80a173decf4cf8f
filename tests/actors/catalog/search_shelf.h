/* A search index of a test's own, in a scratch folder, and products for it. */
#pragma once

#include "actors/catalog/search_index.h"

struct search_shelf {
    char folder[64];
    struct search_writer *writer;
    struct search_reader *reader; /* of the last search_shelf_show() */
    struct arena *arena;
};

void search_shelf_open(struct search_shelf *shelf);
/* Closes it and removes the folder. */
void search_shelf_close(struct search_shelf *shelf);
/* Commits, and lets the reader see it. */
void search_shelf_show(struct search_shelf *shelf);
/* German, English and French. */
const struct search_languages *search_shelf_languages(void);

/* The n-th id; the greater number is the newer product. */
struct uuid search_id(uint32_t number);
/* A product whose data is its name; 10.00, in stock, of vendor 900, in no category. */
struct search_document search_document_of(uint32_t number, const char *name);
void search_shelf_put(struct search_shelf *shelf, const struct search_document *document);
/* Products 1, 2, ... of these names, committed. */
void search_shelf_fill(struct search_shelf *shelf, const char *const *names, size_t count);

struct search_query search_query_of(const char *text);
struct search_result search_shelf_ask(struct search_shelf *shelf, const struct search_query *query);
/* Names of the hits, in order, between bars. */
const char *search_shown(const struct search_result *result);
const char *search_shelf_find(struct search_shelf *shelf, const char *text);
