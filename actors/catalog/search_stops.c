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
};

/* Folded, as search_text_next() gives them. */
static const struct stop_word stop_words[] = {
    { "a", EN | FR },   { "aber", DE },    { "about", EN },  { "above", EN },   { "after", EN },
    { "again", EN },    { "ai", FR },      { "all", EN },    { "als", DE },     { "also", EN },
    { "am", EN | DE },  { "an", EN | DE }, { "and", EN },    { "any", EN },     { "are", EN },
    { "as", EN },       { "at", EN },      { "au", FR },     { "auch", DE },    { "auf", DE },
    { "aus", DE },      { "aussi", FR },   { "aux", FR },    { "avec", FR },    { "be", EN },
    { "because", EN },  { "been", EN },    { "before", EN }, { "bei", DE },     { "beim", DE },
    { "being", EN },    { "between", EN }, { "bis", DE },    { "both", EN },    { "but", EN },
    { "by", EN },       { "can", EN },     { "car", FR },    { "ce", FR },      { "ces", FR },
    { "cette", FR },    { "comme", FR },   { "could", EN },  { "d", FR },       { "da", DE },
    { "damit", DE },    { "dann", DE },    { "dans", FR },   { "das", DE },     { "dass", DE },
    { "de", FR },       { "dein", DE },    { "dem", DE },    { "den", DE },     { "der", DE },
    { "des", DE | FR }, { "did", EN },     { "die", DE },    { "dies", DE },    { "diese", DE },
    { "dieser", DE },   { "do", EN },      { "doch", DE },   { "does", EN },    { "du", DE | FR },
    { "durch", DE },    { "ein", DE },     { "eine", DE },   { "einem", DE },   { "einen", DE },
    { "einer", DE },    { "eines", DE },   { "elle", FR },   { "elles", FR },   { "en", FR },
    { "er", DE },       { "es", DE },      { "est", FR },    { "et", FR },      { "eu", FR },
    { "for", EN },      { "from", EN },    { "fur", DE },    { "gegen", DE },   { "haben", DE },
    { "had", EN },      { "has", EN },     { "hat", DE },    { "have", EN },    { "he", EN },
    { "her", EN },      { "here", EN },    { "hier", DE },   { "him", EN },     { "his", EN },
    { "how", EN },      { "i", EN },       { "ich", DE },    { "if", EN },      { "ihr", DE },
    { "il", FR },       { "ils", FR },     { "im", DE },     { "in", EN | DE }, { "into", EN },
    { "is", EN },       { "ist", DE },     { "it", EN },     { "its", EN },     { "j", FR },
    { "ja", DE },       { "je", FR },      { "just", EN },   { "kann", DE },    { "kein", DE },
    { "keine", DE },    { "l", FR },       { "la", FR },     { "le", FR },      { "les", FR },
    { "leur", FR },     { "leurs", FR },   { "lui", FR },    { "m", FR },       { "mais", FR },
    { "man", DE },      { "me", EN | FR }, { "mehr", DE },   { "mein", DE },    { "mes", FR },
    { "mit", DE },      { "moi", FR },     { "mon", FR },    { "more", EN },    { "most", EN },
    { "my", EN },       { "n", FR },       { "nach", DE },   { "ne", FR },      { "nicht", DE },
    { "no", EN },       { "noch", DE },    { "nos", FR },    { "not", EN },     { "notre", FR },
    { "nous", FR },     { "nur", DE },     { "oder", DE },   { "of", EN },      { "off", EN },
    { "ohne", DE },     { "on", EN | FR }, { "once", EN },   { "only", EN },    { "ont", FR },
    { "or", EN },       { "other", EN },   { "ou", FR },     { "our", EN },     { "out", EN },
    { "over", EN },     { "own", EN },     { "par", FR },    { "pas", FR },     { "plus", FR },
    { "pour", FR },     { "qu", FR },      { "que", FR },    { "qui", FR },     { "s", FR },
    { "sa", FR },       { "sans", FR },    { "schon", DE },  { "se", FR },      { "sehr", DE },
    { "sein", DE },     { "seine", DE },   { "ses", FR },    { "she", EN },     { "si", FR },
    { "sich", DE },     { "sie", DE },     { "sind", DE },   { "so", EN | DE }, { "some", EN },
    { "son", FR },      { "sont", FR },    { "sous", FR },   { "such", EN },    { "sur", FR },
    { "ta", FR },       { "te", FR },      { "tes", FR },    { "than", EN },    { "that", EN },
    { "the", EN },      { "their", EN },   { "them", EN },   { "then", EN },    { "there", EN },
    { "these", EN },    { "they", EN },    { "this", EN },   { "those", EN },   { "through", EN },
    { "to", EN },       { "toi", FR },     { "ton", FR },    { "too", EN },     { "tous", FR },
    { "tout", FR },     { "tu", FR },      { "uber", DE },   { "un", FR },      { "und", DE },
    { "under", EN },    { "une", FR },     { "uns", DE },    { "unter", DE },   { "until", EN },
    { "up", EN },       { "very", EN },    { "vom", DE },    { "von", DE },     { "vor", DE },
    { "vos", FR },      { "votre", FR },   { "vous", FR },   { "war", DE },     { "was", EN | DE },
    { "we", EN },       { "weil", DE },    { "wenn", DE },   { "wer", DE },     { "werden", DE },
    { "were", EN },     { "what", EN },    { "when", EN },   { "where", EN },   { "which", EN },
    { "while", EN },    { "who", EN },     { "wie", DE },    { "will", EN },    { "wir", DE },
    { "wird", DE },     { "with", EN },    { "wo", DE },     { "would", EN },   { "y", FR },
    { "you", EN },      { "your", EN },    { "zu", DE },     { "zum", DE },     { "zur", DE },
};

static const struct {
    char code[3];
    unsigned language;
} languages[] = { { "en", EN }, { "de", DE }, { "fr", FR } };

static unsigned languages_of(struct text word)
{
    size_t low = 0, high = ARRAY_LENGTH(stop_words);
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const int order = text_compare(word, text_of(stop_words[middle].word));
        if (order == 0) return stop_words[middle].languages;
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return 0;
}

bool search_text_is_stop(struct text word)
{
    return languages_of(word) != 0;
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
