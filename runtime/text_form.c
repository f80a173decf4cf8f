/* Countries, addresses of the web, telephones. */
#include "runtime/text_form.h"

#include <string.h>

enum { TELEPHONE_DIGITS_MIN = 8, TELEPHONE_DIGITS_MAX = 15 };

/* 249 codes, in alphabetical order. */
static const char country_codes[] = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBG"
                                    "BHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCI"
                                    "CKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEH"
                                    "ERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQ"
                                    "GRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISIT"
                                    "JEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLS"
                                    "LTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMU"
                                    "MVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPG"
                                    "PHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESG"
                                    "SHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTK"
                                    "TLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVU"
                                    "WFWSYEYTZAZMZW";

bool text_is_country(struct text code)
{
    if (code.length != 2) return false;
    for (size_t i = 0; i + 1 < sizeof country_codes; i += 2) {
        if (memcmp(country_codes + i, code.data, 2) == 0) return true;
    }
    return false;
}

/* What no URL has without escaping. */
static bool is_odd(char byte)
{
    return byte <= ' ' || byte > '~' || strchr("\"'<>\\^`{|}", byte) != NULL;
}

static bool has_no_odd_bytes(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (is_odd(text.data[i])) return false;
    }
    return true;
}

bool text_is_https_url(struct text text)
{
    static const char scheme[] = "https://";
    const size_t lead = sizeof scheme - 1;
    if (!text_starts_with(text, text_of(scheme)) || text.length == lead) return false;
    bool is_in_host = true;
    for (size_t i = lead; i < text.length; i++) {
        const char byte = text.data[i];
        if (is_odd(byte)) return false;
        if (byte == '/' || byte == '?' || byte == '#') is_in_host = false;
        if (is_in_host && byte == '@') return false;
    }
    return strchr("/?#:.", text.data[lead]) == NULL;
}

bool text_is_secure_url(struct text text)
{
    static const char *const near[] = { "http://127.0.0.1", "http://[::1]", "http://localhost" };
    for (size_t i = 0; i < ARRAY_LENGTH(near); i++) {
        const struct text lead = text_of(near[i]);
        if (!text_starts_with(text, lead)) continue;
        const struct text rest = { text.data + lead.length, text.length - lead.length };
        if (rest.length > 0 && strchr("/?:", rest.data[0]) == NULL) return false;
        return has_no_odd_bytes(rest) &&
               (rest.length == 0 || memchr(rest.data, '@', rest.length) == NULL);
    }
    return text_is_https_url(text);
}

bool text_is_telephone(struct text text)
{
    if (text.length < 1 + TELEPHONE_DIGITS_MIN || text.length > 1 + TELEPHONE_DIGITS_MAX ||
        text.data[0] != '+')
        return false;
    for (size_t i = 1; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    }
    return text.data[1] != '0';
}
