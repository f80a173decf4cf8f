/* What words a product has, and what each counts. */
#include "actors/catalog/search_document.hh"

namespace search
{

namespace
{

/* What a word counts where it stands. Of a name's words, the fewer there are the more each counts;
 * of a description's, the first few times count. */
enum {
    OF_NAME_LEAST = 16,
    OF_NAME_SHARED = 48,
    OF_NUMBER = 24,
    OF_VENDOR = 10,
    OF_CATEGORY = 8,
    OF_ATTRIBUTE = 6,
    JOINED_PARTS_MAX = 2, /* of a description's chunks that are joined */
};

enum class field { name, description, other };

/* Adds the words of one text. */
class TextWords
{
  public:
    TextWords(Words &to, enum field from, unsigned each) : words(to), field(from), count(each)
    {
    }

    void add(struct text text)
    {
        struct search_text_reader reader;
        search_text_reader_init(&reader, text);
        struct search_chunk chunk;
        while (search_text_next(&reader, &chunk))
            add_chunk(chunk);
    }

  private:
    Words &words;
    const enum field field;
    const unsigned count;

    void add_word(const std::string &word, bool is_letters)
    {
        if (word.empty()) return;
        if (field == field::description) {
            words.add_capped(word, is_letters);
        } else {
            words.add(word, count, is_letters);
        }
        if (field != field::name) return;
        for (size_t i = 1; i <= BEGINNING_MAX; i++)
            words.beginnings.insert(beginning_of(word, i));
    }

    void add_part(const struct search_part &part)
    {
        if (part.kind == SEARCH_RUN) {
            const grams found = grams_of(part.word);
            for (const std::string &single : found.singles)
                add_word(single, false);
            for (const std::string &pair : found.pairs)
                add_word(pair, false);
            return;
        }
        add_word(string_of(part.word), part.kind == SEARCH_LETTERS);
        add_word(string_of(part.other), part.kind == SEARCH_LETTERS);
    }

    void add_joined(const struct search_chunk &chunk, size_t first, size_t end)
    {
        bool is_letters = true;
        for (size_t i = first; i < end; i++)
            is_letters = is_letters && chunk.parts[i].kind == SEARCH_LETTERS;
        char joined[SEARCH_WORD_MAX];
        const std::string word(joined, search_chunk_join(&chunk, first, end, false, joined));
        add_word(word, is_letters);
        const std::string other(joined, search_chunk_join(&chunk, first, end, true, joined));
        if (other != word) add_word(other, is_letters);
    }

    void add_chunk(const struct search_chunk &chunk)
    {
        const size_t parts = chunk.parts_count;
        for (size_t i = 0; i < parts; i++)
            add_part(chunk.parts[i]);
        if (field == field::description && parts > JOINED_PARTS_MAX) return;
        for (size_t i = 0; i + 1 < parts; i++)
            add_joined(chunk, i, i + 2);
        if (parts > 2 || (parts == 1 && chunk.signs_count > 0)) add_joined(chunk, 0, parts);
    }
};

size_t words_of(struct text text)
{
    struct search_text_reader reader;
    search_text_reader_init(&reader, text);
    struct search_chunk chunk;
    size_t count = 0;
    while (search_text_next(&reader, &chunk))
        count += chunk.parts_count;
    return count;
}

void add_name(Words &words, struct text whole)
{
    const struct text name = cut(whole, SEARCH_NAME_MAX);
    const auto each = static_cast<unsigned>(OF_NAME_LEAST + OF_NAME_SHARED / (words_of(name) + 1));
    TextWords(words, field::name, each).add(name);
}

void add_description(Words &words, struct text description)
{
    TextWords(words, field::description, OF_DESCRIPTION).add(cut(description, SEARCH_TEXT_MAX));
}

} // namespace

Words words_of_document(const struct search_document &document)
{
    Words words;
    add_name(words, document.name);
    TextWords numbers(words, field::other, OF_NUMBER);
    for (size_t i = 0; i < at_most(document.numbers_count, SEARCH_NUMBERS_MAX); i++)
        numbers.add(cut(document.numbers[i], SEARCH_NAME_MAX));
    TextWords(words, field::other, OF_VENDOR).add(cut(document.vendor.name, SEARCH_NAME_MAX));
    TextWords categories(words, field::other, OF_CATEGORY);
    for (size_t i = 0; i < at_most(document.categories_count, SEARCH_CATEGORIES_MAX); i++)
        categories.add(cut(document.categories[i].name, SEARCH_NAME_MAX));
    TextWords attributes(words, field::other, OF_ATTRIBUTE);
    for (size_t i = 0; i < at_most(document.attributes_count, SEARCH_ATTRIBUTES_MAX); i++)
        attributes.add(cut(document.attributes[i].value, SEARCH_ATTRIBUTE_MAX));
    add_description(words, document.description);
    return words;
}

Words words_of_translation(const struct search_translation &translation)
{
    Words words;
    add_name(words, translation.name);
    TextWords(words, field::other, OF_CATEGORY).add(cut(translation.categories, SEARCH_TEXT_MAX));
    add_description(words, translation.description);
    return words;
}

} // namespace search
