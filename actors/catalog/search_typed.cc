/* Words of a question, and of texts that mean the same. */
#include "actors/catalog/search_query.hh"

#include <algorithm>

namespace search
{

namespace
{

enum { GROUP_WORDS_MAX = 8 }; /* of a synonym */

/* An umlaut tells the language by itself: "für" is no English word. */
void tell_stops(std::vector<typed_word> &words)
{
    std::vector<struct text> texts;
    for (const typed_word &word : words)
        texts.push_back(text_of_string(word.text));
    for (size_t i = 0; i < words.size(); i++) {
        words[i].is_stop = words[i].other.empty()
                               ? search_text_is_stop_among(texts[i], texts.data(), texts.size())
                               : search_text_is_stop(texts[i]);
    }
}

} // namespace

std::vector<typed_word> words_typed(struct text text, size_t limit)
{
    std::vector<typed_word> words;
    struct search_text_reader reader;
    search_text_reader_init(&reader, text);
    struct search_chunk chunk;
    for (size_t number = 0; words.size() < limit && search_text_next(&reader, &chunk); number++) {
        for (size_t i = 0; i < chunk.parts_count && words.size() < limit; i++) {
            const struct search_part &part = chunk.parts[i];
            words.push_back({ string_of(part.word), string_of(part.other), part.kind, number,
                              std::string(), false, false, 0 });
        }
        if (chunk.parts_count > 1 || chunk.signs_count == 0 || words.empty()) continue;
        char joined[SEARCH_WORD_MAX];
        words.back().signs = std::string(joined, search_chunk_join(&chunk, 0, 1, false, joined));
    }
    tell_stops(words);
    return words;
}

/* ---- synonyms ---- */

void Synonyms::add(const Stemmers &stemmers, const struct search_synonyms &group)
{
    std::vector<std::vector<typed_word>> texts;
    const size_t count = std::min<size_t>(group.count, SEARCH_GROUP_TEXTS_MAX);
    for (size_t i = 0; i < count; i++) {
        std::vector<typed_word> words = words_typed(group.texts[i], GROUP_WORDS_MAX);
        if (words.empty()) continue;
        by_first[stemmers.first(words[0].text)].push_back({ groups.size(), texts.size() });
        texts.push_back(std::move(words));
    }
    groups.push_back(std::move(texts));
}

size_t Synonyms::find(const Stemmers &stemmers, const std::vector<typed_word> &words, size_t at,
                      std::vector<const std::vector<typed_word> *> &ret_others) const
{
    if (groups.empty()) return 0;
    const auto places = by_first.find(stemmers.first(words[at].text));
    if (places == by_first.end()) return 0;
    size_t longest = 0;
    for (const place &candidate : places->second) {
        const std::vector<typed_word> &text = groups[candidate.group][candidate.index];
        bool is_it = text.size() <= words.size() - at && text.size() >= longest;
        for (size_t i = 1; is_it && i < text.size(); i++)
            is_it = stemmers.first(text[i].text) == stemmers.first(words[at + i].text);
        if (!is_it) continue;
        if (text.size() > longest) ret_others.clear();
        longest = text.size();
        for (size_t i = 0; i < groups[candidate.group].size(); i++) {
            if (i != candidate.index) ret_others.push_back(&groups[candidate.group][i]);
        }
    }
    return longest;
}

} // namespace search
