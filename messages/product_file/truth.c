/* Words of spreadsheets and shops, in small letters. */
#include "messages/product_file/truth.h"

#include "messages/normal_form.h"

/* What spreadsheets write for TRUE and FALSE in the languages they are sold in, and what people
 * write instead. No word means yes in one language and no in another. */
static const char *const yes_words[] = {
    "true", "1",    "yes",       "y",      "on",     "x",      "wahr",   "ja",       "j",
    "vrai", "oui",  "verdadero", "sí",     "si",     "s",      "vero",   "sì",       "verdadeiro",
    "sim",  "waar", "prawda",    "tak",    "sant",   "sand",   "tosi",   "kyllä",    "pravda",
    "ano",  "áno",  "da",        "igaz",   "igen",   "doğru",  "evet",   "adevărat", "истина",
    "да",   "так",  "правда",    "αληθήσ", "αληθής", "αληθησ", "ναι",    "真",       "是",
    "はい", "참",   "예",        "sann",   "tõene",  "jah",    "verdad",
};
static const char *const no_words[] = {
    "false",    "0",      "-1",     "no",       "n",      "off",    "falsch",  "nein",
    "faux",     "non",    "falso",  "não",      "nao",    "onwaar", "nee",     "fałsz",
    "nie",      "falskt", "nej",    "falsk",    "usann",  "nei",    "epätosi", "ei",
    "nepravda", "ne",     "hamis",  "nem",      "yanlış", "hayır",  "fals",    "nu",
    "ложь",     "нет",    "ні",     "неправда", "ψευδήσ", "ψευδής", "ψευδησ",  "όχι",
    "假",       "否",     "いいえ", "거짓",     "아니요", "väär",
};

static const char *const listed_words[] = { "active", "published", "publish", "live", "listed" };
static const char *const hidden_words[] = {
    "draft",    "archived", "archive", "unlisted", "private",     "pending",
    "proposed", "rejected", "hidden",  "inactive", "unpublished",
};

struct words {
    const char *const *words;
    size_t count;
};

static enum status find(struct arena *arena, struct text word, struct words yes, struct words no,
                        bool *ret_truth)
{
    const struct text key = normal_key(arena, word);
    for (size_t i = 0; i < yes.count + no.count; i++) {
        const bool is_yes = i < yes.count;
        const char *known = is_yes ? yes.words[i] : no.words[i - yes.count];
        if (!text_equals_string(key, known)) continue;
        *ret_truth = is_yes;
        return STATUS_OK;
    }
    return STATUS_MALFORMED;
}

enum status truth_read(struct arena *arena, struct text word, bool *ret_truth)
{
    return find(arena, word, (struct words){ yes_words, ARRAY_LENGTH(yes_words) },
                (struct words){ no_words, ARRAY_LENGTH(no_words) }, ret_truth);
}

enum status truth_read_standing(struct arena *arena, struct text word, bool *ret_truth)
{
    return find(arena, word, (struct words){ listed_words, ARRAY_LENGTH(listed_words) },
                (struct words){ hidden_words, ARRAY_LENGTH(hidden_words) }, ret_truth);
}
