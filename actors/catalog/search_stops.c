/* Words that say little, by language, in order; and what they tell of a text's language. */
#include "actors/catalog/search_text.h"

#include <string.h>

enum {
    EN = 1,
    DE = 2,
    FR = 4,
    GUESS_WORDS_MAX = 200, /* words that tell a language */
};

struct stop_word {
    char word[9];
    uint8_t languages;
    uint8_t ordinary; /* languages in which it says as much as any other word */
};

/* Folded, as search_text_next() gives them. */
static const struct stop_word stop_words[] = {
    { "a", EN | FR, 0 },  { "aber", DE, 0 },     { "about", EN, 0 },   { "above", EN, 0 },
    { "after", EN, 0 },   { "again", EN, 0 },    { "ai", FR, 0 },      { "all", EN, 0 },
    { "als", DE, 0 },     { "also", EN, 0 },     { "am", EN | DE, 0 }, { "an", EN | DE, 0 },
    { "and", EN, 0 },     { "any", EN, 0 },      { "are", EN, 0 },     { "as", EN, 0 },
    { "at", EN, 0 },      { "au", FR, 0 },       { "auch", DE, 0 },    { "auf", DE, 0 },
    { "aus", DE, 0 },     { "aussi", FR, 0 },    { "aux", FR, 0 },     { "avec", FR, 0 },
    { "be", EN, 0 },      { "because", EN, 0 },  { "been", EN, 0 },    { "before", EN, 0 },
    { "bei", DE, 0 },     { "beim", DE, 0 },     { "being", EN, 0 },   { "between", EN, 0 },
    { "bis", DE, 0 },     { "both", EN, 0 },     { "but", EN, 0 },     { "by", EN, 0 },
    { "can", EN, 0 },     { "car", FR, EN },     { "ce", FR, 0 },      { "ces", FR, 0 },
    { "cette", FR, 0 },   { "comme", FR, 0 },    { "could", EN, 0 },   { "d", FR, 0 },
    { "da", DE, 0 },      { "damit", DE, 0 },    { "dann", DE, 0 },    { "dans", FR, 0 },
    { "das", DE, 0 },     { "dass", DE, 0 },     { "de", FR, 0 },      { "dein", DE, 0 },
    { "dem", DE, 0 },     { "den", DE, 0 },      { "der", DE, 0 },     { "des", DE | FR, 0 },
    { "did", EN, 0 },     { "die", DE, 0 },      { "dies", DE, 0 },    { "diese", DE, 0 },
    { "dieser", DE, 0 },  { "do", EN, 0 },       { "doch", DE, 0 },    { "does", EN, 0 },
    { "du", DE | FR, 0 }, { "durch", DE, 0 },    { "ein", DE, 0 },     { "eine", DE, 0 },
    { "einem", DE, 0 },   { "einen", DE, 0 },    { "einer", DE, 0 },   { "eines", DE, 0 },
    { "elle", FR, 0 },    { "elles", FR, 0 },    { "en", FR, 0 },      { "er", DE, 0 },
    { "es", DE, 0 },      { "est", FR, 0 },      { "et", FR, 0 },      { "eu", FR, 0 },
    { "for", EN, 0 },     { "from", EN, 0 },     { "fur", DE, EN },    { "gegen", DE, 0 },
    { "haben", DE, 0 },   { "had", EN, 0 },      { "has", EN, 0 },     { "hat", DE, EN },
    { "have", EN, 0 },    { "he", EN, 0 },       { "her", EN, 0 },     { "here", EN, 0 },
    { "hier", DE, 0 },    { "him", EN, 0 },      { "his", EN, 0 },     { "how", EN, 0 },
    { "i", EN, 0 },       { "ich", DE, 0 },      { "if", EN, 0 },      { "ihr", DE, 0 },
    { "il", FR, 0 },      { "ils", FR, 0 },      { "im", DE, 0 },      { "in", EN | DE, 0 },
    { "into", EN, 0 },    { "is", EN, 0 },       { "ist", DE, 0 },     { "it", EN, 0 },
    { "its", EN, 0 },     { "j", FR, 0 },        { "ja", DE, 0 },      { "je", FR, 0 },
    { "just", EN, 0 },    { "kann", DE, 0 },     { "kein", DE, 0 },    { "keine", DE, 0 },
    { "l", FR, 0 },       { "la", FR, 0 },       { "le", FR, 0 },      { "les", FR, 0 },
    { "leur", FR, 0 },    { "leurs", FR, 0 },    { "lui", FR, 0 },     { "m", FR, 0 },
    { "mais", FR, 0 },    { "man", DE, EN },     { "me", EN | FR, 0 }, { "mehr", DE, 0 },
    { "mein", DE, 0 },    { "mes", FR, 0 },      { "mit", DE, 0 },     { "moi", FR, 0 },
    { "mon", FR, 0 },     { "more", EN, 0 },     { "most", EN, 0 },    { "my", EN, 0 },
    { "n", FR, 0 },       { "nach", DE, 0 },     { "ne", FR, 0 },      { "nicht", DE, 0 },
    { "no", EN, 0 },      { "noch", DE, 0 },     { "nos", FR, 0 },     { "not", EN, 0 },
    { "notre", FR, 0 },   { "nous", FR, 0 },     { "nur", DE, 0 },     { "oder", DE, 0 },
    { "of", EN, 0 },      { "off", EN, 0 },      { "ohne", DE, 0 },    { "on", EN | FR, 0 },
    { "once", EN, 0 },    { "only", EN, 0 },     { "ont", FR, 0 },     { "or", EN, 0 },
    { "other", EN, 0 },   { "ou", FR, 0 },       { "our", EN, 0 },     { "out", EN, 0 },
    { "over", EN, 0 },    { "own", EN, 0 },      { "par", FR, 0 },     { "pas", FR, 0 },
    { "plus", FR, 0 },    { "pour", FR, 0 },     { "qu", FR, 0 },      { "que", FR, 0 },
    { "qui", FR, 0 },     { "s", FR, 0 },        { "sa", FR, 0 },      { "sans", FR, 0 },
    { "schon", DE, 0 },   { "se", FR, 0 },       { "sehr", DE, 0 },    { "sein", DE, 0 },
    { "seine", DE, 0 },   { "ses", FR, 0 },      { "she", EN, 0 },     { "si", FR, 0 },
    { "sich", DE, 0 },    { "sie", DE, 0 },      { "sind", DE, 0 },    { "so", EN | DE, 0 },
    { "some", EN, 0 },    { "son", FR, EN },     { "sont", FR, 0 },    { "sous", FR, 0 },
    { "such", EN, 0 },    { "sur", FR, 0 },      { "ta", FR, 0 },      { "te", FR, 0 },
    { "tes", FR, 0 },     { "than", EN, 0 },     { "that", EN, 0 },    { "the", EN, 0 },
    { "their", EN, 0 },   { "them", EN, 0 },     { "then", EN, 0 },    { "there", EN, 0 },
    { "these", EN, 0 },   { "they", EN, 0 },     { "this", EN, 0 },    { "those", EN, 0 },
    { "through", EN, 0 }, { "to", EN, 0 },       { "toi", FR, 0 },     { "ton", FR, 0 },
    { "too", EN, 0 },     { "tous", FR, 0 },     { "tout", FR, 0 },    { "tu", FR, 0 },
    { "uber", DE, 0 },    { "un", FR, 0 },       { "und", DE, 0 },     { "under", EN, 0 },
    { "une", FR, 0 },     { "uns", DE, 0 },      { "unter", DE, 0 },   { "until", EN, 0 },
    { "up", EN, 0 },      { "very", EN, 0 },     { "vom", DE, 0 },     { "von", DE, 0 },
    { "vor", DE, 0 },     { "vos", FR, 0 },      { "votre", FR, 0 },   { "vous", FR, 0 },
    { "war", DE, EN },    { "was", EN | DE, 0 }, { "we", EN, 0 },      { "weil", DE, 0 },
    { "wenn", DE, 0 },    { "wer", DE, 0 },      { "werden", DE, 0 },  { "were", EN, 0 },
    { "what", EN, 0 },    { "when", EN, 0 },     { "where", EN, 0 },   { "which", EN, 0 },
    { "while", EN, 0 },   { "who", EN, 0 },      { "wie", DE, 0 },     { "will", EN, 0 },
    { "wir", DE, 0 },     { "wird", DE, 0 },     { "with", EN, 0 },    { "wo", DE, 0 },
    { "would", EN, 0 },   { "y", FR, 0 },        { "you", EN, 0 },     { "your", EN, 0 },
    { "zu", DE, 0 },      { "zum", DE, 0 },      { "zur", DE, 0 },
};

static const struct {
    char code[3];
    unsigned language;
} languages[] = { { "en", EN }, { "de", DE }, { "fr", FR } };

static const struct stop_word *find_stop(struct text word)
{
    size_t low = 0, high = ARRAY_LENGTH(stop_words);
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const int order = text_compare(word, text_of(stop_words[middle].word));
        if (order == 0) return &stop_words[middle];
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static unsigned languages_of(struct text word)
{
    const struct stop_word *stop = find_stop(word);
    return stop == NULL ? 0 : stop->languages;
}

bool search_text_is_stop(struct text word)
{
    return find_stop(word) != NULL;
}

bool search_text_is_stop_among(struct text word, const struct text *words, size_t count)
{
    const struct stop_word *stop = find_stop(word);
    if (stop == NULL || stop->ordinary == 0) return stop != NULL;
    for (size_t i = 0; i < count; i++) {
        const struct stop_word *other = find_stop(words[i]);
        const bool tells = other != NULL && other->ordinary == 0 &&
                           (other->languages & stop->ordinary) == 0 &&
                           (other->languages & stop->languages) != 0;
        if (tells) return true;
    }
    return false;
}

static unsigned language_of_code(const char *code)
{
    for (size_t i = 0; i < ARRAY_LENGTH(languages); i++) {
        if (strcmp(languages[i].code, code) == 0) return languages[i].language;
    }
    return 0;
}

const char *search_text_guess(struct text text, const char *const *codes, size_t count)
{
    assert(count > 0);
    size_t found[ARRAY_LENGTH(languages)] = { 0 };
    struct search_text_reader reader;
    search_text_reader_init(&reader, text);
    struct search_chunk chunk;
    for (size_t words = 0; words < GUESS_WORDS_MAX && search_text_next(&reader, &chunk); words++) {
        const unsigned stops = languages_of(chunk.parts[0].word);
        for (size_t i = 0; i < ARRAY_LENGTH(languages); i++)
            found[i] += (stops & languages[i].language) != 0;
    }
    const char *best = codes[0];
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(languages); j++) {
            if (language_of_code(codes[i]) != languages[j].language || found[j] <= most) continue;
            best = codes[i];
            most = found[j];
        }
    }
    return best;
}
