/* What facets count, numbered: categories, vendors, attributes and their values, with the names
 * that people see. Numbers are of one index; they are never given twice. Owns its memory. Changes
 * are written to a log, from which another process makes the same list. */
#pragma once

#include "actors/catalog/search_index.h"

enum search_name_kind {
    SEARCH_NAME_CATEGORY,
    SEARCH_NAME_VENDOR,
    SEARCH_NAME_ATTRIBUTE,
    SEARCH_NAME_VALUE, /* of an attribute */
    SEARCH_NAME_KINDS
};

enum {
    SEARCH_NAME_NONE = UINT32_MAX,
    SEARCH_NAMES_MAX = 1000000,                         /* beyond, nothing more is counted */
    SEARCH_NAME_TEXT_MAX = 200,                         /* bytes; longer ones are cut */
    SEARCH_NAME_RECORD_MAX = 27 + SEARCH_NAME_TEXT_MAX, /* of the log */
};

/* One of them. */
struct search_name {
    enum search_name_kind kind;
    uint32_t parent; /* number of a value's attribute; else SEARCH_NAME_NONE */
    struct uuid key; /* id of a category or vendor; else a digest of the folded texts */
    struct text name;
};

struct search_names;

struct search_names *search_names_new(void);
/* The caller destroys it. */
struct search_names *search_names_copy(const struct search_names *names);
/* NULL is fine. */
void search_names_destroy(struct search_names **names);
uint32_t search_names_count(const struct search_names *names);
/* Its name is lent until the next change. */
struct search_name search_names_get(const struct search_names *names, uint32_t number);
/* Or SEARCH_NAME_NONE. */
uint32_t search_names_find(const struct search_names *names, enum search_name_kind kind,
                           struct uuid key);
/* The digest of an attribute's name, or (value not NULL) of one of its values: equal for spellings
 * that differ in case, accents and normal form only. */
struct uuid search_names_key(struct text name, const struct text *value);

/* The number of this one, a new one if need be; SEARCH_NAME_NONE when there are too many. What has
 * changed is written to ret_record, of which the length is given (0: nothing). A category or vendor
 * takes the new name; of an attribute's spellings the one lowest by bytes stays, whoever comes
 * first. */
uint32_t search_names_put(struct search_names *names, const struct search_name *name,
                          char ret_record[SEARCH_NAME_RECORD_MAX], size_t *ret_length);
/* Takes records over. Statuses: OK, CORRUPT. */
MUST_CHECK enum status search_names_replay(struct search_names *names, struct text records);
/* The record that makes this one. */
size_t search_names_record(const struct search_names *names, uint32_t number,
                           char ret_record[SEARCH_NAME_RECORD_MAX]);
