/* Plans of a search. What a word needs is any of its stems; its exact form only adds to the weight,
 * so that it stands above other forms, and those above corrections. Alternatives are put together
 * by OP_OR and never by OP_MAX, with which Xapian 1.4.22 crashes in trees of some size. */
#include "actors/catalog/search_query.hh"

#include <algorithm>

namespace search
{

namespace
{

constexpr double LIKE_EXACT = 0.5, LIKE_STOP = 0.3, LIKE_SIGNS = 2, LIKE_NAME = 1, OF_NUMBER = 2;
constexpr double OF_OTHER_LANGUAGE = 0.5; /* a form in one that was not asked in */
constexpr double OF_SYNONYM = 0.8, OF_BEGINNING = 0.7, OF_CORRECTION = 0.5;

enum {
    BEGINNINGS_SEEN_MAX = 256, /* words that begin alike and are looked at */
    BEGINNINGS_MAX = 24,       /* and that are searched for, the most frequent ones */
    CORRECTIONS_MAX = 5,
    SPLIT_CHARACTERS_MIN = 2, /* of each half */
    BETTER_FACTOR = 10,       /* how much more frequent a word is that was rather meant */
    RARE_LEAST = 5,           /* a word in more documents than these, and than one in */
    RARE_ONE_IN = 5000,       /* so many, was meant */
    LEFT_OUT_WORDS_MAX = 8,   /* of so many, one is left out; of more, any will do */
};

using Queries = std::vector<Xapian::Query>;

Xapian::Query combine(Xapian::Query::op op, const Queries &queries)
{
    if (queries.empty()) return Xapian::Query();
    if (queries.size() == 1) return queries.front();
    return Xapian::Query(op, queries.begin(), queries.end());
}

Xapian::Query scaled(const Xapian::Query &query, double factor)
{
    return query.empty() ? query : Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, query, factor);
}

void keep(Queries &list, const Xapian::Query &query)
{
    if (!query.empty()) list.push_back(query);
}

bool is_among(const Queries &list, const Xapian::Query &query)
{
    return std::any_of(list.begin(), list.end(), [&](const Xapian::Query &one) {
        return one.serialise() == query.serialise();
    });
}

/* Both spellings' stems that are not there yet. */
void add_stem_terms(const std::vector<const Xapian::Stem *> &stems, const typed_word &word,
                    std::vector<std::string> &terms)
{
    for (const Xapian::Stem *stem : stems) {
        add_new(terms, stem_term(*stem, word.text));
        if (!word.other.empty()) add_new(terms, stem_term(*stem, word.other));
    }
}

bool is_joinable(const typed_word &word)
{
    return word.kind == SEARCH_LETTERS || word.kind == SEARCH_DIGITS;
}

typed_word plain_word(const std::string &text)
{
    return { text, std::string(), SEARCH_LETTERS, 0, std::string(), false, false, 0 };
}

/* A word typed twice is looked for once. */
void leave_out_repeated(std::vector<typed_word> &words)
{
    std::vector<typed_word> kept;
    for (typed_word &word : words) {
        const bool is_there = std::any_of(kept.begin(), kept.end(), [&](const typed_word &other) {
            return other.text == word.text;
        });
        if (!is_there) kept.push_back(std::move(word));
    }
    words = std::move(kept);
}

std::string joined_text(const std::vector<typed_word> &words, size_t first, size_t end)
{
    std::string joined;
    for (size_t i = first; i < end; i++) {
        if (!is_joinable(words[i])) return std::string();
        joined += words[i].text;
    }
    return joined.size() > SEARCH_WORD_MAX ? std::string() : joined;
}

} // namespace

/* ---- one word ---- */

/* Plans ask for the same words again, and each look into the index costs microseconds. */
Xapian::doccount Planner::frequency_of(const std::string &term) const
{
    const auto known = frequencies.find(term);
    if (known != frequencies.end()) return known->second;
    return frequencies[term] = database.get_termfreq(term);
}

Xapian::Query Planner::term_if_known(const std::string &term) const
{
    if (term.empty() || frequency_of(term) == 0) return Xapian::Query();
    return Xapian::Query(term);
}

/* All pairs of neighbours; then those that are known, since a run may have been typed on where the
 * text has a space; then any. */
Xapian::Query Planner::need_of_run(const typed_word &word, enum plan plan) const
{
    const grams found = grams_of(text_of_string(word.text));
    const std::vector<std::string> &list = found.pairs.empty() ? found.singles : found.pairs;
    Queries known;
    for (const std::string &gram : list)
        keep(known, term_if_known(gram));
    if (plan == PLAN_ALL && known.size() < list.size()) return Xapian::Query();
    return combine(plan <= PLAN_CORRECTED ? Xapian::Query::OP_AND : Xapian::Query::OP_OR, known);
}

Xapian::Query Planner::need_of(const typed_word &word, Xapian::doccount *ret_frequency) const
{
    std::vector<std::string> terms;
    if (word.kind == SEARCH_RUN) {
        *ret_frequency = 1;
        return need_of_run(word, PLAN_ALL);
    }
    size_t asked;
    if (word.kind == SEARCH_LETTERS && !word.is_stop) {
        add_stem_terms(stems, word, terms);
        asked = terms.size();
        add_stem_terms(other_stems, word, terms);
    } else {
        terms.push_back(word.text);
        asked = 1;
    }
    Queries any;
    for (size_t i = 0; i < terms.size(); i++) {
        const Xapian::doccount frequency = frequency_of(terms[i]);
        if (frequency == 0) continue;
        const Xapian::Query form(terms[i]);
        any.push_back(i < asked ? form : scaled(form, OF_OTHER_LANGUAGE));
        *ret_frequency = std::max(*ret_frequency, frequency);
    }
    return combine(Xapian::Query::OP_OR, any);
}

Xapian::Query Planner::need_of_all(const std::vector<typed_word> &list) const
{
    Queries all;
    for (const typed_word &word : list) {
        Xapian::doccount ignored = 0;
        all.push_back(need_of(word, &ignored));
        if (all.back().empty()) return Xapian::Query();
    }
    return combine(Xapian::Query::OP_AND, all);
}

Xapian::Query Planner::like_of(const typed_word &word) const
{
    Queries likes;
    if (word.kind == SEARCH_LETTERS && !word.is_stop) {
        keep(likes, scaled(term_if_known(word.text), LIKE_EXACT));
        keep(likes, scaled(term_if_known(word.other), LIKE_EXACT));
    }
    keep(likes, scaled(term_if_known(word.signs), LIKE_SIGNS));
    return combine(Xapian::Query::OP_OR, likes);
}

/* Words that begin like this one; of short beginnings, names with such a word. */
Xapian::Query Planner::beginnings_of(const typed_word &word) const
{
    if (characters_of(word.text) <= BEGINNING_MAX) {
        return term_if_known(term_of(BEGINNING, word.text));
    }
    std::vector<std::pair<Xapian::doccount, std::string>> found;
    size_t seen = 0;
    for (auto term = database.allterms_begin(word.text);
         term != database.allterms_end(word.text) && seen < BEGINNINGS_SEEN_MAX; ++term, ++seen) {
        found.emplace_back(term.get_termfreq(), *term);
    }
    std::sort(found.begin(), found.end(), [](const auto &a, const auto &b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    Queries any;
    for (size_t i = 0; i < found.size() && i < BEGINNINGS_MAX; i++)
        any.emplace_back(found[i].second);
    return combine(Xapian::Query::OP_OR, any);
}

/* ---- corrections ---- */

/* Two words that stand in the index, typed as one. */
void Planner::add_splits(const typed_word &word, std::vector<correction> &ret_found) const
{
    const size_t count = characters_of(word.text);
    for (size_t i = SPLIT_CHARACTERS_MIN; i + SPLIT_CHARACTERS_MIN <= count; i++) {
        const std::string left = beginning_of(word.text, i);
        const std::string right = word.text.substr(left.size());
        const Xapian::doccount of_left = frequency_of(left);
        if (of_left == 0) continue;
        const Xapian::doccount of_right = frequency_of(right);
        if (of_right == 0) continue;
        ret_found.push_back({ { left, right }, 1, std::min(of_left, of_right) });
    }
}

void Planner::correct_word(size_t at)
{
    const typed_word &word = words[at];
    std::vector<correction> found;
    /* A word that is there has at most a slip in it. */
    const int forgiven = search_edits_forgiven(text_of_string(word.text));
    const int edits = word.frequency == 0 ? forgiven : std::min(forgiven, 1);
    const Xapian::doccount rare = RARE_LEAST + database.get_doccount() / RARE_ONE_IN;
    if (word.kind != SEARCH_LETTERS || edits == 0 || word.frequency > rare) return;
    const Xapian::doccount wanted = word.frequency * BETTER_FACTOR + 1;
    struct search_near near[SEARCH_NEAR_MAX];
    const size_t count = search_words_near(vocabulary, text_of_string(word.text), edits,
                                           is_prefix && at + 1 == words.size(), near);
    for (size_t i = 0; i < count; i++) {
        const std::string text = string_of(near[i].word);
        found.push_back({ { text }, near[i].edits, frequency_of(text) });
    }
    if (word.frequency == 0) add_splits(word, found);
    found.erase(std::remove_if(found.begin(), found.end(),
                               [&](const correction &one) { return one.frequency < wanted; }),
                found.end());
    std::stable_sort(found.begin(), found.end(), [](const correction &a, const correction &b) {
        return a.edits != b.edits ? a.edits < b.edits : a.frequency > b.frequency;
    });
    if (found.size() > CORRECTIONS_MAX) found.resize(CORRECTIONS_MAX);
    corrections[at] = std::move(found);
}

void Planner::correct()
{
    if (!corrections.empty()) return;
    corrections.resize(words.size());
    for (size_t i = 0; i < words.size(); i++) {
        if (!words[i].is_optional) correct_word(i);
    }
}

bool Planner::has_better_words()
{
    correct();
    return std::any_of(corrections.begin(), corrections.end(),
                       [](const std::vector<correction> &found) { return !found.empty(); });
}

std::string Planner::meant() const
{
    std::string text;
    bool is_changed = false;
    for (size_t i = 0; i < words.size(); i++) {
        const bool has_better = i < corrections.size() && !corrections[i].empty();
        is_changed = is_changed || has_better;
        if (!has_better) {
            text += (text.empty() ? "" : " ") + words[i].text;
            continue;
        }
        for (const std::string &better : corrections[i].front().words)
            text += (text.empty() ? "" : " ") + better;
    }
    return is_changed ? text : std::string();
}

/* What is nearer counts more, what was typed counts most. */
Xapian::Query Planner::need_corrected(size_t at, enum plan plan) const
{
    if (words[at].kind == SEARCH_RUN) return need_of_run(words[at], plan);
    Xapian::doccount ignored = 0;
    Queries any;
    keep(any, need_of(words[at], &ignored));
    const bool may_go_on = any.empty() && at + 1 == words.size() && is_joinable(words[at]) &&
                           characters_of(words[at].text) > BEGINNING_MAX;
    if (may_go_on) keep(any, scaled(beginnings_of(words[at]), OF_BEGINNING));
    double factor = OF_CORRECTION;
    for (const correction &better : corrections[at]) {
        std::vector<typed_word> list;
        for (const std::string &text : better.words)
            list.push_back(plain_word(text));
        keep(any, scaled(need_of_all(list), factor));
        factor *= OF_CORRECTION;
    }
    return combine(Xapian::Query::OP_OR, any);
}

/* ---- all words ---- */

void Planner::read(struct text text, bool is_last_prefix)
{
    words = words_typed(text, SEARCH_QUERY_WORDS_MAX);
    corrections.clear();
    is_prefix = is_last_prefix;
    frequencies.clear();
    squeezed_number.clear();
    squeezed_name = squeezed_term(WHOLE_NAME, text);
    const bool has_digits = std::any_of(words.begin(), words.end(), [](const typed_word &word) {
        return word.kind == SEARCH_DIGITS;
    });
    if (has_digits || words.size() == 1) squeezed_number = squeezed_term(WHOLE_NUMBER, text);
    leave_out_repeated(words);
    const auto is_stop = [](const typed_word &word) { return word.is_stop; };
    if (!std::all_of(words.begin(), words.end(), is_stop)) {
        for (typed_word &word : words)
            word.is_optional = word.is_stop;
    }
    if (is_prefix && !words.empty()) words.back().is_optional = false;
    for (typed_word &word : words)
        (void)need_of(word, &word.frequency);
}

/* How many words from here on stand in the index as one: the rest of a chunk that begins here, else
 * two neighbours. 0: none do. */
size_t Planner::joined_span(size_t at, Xapian::Query &ret_joined) const
{
    size_t end = at;
    while (end < words.size() && words[end].chunk == words[at].chunk)
        end++;
    const bool begins_chunk = at == 0 || words[at - 1].chunk != words[at].chunk;
    const size_t spans[] = { begins_chunk && end - at > 2 ? end - at : 0,
                             at + 2 <= words.size() ? size_t{ 2 } : 0 };
    for (const size_t span : spans) {
        if (span == 0) continue;
        bool is_whole = true;
        for (size_t i = at; i < at + span; i++)
            is_whole = is_whole && !words[i].is_optional;
        const std::string joined = is_whole ? joined_text(words, at, at + span) : std::string();
        if (joined.empty()) continue;
        Xapian::doccount ignored = 0;
        const bool has_digits = std::any_of(
            words.begin() + static_cast<long>(at), words.begin() + static_cast<long>(at + span),
            [](const typed_word &word) { return word.kind == SEARCH_DIGITS; });
        typed_word word = plain_word(joined);
        if (has_digits) word.kind = SEARCH_DIGITS;
        ret_joined = need_of(word, &ignored);
        if (!ret_joined.empty()) return span;
    }
    return 0;
}

/* Adds what the words from `at` on need together; returns how many words that was. */
size_t Planner::add_unit(size_t at, enum plan plan, std::vector<unit> &ret_units) const
{
    const auto need = [&](size_t i) {
        Xapian::doccount ignored = 0;
        return plan == PLAN_ALL ? need_of(words[i], &ignored) : need_corrected(i, plan);
    };
    std::vector<const std::vector<typed_word> *> others;
    Xapian::Query joined;
    size_t span = synonyms.find(stemmers, words, at, others);
    if (span == 0) span = joined_span(at, joined);
    if (span == 0) span = 1;
    Queries all, likes;
    for (size_t i = at; i < at + span; i++) {
        all.push_back(need(i));
        keep(likes, like_of(words[i]));
    }
    const bool has_all =
        std::none_of(all.begin(), all.end(), [](const auto &one) { return one.empty(); });
    Queries any;
    if (has_all) any.push_back(combine(Xapian::Query::OP_AND, all));
    keep(any, joined);
    for (const std::vector<typed_word> *other : others)
        keep(any, scaled(need_of_all(*other), OF_SYNONYM));
    if (is_prefix && at + span == words.size()) {
        all.back() = scaled(beginnings_of(words.back()), OF_BEGINNING);
        const bool has_beginning =
            std::none_of(all.begin(), all.end(), [](const auto &one) { return one.empty(); });
        if (has_beginning) any.push_back(combine(Xapian::Query::OP_AND, all));
    }
    const bool is_optional = span == 1 && words[at].is_optional;
    if (is_optional && is_everywhere(words[at])) return 1;
    ret_units.push_back(
        { combine(Xapian::Query::OP_OR, any), combine(Xapian::Query::OP_OR, likes), is_optional });
    return span;
}

std::vector<Planner::unit> Planner::units_of(enum plan plan) const
{
    std::vector<unit> units;
    for (size_t at = 0; at < words.size();)
        at += add_unit(at, plan, units);
    return units;
}

/* Adds what need not be: exact forms, stop words, the name or number as a whole. */
Xapian::Query Planner::whole(const Xapian::Query &needs, const std::vector<unit> &units) const
{
    Queries likes;
    for (const unit &one : units) {
        if (one.is_optional) {
            keep(likes, scaled(one.need, LIKE_STOP));
        } else {
            keep(likes, one.like);
        }
    }
    keep(likes, scaled(term_if_known(squeezed_name), LIKE_NAME));
    Xapian::Query query = needs;
    if (!likes.empty() && !needs.empty()) {
        query =
            Xapian::Query(Xapian::Query::OP_AND_MAYBE, needs, combine(Xapian::Query::OP_OR, likes));
    }
    Queries any;
    keep(any, query);
    keep(any, scaled(term_if_known(squeezed_number), OF_NUMBER));
    return combine(Xapian::Query::OP_OR, any);
}

bool Planner::make(enum plan plan, Xapian::Query &ret_query)
{
    if (plan != PLAN_ALL) correct();
    const std::vector<unit> units = units_of(plan);
    Queries needs;
    bool is_whole = true;
    for (const unit &one : units) {
        if (one.is_optional) continue;
        is_whole = is_whole && !one.need.empty();
        if (!is_among(needs, one.need)) keep(needs, one.need);
    }
    Xapian::Query needed;
    if (plan == PLAN_ANY) {
        needed = combine(Xapian::Query::OP_OR, needs);
    } else if (plan == PLAN_MOST && is_whole && needs.size() > 2 &&
               needs.size() <= LEFT_OUT_WORDS_MAX) {
        Queries any;
        for (size_t left_out = 0; left_out < needs.size(); left_out++) {
            Queries rest = needs;
            rest.erase(rest.begin() + static_cast<long>(left_out));
            any.push_back(combine(Xapian::Query::OP_AND, rest));
        }
        needed = combine(Xapian::Query::OP_OR, any);
    } else if (is_whole ? plan <= PLAN_CORRECTED : plan == PLAN_MOST) {
        needed = combine(Xapian::Query::OP_AND, needs);
    }
    ret_query = whole(needed, units);
    return !ret_query.empty();
}

} // namespace search
