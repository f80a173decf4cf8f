/* The search index: which products have these words and pass these filters, in which order, how
 * many there are of each kind (facets), and what somebody may be about to type. An index is a
 * folder; one writer and any number of readers, of any process, have it open at a time. It knows
 * neither messages nor SQL: it gives back what it was fed with. All functions that take a handle
 * BLOCK on the disk: call them in the pool, for one handle one at a time. */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    SEARCH_FORMAT = 6, /* of what is on disk; another one is CORRUPT to who opens it */
    SEARCH_FAULT_MAX = 200,
    SEARCH_KEY_MAX = 64, /* bytes of a key of metadata */

    /* Of a document; beyond these, lists and texts are cut, never refused. */
    SEARCH_CATEGORIES_MAX = 16,
    SEARCH_ATTRIBUTES_MAX = 64, /* as many as a set of them has bits */
    SEARCH_VARIANTS_MAX = 128,  /* of more it is not known which values go together */
    SEARCH_CURRENCIES_MAX = 11,
    SEARCH_TRANSLATIONS_MAX = 8,
    SEARCH_NUMBERS_MAX = 256,    /* SKUs and barcodes */
    SEARCH_ATTRIBUTE_MAX = 200,  /* bytes of an attribute's name, and of its value */
    SEARCH_NAME_MAX = 1024,      /* bytes */
    SEARCH_TEXT_MAX = 81920,     /* bytes of a description */
    SEARCH_TERMS_MAX = 4000,     /* different words */
    SEARCH_DATA_MAX = 64 * 1024, /* bytes; more is refused */

    /* Of a query. */
    SEARCH_QUERY_MAX = 4096,     /* bytes of its text that are looked at */
    SEARCH_QUERY_WORDS_MAX = 24, /* the first so many words count */
    SEARCH_LIMIT_MAX = 100,      /* hits of a page */
    SEARCH_DEPTH_MAX = 10000,    /* hits by relevance that one can page through */
    SEARCH_EXCLUDED_MAX = 256,   /* vendors */
    SEARCH_FILTER_ATTRIBUTES_MAX = 32,
    SEARCH_PINS_MAX = 64,
    SEARCH_BOOSTS_MAX = 64,
    SEARCH_BOOST_MAX = 100,
    SEARCH_SUGGESTIONS_MAX = 20,

    /* Of an answer. */
    SEARCH_FACET_VALUES_MAX = 50,     /* of each facet: the most frequent */
    SEARCH_FACET_ATTRIBUTES_MAX = 20, /* attributes: the most frequent */
    SEARCH_PRICE_BOUNDS_MAX = 15,
    SEARCH_STARS = 5,
    SEARCH_POSITION_BYTES = 30,

    SEARCH_LANGUAGES_MAX = 8,
    SEARCH_GROUPS_MAX = 1000,    /* of synonyms */
    SEARCH_GROUP_TEXTS_MAX = 16, /* words or phrases of one group */
};

/* What went wrong, for the log: never of a merchant's or a shopper's text. */
struct search_fault {
    char text[SEARCH_FAULT_MAX];
};

/* ---- what is fed ---- */

/* Something that has an id and a name that people see. */
struct search_reference {
    struct uuid id;
    struct text name;
};

struct search_attribute {
    struct text name, value;
};

/* What a product says in another language; empty: nothing of its own. */
struct search_translation {
    struct text language; /* "de" */
    struct text name, description;
    struct text categories; /* names of them all */
};

/* What a product costs in another currency: ISO 4217 and a NUL. */
struct search_price {
    char currency[4];
    int64_t price; /* now, minor units */
    bool is_on_sale;
    bool is_sold_out; /* none of the variants that are sold in it can be had */
};

/* A product as search knows it. All of it is lent for the time of the call; texts may be any bytes.
 */
struct search_document {
    struct uuid id;       /* UUIDv7: its order is that of `newest` */
    struct text language; /* "en", as in the languages given at opening; else it is guessed */
    struct text name, description;
    const struct search_translation *translations;
    size_t translations_count;
    const struct text *numbers; /* SKUs and barcodes */
    size_t numbers_count;
    struct search_reference vendor;
    const struct search_reference *categories; /* from the root to the product's own */
    size_t categories_count;
    const struct search_attribute *attributes;
    size_t attributes_count;
    /* Of each variant the attributes that it has, as bits by their places in `attributes`; none:
     * any of them may be met together. */
    const uint64_t *variants;
    size_t variants_count;
    int64_t price;         /* now, minor units */
    int64_t sold;          /* units: what `popular` sorts by */
    int rating_hundredths; /* 100 to 500; 0: nobody has rated it */
    bool is_in_stock, is_on_sale;
    bool is_foreign; /* `price` is not in the market's currency, in which it has none */
    const struct search_price *prices; /* in other currencies than the market's */
    size_t prices_count;
    struct text data; /* given back with each hit, as it is */
};

/* ISO 639-1 codes of the market's languages, the first of them where none can be guessed. */
struct search_languages {
    const char *codes[SEARCH_LANGUAGES_MAX];
    size_t count;
};

/* True if there are rules for the endings of this language's words. */
bool search_language_is_known(const char *code);

struct search_writer;

/* Opens the index in `folder` to write, or makes an empty one (`is_new`; a folder that is there is
 * emptied). Statuses: OK, NOT_FOUND (there is none), CORRUPT (it cannot be read, has another format
 * or other languages: rebuild it), UNAVAILABLE (somebody else writes to it, or the disk refuses).
 * The caller destroys the writer. */
MUST_CHECK enum status search_writer_open(const char *folder,
                                          const struct search_languages *languages, bool is_new,
                                          struct search_fault *ret_fault,
                                          struct search_writer **ret_writer);
/* Closes it; what has not been committed is lost. NULL is fine. */
void search_writer_destroy(struct search_writer **writer);
/* After any failure of a writer: what it was. Lent until the next call. */
const char *search_writer_fault(const struct search_writer *writer);

/* All below until the commit: readers see nothing of it before, then all at once. Statuses: OK,
 * CORRUPT (rebuild), UNAVAILABLE (the disk; the writer is to be destroyed). */

/* Adds the product, or replaces it. Also OUT_OF_RANGE (`data` is too long). */
MUST_CHECK enum status search_writer_put(struct search_writer *writer,
                                         const struct search_document *document);
/* No product is nothing wrong. */
MUST_CHECK enum status search_writer_delete(struct search_writer *writer, struct uuid product);
MUST_CHECK enum status search_writer_delete_of_vendor(struct search_writer *writer,
                                                      struct uuid vendor);
/* Keeps a value of the caller's under a key of at most SEARCH_KEY_MAX bytes; an empty one forgets
 * it. */
MUST_CHECK enum status search_writer_set(struct search_writer *writer, struct text key,
                                         struct text value);
/* What was set last, committed or not; empty if nothing was. Copied into the arena. */
MUST_CHECK enum status search_writer_get(struct search_writer *writer, struct arena *arena,
                                         struct text key, struct text *ret_value);
/* Makes all since the last commit last. A thousand products at a time are quicker and take less
 * memory (16 MiB) than ten thousand (107 MiB). */
MUST_CHECK enum status search_writer_commit(struct search_writer *writer);
/* Products, uncommitted ones too. */
MUST_CHECK enum status search_writer_count(struct search_writer *writer, int64_t *ret_count);

/* ---- what is asked ---- */

enum search_sort {
    SEARCH_BY_RELEVANCE, /* without words: newest */
    SEARCH_BY_NEWEST,
    SEARCH_BY_PRICE,
    SEARCH_BY_PRICE_FALLING,
    SEARCH_BY_RATING,  /* best first */
    SEARCH_BY_POPULAR, /* best sold first */
    SEARCH_SORTS
};

enum search_choice {
    SEARCH_ANY,
    SEARCH_ONLY,
    SEARCH_WITHOUT,
};

/* What hits have in common. Zeroed, it lets everything through. */
struct search_filters {
    struct uuid category; /* and those below it; zero: any */
    struct uuid vendor;   /* zero: any */
    const struct uuid *excluded_vendors;
    size_t excluded_vendors_count; /* at most SEARCH_EXCLUDED_MAX */
    char currency[4];     /* only what has a price in it, by that price; empty: any, by its own */
    bool is_own_currency; /* it is the market's */
    int64_t price_min, price_max; /* both included; price_max 0: none, below 0: only what is free */
    int rating_min_hundredths;
    enum search_choice in_stock, on_sale;
    /* Several values of one attribute: any of them; several attributes: each of them, in one
     * variant. Spelt as in the documents, but for case, accents and normal form. */
    const struct search_attribute *attributes;
    size_t attributes_count; /* at most SEARCH_FILTER_ATTRIBUTES_MAX */
};

/* Of a product in the answer to one query: above 0 up to SEARCH_BOOST_MAX it stands higher among
 * the hits (100: before all but perfect ones), below 0 after all of them. */
struct search_boost {
    struct uuid product;
    int boost;
};

/* Where a page ended, opaque but to search_position_pack() and _unpack(). */
struct search_position {
    uint8_t part, plan;
    uint32_t depth;
    int64_t key;
    struct uuid id;
};

/* Zeroed but for `text` and `limit`, it is an ordinary search. Lists are lent. */
struct search_query {
    struct text text; /* any bytes; empty: everything that passes the filters */
    bool is_prefix;   /* the last word is being typed: words that begin with it count, too */
    /* Forms of words in these count more than in the index's others; none: all count alike. What is
     * found does not depend on it. */
    const struct text *languages;
    size_t languages_count; /* at most SEARCH_LANGUAGES_MAX */
    struct search_filters filters;
    enum search_sort sort;
    int limit;                           /* 1 to SEARCH_LIMIT_MAX */
    const struct search_position *after; /* `next` of the page before, of the same query; or NULL */
    bool wants_facets;
    /* Bounds of the facet of prices, rising: below the first, ... from the last on. 0: of ours. */
    const int64_t *price_bounds;
    size_t price_bounds_count; /* at most SEARCH_PRICE_BOUNDS_MAX */
    /* By relevance only: these come first, in this order, if they pass the filters. */
    const struct uuid *pins;
    size_t pins_count;
    const struct search_boost *boosts;
    size_t boosts_count;
};

struct search_hit {
    struct uuid id;
    struct text data;
};

/* `count` products would be left if this were chosen, under the filters of the other facets. */
struct search_facet_value {
    struct uuid id;   /* of a category or vendor */
    struct text name; /* of it; or the attribute's value */
    int64_t count;
};

struct search_facet {
    struct text name; /* the attribute's; else empty */
    const struct search_facet_value *values;
    size_t count;
};

struct search_price_range {
    int64_t from, to; /* from included, to not; to is INT64_MAX at the end */
    int64_t count;
};

/* Values with the most products first, equal ones by name, then id; none that nobody has. */
struct search_facets {
    struct search_facet categories, vendors;
    const struct search_facet *attributes; /* likewise, by the sum of their values' counts */
    size_t attributes_count;
    const struct search_price_range *prices;
    size_t prices_count;
    int64_t stars[SEARCH_STARS]; /* [i]: rated i + 1 stars or better */
    int64_t in_stock, on_sale;
};

struct search_result {
    const struct search_hit *hits;
    size_t hits_count;
    bool has_more;
    struct search_position next; /* if it has more */
    int64_t total;               /* hits of all pages */
    bool is_total_exact;         /* always with facets; else `total` is an estimate */
    /* The words as they could have been meant: empty when the index knows them as typed. */
    struct text did_you_mean;
    bool is_corrected;                  /* the hits are those of did_you_mean */
    bool is_relaxed;                    /* no product has all of the words: these have some */
    const struct search_facets *facets; /* if wanted */
};

struct search_reader;

/* Opens the last commit of the index in `folder`. Statuses: OK, NOT_FOUND (there is none), CORRUPT
 * (as for a writer), UNAVAILABLE. The caller destroys the reader. */
MUST_CHECK enum status search_reader_open(const char *folder,
                                          const struct search_languages *languages,
                                          struct search_fault *ret_fault,
                                          struct search_reader **ret_reader);
void search_reader_destroy(struct search_reader **reader);
const char *search_reader_fault(const struct search_reader *reader);

/* Statuses of a reader: OK, CORRUPT (rebuild), UNAVAILABLE (the disk; the writer commits faster
 * than one can read). All answers are in the arena. */

/* Goes on to the last commit. A reader does this by itself only when its own has been overwritten
 * (two commits later). Cheap when there is none. */
MUST_CHECK enum status search_reader_refresh(struct search_reader *reader);
/* What the commit has under a key of search_writer_set(). */
MUST_CHECK enum status search_reader_get(struct search_reader *reader, struct arena *arena,
                                         struct text key, struct text *ret_value);
MUST_CHECK enum status search_reader_count(struct search_reader *reader, int64_t *ret_count);

/* Words and phrases that mean the same. */
struct search_synonyms {
    const struct text *texts;
    size_t count;
};
/* Takes these groups instead of those before; copies them. Beyond the bounds they are cut. */
void search_reader_set_synonyms(struct search_reader *reader, const struct search_synonyms *groups,
                                size_t count);

MUST_CHECK enum status search_reader_find(struct search_reader *reader, struct arena *arena,
                                          const struct search_query *query,
                                          struct search_result *ret_result);

/* ---- what somebody may be about to type ---- */

enum search_kind {
    SEARCH_PRODUCT,
    SEARCH_CATEGORY,
    SEARCH_VENDOR,
};

struct search_suggestion {
    enum search_kind kind;
    struct uuid id;
    struct text name; /* of a category or vendor */
    struct text data; /* of a product */
};

struct search_suggestions {
    const struct search_suggestion *list;
    size_t count;
};

/* For the query's text, at most `limit` (1 to SEARCH_SUGGESTIONS_MAX): categories and vendors with
 * a word of their name that begins like this, a quarter of them each at most, then products. Only
 * of products that pass the filters' excluded vendors; of the rest of the query, only its languages
 * count. */
MUST_CHECK enum status search_reader_suggest(struct search_reader *reader, struct arena *arena,
                                             const struct search_query *query,
                                             struct search_suggestions *ret_suggestions);

/* A position as bytes, and back. Statuses: OK, INVALID_PARAMETER (no position). */
void search_position_pack(const struct search_position *position,
                          uint8_t ret_bytes[SEARCH_POSITION_BYTES]);
MUST_CHECK enum status search_position_unpack(const uint8_t *bytes, size_t length,
                                              struct search_position *ret_position);

#ifdef __cplusplus
}
#endif
