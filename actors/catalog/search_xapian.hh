/* What the C++ files of the search index share: the terms of a document, the log in which words and
 * names are kept, and how exceptions end. */
#pragma once

#include <xapian.h>

#include <string>
#include <vector>

extern "C" {
#include "actors/catalog/search_facets.h"
#include "actors/catalog/search_index.h"
#include "actors/catalog/search_names.h"
#include "actors/catalog/search_row.h"
#include "actors/catalog/search_text.h"
#include "actors/catalog/search_words.h"
}

namespace search
{

/* A term is a folded word as it is, or one of these letters (words have none) and what follows. */
enum prefix : char {
    STEM = 'Z',
    BEGINNING = 'P', /* the first 1 to BEGINNING_MAX characters of a word of a name */
    PRODUCT = 'Q',   /* the id, which one document has */
    CATEGORY = 'C',
    VENDOR = 'V',
    VALUE = 'A', /* of an attribute: its digest */
    IN_STOCK = 'S',
    ON_SALE = 'O',    /* in the product's own currency */
    SOLD_IN = 'M',    /* another currency than the market's: its code */
    FOREIGN = 'F',    /* not sold in the market's */
    WHOLE_NAME = 'N', /* squeezed, as a digest */
    WHOLE_NUMBER = 'K',
};

enum {
    ROW_SLOT = 0,  /* the value that has the id and the row */
    NAME_SLOT = 1, /* the beginning of the name, folded: what suggestions are put in order by */
    BEGINNING_MAX = 3,
    STEM_BYTES_MIN = 3,
    TERM_CHARACTERS_MIN = 3, /* shorter words are nothing to correct to */
    ROWS_LOG_CHUNKS = 64,    /* commits after which a reader reads all rows anew */
    ROWS_LOG_MAX = 5000,     /* documents of a chunk: 20 KB */
};

inline std::string string_of(struct text text)
{
    return text.length == 0 ? std::string() : std::string(text.data, text.length);
}

inline struct text text_of_string(const std::string &string)
{
    return { string.data(), string.size() };
}

inline std::string term_of(enum prefix prefix, const std::string &rest = std::string())
{
    return std::string(1, prefix) + rest;
}

inline std::string term_of(enum prefix prefix, struct uuid id)
{
    return term_of(prefix, std::string(reinterpret_cast<const char *>(id.bytes), sizeof id.bytes));
}

/* The text without what separates its words, as a term; empty if nothing is left. */
std::string squeezed_term(enum prefix prefix, struct text text);

std::string folded(struct text text);

/* The first `count` characters; all of a word that has no more. */
std::string beginning_of(const std::string &word, size_t count);
size_t characters_of(const std::string &word);

/* Characters of a run, and pairs of neighbours. */
struct grams {
    std::vector<std::string> singles, pairs;
};
grams grams_of(struct text run);

/* The stemmers of an index's languages. */
class Stemmers
{
  public:
    explicit Stemmers(const struct search_languages &languages);
    /* By the language of this code, or the one that the text seems to be in. */
    const Xapian::Stem &of(struct text code, struct text text) const;
    /* The one of this code; one that leaves words as they are if there is none. */
    const Xapian::Stem &named(struct text code) const;
    /* Those of these codes, each once; of no codes: all of them. */
    std::vector<const Xapian::Stem *> choose(const struct text *codes, size_t count) const;
    /* Those that are not among these. */
    std::vector<const Xapian::Stem *> beside(const std::vector<const Xapian::Stem *> &these) const;
    const std::vector<Xapian::Stem> &all() const
    {
        return stems;
    }
    /* In the first language. */
    std::string first(const std::string &word) const;
    /* What an index says of itself: format and languages. */
    std::string format() const;

  private:
    std::vector<std::string> codes;
    std::vector<Xapian::Stem> stems;
    const Xapian::Stem none;
};

std::string stem_term(const Xapian::Stem &stem, const std::string &word);
/* Appends a term that is not among them. */
void add_new(std::vector<std::string> &terms, const std::string &term);

/* Keys of metadata. Those of callers have a prefix of their own. */
inline std::string metadata_key(struct text key)
{
    return "u" + string_of(key);
}
constexpr const char *FORMAT_KEY = "f";

/* Words and names as they came: numbered chunks in the metadata, so that a reader loads but what is
 * new. A writer puts them into one when there are many, which is another generation. Of rows, which
 * stand with the documents, only the last ROWS_LOG_CHUNKS are kept: what documents have changed. */
struct log_head {
    unsigned long generation, words, names, rows; /* chunks */

    bool is_equal(const log_head &other) const
    {
        return generation == other.generation && words == other.words && names == other.names &&
               rows == other.rows;
    }
};
log_head read_log_head(const Xapian::Database &database);
/* What a commit has changed of rows, as its chunk of the log. */
std::string rows_log_text(const std::vector<Xapian::docid> &changed);
/* Adds what the chunks from `first` to before `end` name, in rising order, each once. False if one
 * of them is gone or names nothing because it would be too long: then all rows may have changed. */
bool read_rows_log(const Xapian::Database &database, unsigned long first, unsigned long end,
                   std::vector<Xapian::docid> &ret_changed);
std::string log_key(char kind, unsigned long number);
std::string log_head_text(const log_head &head);
constexpr const char *LOG_HEAD_KEY = "h";
constexpr char WORDS_LOG = 'w', NAMES_LOG = 'n', ROWS_LOG = 'r';

/* A file of data that is missing reads as one without any, so no document has none. */
inline std::string packed_data(struct text data)
{
    return "d" + string_of(data);
}
/* Throws if there is none. In the arena. */
struct text unpacked_data(struct arena *arena, const Xapian::Document &document);

/* Throws unless the index is one of this format and these languages. */
void check_format(const Xapian::Database &database, const Stemmers &stemmers);
/* What check_format() and damaged metadata throw. */
struct other_format {
};

void note_fault(struct search_fault *fault, const char *kind, const std::string &message);
/* To be called while an exception is caught: what it means, with a note. */
enum status status_of_exception(struct search_fault *fault);

/* Every entry runs in this, so that no exception crosses it. */
template <typename Work> enum status guarded(struct search_fault *fault, Work work)
{
    try {
        return work();
    } catch (...) {
        return status_of_exception(fault);
    }
}

} // namespace search
