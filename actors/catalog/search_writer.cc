/* Writes the search index: products become documents of Xapian. */
#include <algorithm>
#include <memory>

#include "actors/catalog/search_document.hh"

using namespace search;

namespace
{

enum {
    NAME_SEEN_MAX = 48,  /* bytes of a name that suggestions look at */
    OF_WHOLE = 64,       /* what a whole name or number counts */
    LOG_CHUNKS_MAX = 64, /* more are put into one when a writer opens */
};

struct destroyer {
    void operator()(struct search_names *list) const
    {
        search_names_destroy(&list);
    }
};

/* With what each counts. */
using Terms = std::unordered_map<std::string, unsigned>;

/* Most changes are of a price, of the stock or of what was sold, and leave the words alone. Xapian
 * writes only what was touched of a document that it gave us; of one that is new to it, it looks
 * for the positions of each term, which no term has here, and which is most of the work. */
void change_into(Xapian::Document &kept, const Xapian::Document &made)
{
    std::vector<std::string> gone;
    std::vector<std::pair<std::string, Xapian::termcount>> come;
    auto before = kept.termlist_begin(), after = made.termlist_begin();
    const auto before_end = kept.termlist_end(), after_end = made.termlist_end();
    while (before != before_end || after != after_end) {
        const int order = before == before_end ? 1
                          : after == after_end ? -1
                                               : (*before).compare(*after);
        if (order != 0 || before.get_wdf() != after.get_wdf()) {
            if (order <= 0) gone.push_back(*before);
            if (order >= 0) come.emplace_back(*after, after.get_wdf());
        }
        if (order <= 0) ++before;
        if (order >= 0) ++after;
    }
    for (const std::string &term : gone)
        kept.remove_term(term);
    for (const auto &[term, count] : come)
        kept.add_term(term, count);
    if (kept.get_data() != made.get_data()) kept.set_data(made.get_data());
    for (const auto slot : { ROW_SLOT, NAME_SLOT })
        kept.add_value(slot, made.get_value(slot));
}

void add_whole(Terms &terms, enum prefix prefix, struct text text)
{
    const std::string term = squeezed_term(prefix, cut(text, SEARCH_NAME_MAX));
    if (!term.empty()) terms[term] = OF_WHOLE;
}

} // namespace

struct search_writer {
    struct search_fault fault;
    Stemmers stemmers;
    Xapian::WritableDatabase database;
    log_head head{};
    std::unique_ptr<struct search_names, destroyer> names{ search_names_new() };
    std::unordered_set<size_t> known_words; /* their hashes: a collision only leaves one out */
    std::string fresh_words, fresh_names;   /* since the last commit, as the log has them */
    std::vector<Xapian::docid> changed;     /* likewise, documents whose rows are other ones */

    search_writer(const std::string &folder, const struct search_languages &languages, bool is_new)
        : fault(), stemmers(languages),
          database(folder, is_new ? Xapian::DB_CREATE_OR_OVERWRITE : Xapian::DB_OPEN)
    {
        if (is_new) {
            database.set_metadata(FORMAT_KEY, stemmers.format());
            database.set_metadata(LOG_HEAD_KEY, log_head_text(head));
            database.commit();
        } else {
            check_format(database, stemmers);
            load();
        }
        /* Outside of a transaction, Xapian commits by itself when it has many changes. */
        database.begin_transaction();
    }

    void put(const struct search_document &document);
    void remove(const std::string &term);
    void commit();
    uint32_t number_of(const struct search_name &name);

  private:
    void load();
    void put_into_one();
    void note_word(const std::string &word);
    void note_changed(Xapian::docid document);
    Terms terms_of(const Words &words, const Xapian::Stem &stem);
    void add_words(Xapian::Document &to, const struct search_document &from);
    static void add_filters(Xapian::Document &to, const struct search_document &from);
    void number_attributes(const struct search_document &from, struct search_row &row);
    std::string row_of(const struct search_document &from);
};

void search_writer::load()
{
    head = read_log_head(database);
    for (unsigned long i = 0; i < head.words; i++) {
        const std::string lines = database.get_metadata(log_key(WORDS_LOG, i));
        size_t start = 0, end;
        for (; (end = lines.find('\n', start)) != std::string::npos; start = end + 1)
            known_words.insert(std::hash<std::string>()(lines.substr(start, end - start)));
    }
    for (unsigned long i = 0; i < head.names; i++) {
        const std::string records = database.get_metadata(log_key(NAMES_LOG, i));
        if (search_names_replay(names.get(), text_of_string(records)) != STATUS_OK) {
            throw other_format();
        }
    }
    if (head.words + head.names > LOG_CHUNKS_MAX) put_into_one();
}

/* Leaves out words that no document has any more. */
void search_writer::put_into_one()
{
    std::string words, records;
    known_words.clear();
    for (unsigned long i = 0; i < head.words; i++) {
        const std::string key = log_key(WORDS_LOG, i), lines = database.get_metadata(key);
        size_t start = 0, end;
        for (; (end = lines.find('\n', start)) != std::string::npos; start = end + 1) {
            const std::string word = lines.substr(start, end - start);
            if (!database.term_exists(word)) continue;
            if (known_words.insert(std::hash<std::string>()(word)).second) words += word + "\n";
        }
        database.set_metadata(key, std::string());
    }
    for (unsigned long i = 0; i < head.names; i++)
        database.set_metadata(log_key(NAMES_LOG, i), std::string());
    for (uint32_t i = 0; i < search_names_count(names.get()); i++) {
        char record[SEARCH_NAME_RECORD_MAX];
        records.append(record, search_names_record(names.get(), i, record));
    }
    head = { head.generation + 1, 1, 1, head.rows };
    database.set_metadata(log_key(WORDS_LOG, 0), words);
    database.set_metadata(log_key(NAMES_LOG, 0), records);
    database.set_metadata(LOG_HEAD_KEY, log_head_text(head));
    database.commit();
}

void search_writer::note_word(const std::string &word)
{
    if (characters_of(word) < TERM_CHARACTERS_MIN) return;
    if (known_words.insert(std::hash<std::string>()(word)).second) fresh_words += word + "\n";
}

uint32_t search_writer::number_of(const struct search_name &name)
{
    char record[SEARCH_NAME_RECORD_MAX];
    size_t length;
    const uint32_t number = search_names_put(names.get(), &name, record, &length);
    fresh_names.append(record, length);
    return number;
}

/* Words as they are and their stems, of which several words have one. A name may be in any language
 * whatever the text beside it is in, and what is guessed to be in another language than the first
 * may be wrong: a wrong guess hides nothing. */
Terms search_writer::terms_of(const Words &words, const Xapian::Stem &stem)
{
    Terms terms;
    const Xapian::Stem &first = stemmers.all().front();
    std::vector<std::string> forms;
    for (const auto &[word, count] : words.counts) {
        terms[word] += count.whole;
        if (!count.is_letters) continue;
        forms.assign({ stem_term(stem, word) });
        add_new(forms, stem_term(first, word));
        for (size_t i = 1; count.is_short && i < stemmers.all().size(); i++)
            add_new(forms, stem_term(stemmers.all()[i], word));
        for (const std::string &form : forms)
            terms[form] += count.whole;
        note_word(word);
    }
    for (const std::string &beginning : words.beginnings)
        terms[term_of(BEGINNING, beginning)] = 1;
    return terms;
}

/* A word that a product says in two languages counts as if it said it in one. */
void search_writer::add_words(Xapian::Document &to, const struct search_document &from)
{
    Terms terms =
        terms_of(words_of_document(from),
                 stemmers.of(cut(from.language, SEARCH_NAME_MAX),
                             from.description.length > 0 ? cut(from.description, SEARCH_TEXT_MAX)
                                                         : cut(from.name, SEARCH_NAME_MAX)));
    add_whole(terms, WHOLE_NAME, from.name);
    for (size_t i = 0; i < at_most(from.translations_count, SEARCH_TRANSLATIONS_MAX); i++) {
        const struct search_translation &translation = from.translations[i];
        for (const auto &[term, count] :
             terms_of(words_of_translation(translation), stemmers.named(translation.language)))
            terms[term] = std::max(terms[term], count);
        add_whole(terms, WHOLE_NAME, translation.name);
    }
    for (size_t i = 0; i < at_most(from.numbers_count, SEARCH_NUMBERS_MAX); i++)
        add_whole(terms, WHOLE_NUMBER, from.numbers[i]);
    for (const auto &[term, count] : terms)
        to.add_term(term, count);
}

/* What the document is filtered by. */
void search_writer::add_filters(Xapian::Document &to, const struct search_document &from)
{
    to.add_boolean_term(term_of(VENDOR, from.vendor.id));
    for (size_t i = 0; i < at_most(from.categories_count, SEARCH_CATEGORIES_MAX); i++)
        to.add_boolean_term(term_of(CATEGORY, from.categories[i].id));
    for (size_t i = 0; i < at_most(from.attributes_count, SEARCH_ATTRIBUTES_MAX); i++) {
        const struct text value = cut(from.attributes[i].value, SEARCH_ATTRIBUTE_MAX);
        to.add_boolean_term(term_of(
            VALUE, search_names_key(cut(from.attributes[i].name, SEARCH_ATTRIBUTE_MAX), &value)));
    }
    if (from.is_in_stock) to.add_boolean_term(term_of(IN_STOCK));
    if (from.is_on_sale) to.add_boolean_term(term_of(ON_SALE));
    if (from.is_foreign) to.add_boolean_term(term_of(FOREIGN));
    for (size_t i = 0; i < at_most(from.prices_count, SEARCH_CURRENCIES_MAX); i++)
        to.add_boolean_term(term_of(SOLD_IN, from.prices[i].currency));
}

void search_writer::number_attributes(const struct search_document &from, struct search_row &row)
{
    uint64_t
        places[SEARCH_ATTRIBUTES_MAX] = {}; /* of each of the document's in the row, as a bit */
    const size_t count = at_most(from.attributes_count, SEARCH_ATTRIBUTES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct text name = cut(from.attributes[i].name, SEARCH_ATTRIBUTE_MAX);
        const struct text value = cut(from.attributes[i].value, SEARCH_ATTRIBUTE_MAX);
        const uint32_t parent = number_of(
            { SEARCH_NAME_ATTRIBUTE, SEARCH_NAME_NONE, search_names_key(name, nullptr), name });
        const uint32_t number =
            number_of({ SEARCH_NAME_VALUE, parent, search_names_key(name, &value), value });
        if (parent == SEARCH_NAME_NONE || number == SEARCH_NAME_NONE) continue;
        size_t place = 0;
        while (place < row.attributes_count && row.attributes[place] != number)
            place++;
        row.attributes[place] = number;
        if (place == row.attributes_count) row.attributes_count++;
        places[i] = uint64_t{ 1 } << place;
    }
    std::vector<uint64_t> variants(from.variants_count);
    for (size_t k = 0; k < from.variants_count; k++)
        for (size_t i = 0; i < count; i++)
            if ((from.variants[k] >> i & 1) != 0) variants[k] |= places[i];
    search_row_combine(&row, variants.data(), variants.size());
}

std::string search_writer::row_of(const struct search_document &from)
{
    struct search_row row = {};
    row.price = from.price;
    row.sold = from.sold;
    row.rating_hundredths = from.rating_hundredths;
    row.is_in_stock = from.is_in_stock;
    row.is_on_sale = from.is_on_sale;
    row.is_foreign = from.is_foreign;
    row.prices_count = at_most(from.prices_count, SEARCH_CURRENCIES_MAX);
    for (size_t i = 0; i < row.prices_count; i++)
        row.prices[i] = from.prices[i];
    row.vendor =
        number_of({ SEARCH_NAME_VENDOR, SEARCH_NAME_NONE, from.vendor.id, from.vendor.name });
    for (size_t i = 0; i < at_most(from.categories_count, SEARCH_CATEGORIES_MAX); i++) {
        const struct search_reference &category = from.categories[i];
        const uint32_t number =
            number_of({ SEARCH_NAME_CATEGORY, SEARCH_NAME_NONE, category.id, category.name });
        if (number != SEARCH_NAME_NONE) row.categories[row.categories_count++] = number;
    }
    number_attributes(from, row);
    char packed[SEARCH_ROW_BYTES_MAX];
    const size_t length = search_row_pack(&row, packed);
    return string_of({ reinterpret_cast<const char *>(from.id.bytes), sizeof from.id.bytes })
        .append(packed, length);
}

void search_writer::put(const struct search_document &document)
{
    Xapian::Document made;
    const std::string id = term_of(PRODUCT, document.id);
    made.add_boolean_term(id);
    made.set_data(packed_data(document.data));
    add_words(made, document);
    add_filters(made, document);
    made.add_value(ROW_SLOT, row_of(document));
    made.add_value(NAME_SLOT, folded(document.name).substr(0, NAME_SEEN_MAX));
    const auto place = database.postlist_begin(id);
    if (place == database.postlist_end(id)) {
        note_changed(database.add_document(made));
        return;
    }
    Xapian::Document kept = database.get_document(*place);
    change_into(kept, made);
    database.replace_document(*place, kept);
    note_changed(*place);
}

/* All documents that have the term. */
void search_writer::remove(const std::string &term)
{
    for (auto document = database.postlist_begin(term); document != database.postlist_end(term);
         ++document) {
        note_changed(*document);
    }
    database.delete_document(term);
}

/* What is one too many only tells that there are too many. */
void search_writer::note_changed(Xapian::docid document)
{
    if (changed.size() <= ROWS_LOG_MAX) changed.push_back(document);
}

void search_writer::commit()
{
    if (!fresh_words.empty()) {
        database.set_metadata(log_key(WORDS_LOG, head.words++), fresh_words);
    }
    if (!fresh_names.empty()) {
        database.set_metadata(log_key(NAMES_LOG, head.names++), fresh_names);
    }
    if (!changed.empty()) {
        if (head.rows >= ROWS_LOG_CHUNKS) {
            database.set_metadata(log_key(ROWS_LOG, head.rows - ROWS_LOG_CHUNKS), std::string());
        }
        database.set_metadata(log_key(ROWS_LOG, head.rows++), rows_log_text(changed));
    }
    if (!fresh_words.empty() || !fresh_names.empty() || !changed.empty()) {
        database.set_metadata(LOG_HEAD_KEY, log_head_text(head));
    }
    database.commit_transaction();
    fresh_words.clear();
    fresh_names.clear();
    changed.clear();
    database.begin_transaction();
}

enum status search_writer_open(const char *folder, const struct search_languages *languages,
                               bool is_new, struct search_fault *ret_fault,
                               struct search_writer **ret_writer)
{
    assert(languages->count > 0 && languages->count <= SEARCH_LANGUAGES_MAX);
    return guarded(ret_fault, [&] {
        *ret_writer = new search_writer(folder, *languages, is_new);
        return STATUS_OK;
    });
}

void search_writer_destroy(struct search_writer **writer)
{
    if (*writer == nullptr) return;
    struct search_fault ignored;
    /* A transaction that is open is given up. */
    (void)!guarded(&ignored, [&] {
        (*writer)->database.cancel_transaction();
        (*writer)->database.close();
        return STATUS_OK;
    });
    delete *writer;
    *writer = nullptr;
}

const char *search_writer_fault(const struct search_writer *writer)
{
    return writer->fault.text;
}

enum status search_writer_put(struct search_writer *writer, const struct search_document *document)
{
    assert(document->rating_hundredths >= 0 && document->rating_hundredths <= SEARCH_STARS * 100);
    if (document->data.length > SEARCH_DATA_MAX) return STATUS_OUT_OF_RANGE;
    return guarded(&writer->fault, [&] {
        writer->put(*document);
        return STATUS_OK;
    });
}

enum status search_writer_delete(struct search_writer *writer, struct uuid product)
{
    return guarded(&writer->fault, [&] {
        writer->remove(term_of(PRODUCT, product));
        return STATUS_OK;
    });
}

enum status search_writer_delete_of_vendor(struct search_writer *writer, struct uuid vendor)
{
    return guarded(&writer->fault, [&] {
        writer->remove(term_of(VENDOR, vendor));
        return STATUS_OK;
    });
}

enum status search_writer_set(struct search_writer *writer, struct text key, struct text value)
{
    assert(key.length > 0 && key.length <= SEARCH_KEY_MAX);
    return guarded(&writer->fault, [&] {
        writer->database.set_metadata(metadata_key(key), string_of(value));
        return STATUS_OK;
    });
}

enum status search_writer_get(struct search_writer *writer, struct arena *arena, struct text key,
                              struct text *ret_value)
{
    assert(key.length > 0 && key.length <= SEARCH_KEY_MAX);
    return guarded(&writer->fault, [&] {
        const std::string value = writer->database.get_metadata(metadata_key(key));
        *ret_value = text_copy(arena, text_of_string(value));
        return STATUS_OK;
    });
}

enum status search_writer_commit(struct search_writer *writer)
{
    return guarded(&writer->fault, [&] {
        writer->commit();
        return STATUS_OK;
    });
}

enum status search_writer_count(struct search_writer *writer, int64_t *ret_count)
{
    return guarded(&writer->fault, [&] {
        *ret_count = writer->database.get_doccount();
        return STATUS_OK;
    });
}
