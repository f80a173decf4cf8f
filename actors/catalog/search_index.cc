/* What the writer and the readers of the search index share: terms, stems, the log, faults. */
#include <sodium.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "actors/catalog/search_xapian.hh"

namespace search
{

enum { SQUEEZED_PLAIN_MAX = 64 };

std::string squeezed_term(enum prefix prefix, struct text text)
{
    char squeezed[SEARCH_FOLDED_MAX];
    const size_t length = search_text_squeeze(text, squeezed);
    if (length == 0) return std::string();
    if (length <= SQUEEZED_PLAIN_MAX) return term_of(prefix, std::string(squeezed, length));
    struct uuid digest;
    crypto_generichash(digest.bytes, sizeof digest.bytes,
                       reinterpret_cast<const unsigned char *>(squeezed), length, nullptr, 0);
    /* No squeezed text begins with a space. */
    return term_of(prefix, " ") + term_of(prefix, digest).substr(1);
}

std::string folded(struct text text)
{
    char bytes[SEARCH_FOLDED_MAX];
    return std::string(bytes, search_text_fold(text, bytes));
}

static bool begins_character(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

size_t characters_of(const std::string &word)
{
    size_t count = 0;
    for (const char byte : word)
        count += begins_character(byte);
    return count;
}

std::string beginning_of(const std::string &word, size_t count)
{
    size_t length = 0;
    for (size_t seen = 0; length < word.size(); length++) {
        if (begins_character(word[length]) && seen++ == count) break;
    }
    return word.substr(0, length);
}

grams grams_of(struct text run)
{
    grams found;
    for (size_t start = 0; start < run.length;) {
        const size_t width = text_utf8_width({ run.data + start, run.length - start });
        if (width == 0) break;
        found.singles.emplace_back(run.data + start, width);
        start += width;
    }
    for (size_t i = 0; i + 1 < found.singles.size(); i++)
        found.pairs.push_back(found.singles[i] + found.singles[i + 1]);
    return found;
}

Stemmers::Stemmers(const struct search_languages &languages)
{
    for (size_t i = 0; i < languages.count; i++) {
        codes.push_back(languages.codes[i]);
        stems.emplace_back(search_language_is_known(languages.codes[i]) ? languages.codes[i]
                                                                        : "none");
    }
}

const Xapian::Stem &Stemmers::of(struct text code, struct text text) const
{
    for (size_t i = 0; i < codes.size(); i++) {
        if (string_of(code) == codes[i]) return stems[i];
    }
    std::vector<const char *> choices;
    for (const std::string &choice : codes)
        choices.push_back(choice.c_str());
    const std::string guessed = search_text_guess(text, choices.data(), choices.size());
    for (size_t i = 0; i < codes.size(); i++) {
        if (guessed == codes[i]) return stems[i];
    }
    return stems[0];
}

std::string stem_term(const Xapian::Stem &stem, const std::string &word)
{
    return term_of(STEM, word.size() < STEM_BYTES_MIN ? word : stem(word));
}

const Xapian::Stem &Stemmers::named(struct text code) const
{
    for (size_t i = 0; i < codes.size(); i++) {
        if (string_of(code) == codes[i]) return stems[i];
    }
    return none;
}

std::vector<const Xapian::Stem *> Stemmers::choose(const struct text *wanted, size_t count) const
{
    std::vector<const Xapian::Stem *> chosen;
    for (size_t i = 0; i < count; i++) {
        const Xapian::Stem *stem = &named(wanted[i]);
        if (std::find(chosen.begin(), chosen.end(), stem) == chosen.end()) chosen.push_back(stem);
    }
    for (size_t i = 0; count == 0 && i < stems.size(); i++)
        chosen.push_back(&stems[i]);
    return chosen;
}

std::vector<const Xapian::Stem *>
Stemmers::beside(const std::vector<const Xapian::Stem *> &these) const
{
    std::vector<const Xapian::Stem *> others;
    for (const Xapian::Stem &stem : stems) {
        if (std::find(these.begin(), these.end(), &stem) == these.end()) others.push_back(&stem);
    }
    return others;
}

void add_new(std::vector<std::string> &terms, const std::string &term)
{
    if (std::find(terms.begin(), terms.end(), term) == terms.end()) terms.push_back(term);
}

std::string Stemmers::first(const std::string &word) const
{
    return stem_term(stems[0], word);
}

std::string Stemmers::format() const
{
    std::string text = std::to_string(SEARCH_FORMAT);
    for (const std::string &code : codes)
        text += " " + code;
    return text;
}

std::string log_key(char kind, unsigned long number)
{
    return std::string(1, kind) + std::to_string(number);
}

std::string log_head_text(const log_head &head)
{
    return std::to_string(head.generation) + " " + std::to_string(head.words) + " " +
           std::to_string(head.names) + " " + std::to_string(head.rows);
}

log_head read_log_head(const Xapian::Database &database)
{
    log_head head;
    const std::string text = database.get_metadata(LOG_HEAD_KEY);
    const int found = std::sscanf(text.c_str(), "%lu %lu %lu %lu", &head.generation, &head.words,
                                  &head.names, &head.rows);
    if (found != 4) throw other_format();
    return head;
}

/* Ids of four bytes behind a letter, by which a chunk that names nothing differs from none. */
enum : char { ROWS_NAMED = 'd', ROWS_ALL = 'a' };
enum { DOCID_BYTES = 4 };

std::string rows_log_text(const std::vector<Xapian::docid> &changed)
{
    if (changed.size() > ROWS_LOG_MAX) return std::string(1, ROWS_ALL);
    std::string text(1, ROWS_NAMED);
    for (const Xapian::docid document : changed) {
        for (int i = DOCID_BYTES - 1; i >= 0; i--)
            text += static_cast<char>(document >> 8 * i);
    }
    return text;
}

static bool read_rows_chunk(const std::string &text, std::vector<Xapian::docid> &ret_changed)
{
    if (text.size() % DOCID_BYTES != 1 || text[0] != ROWS_NAMED) return false;
    for (size_t i = 1; i < text.size(); i += DOCID_BYTES) {
        Xapian::docid document = 0;
        for (size_t j = i; j < i + DOCID_BYTES; j++)
            document = document << 8 | static_cast<unsigned char>(text[j]);
        if (document == 0) return false;
        ret_changed.push_back(document);
    }
    return true;
}

bool read_rows_log(const Xapian::Database &database, unsigned long first, unsigned long end,
                   std::vector<Xapian::docid> &ret_changed)
{
    if (end - first > ROWS_LOG_CHUNKS) return false;
    for (unsigned long i = first; i < end; i++) {
        if (!read_rows_chunk(database.get_metadata(log_key(ROWS_LOG, i)), ret_changed)) {
            return false;
        }
    }
    std::sort(ret_changed.begin(), ret_changed.end());
    ret_changed.erase(std::unique(ret_changed.begin(), ret_changed.end()), ret_changed.end());
    return true;
}

void check_format(const Xapian::Database &database, const Stemmers &stemmers)
{
    if (database.get_metadata(FORMAT_KEY) != stemmers.format()) throw other_format();
}

struct text unpacked_data(struct arena *arena, const Xapian::Document &document)
{
    const std::string data = document.get_data();
    if (data.empty()) throw other_format();
    return text_copy(arena, { data.data() + 1, data.size() - 1 });
}

void note_fault(struct search_fault *fault, const char *kind, const std::string &message)
{
    (void)std::snprintf(fault->text, sizeof fault->text, "%s%s%s", kind,
                        message.empty() ? "" : ": ", message.c_str());
}

/* Messages of other errors than the database's may quote a term, so they are left out. */
enum status status_of_exception(struct search_fault *fault)
{
    try {
        throw;
    } catch (const other_format &) {
        note_fault(fault, "the index is damaged, has another format or other languages",
                   std::string());
        return STATUS_CORRUPT;
    } catch (const Xapian::DatabaseNotFoundError &error) {
        note_fault(fault, error.get_type(), error.get_msg());
        return STATUS_NOT_FOUND;
    } catch (const Xapian::DatabaseModifiedError &error) {
        note_fault(fault, error.get_type(), error.get_msg());
        return STATUS_UNAVAILABLE;
    } catch (const Xapian::DatabaseLockError &error) {
        note_fault(fault, error.get_type(), error.get_msg());
        return STATUS_UNAVAILABLE;
    } catch (const Xapian::DatabaseCorruptError &error) {
        note_fault(fault, error.get_type(), error.get_msg());
        return STATUS_CORRUPT;
    } catch (const Xapian::DatabaseError &error) {
        note_fault(fault, error.get_type(), error.get_msg());
        /* The system's refusals have an errno; without one, it is what was read that is wrong. */
        return error.get_error_string() != nullptr ? STATUS_UNAVAILABLE : STATUS_CORRUPT;
    } catch (const Xapian::Error &error) {
        note_fault(fault, error.get_type(), std::string());
        return STATUS_CORRUPT;
    } catch (const std::bad_alloc &) {
        std::abort();
    } catch (...) {
        note_fault(fault, "an unknown exception", std::string());
        return STATUS_CORRUPT;
    }
}

} // namespace search

bool search_language_is_known(const char *code)
{
    try {
        return !Xapian::Stem(code).is_none() && code[0] != '\0';
    } catch (...) {
        return false;
    }
}
