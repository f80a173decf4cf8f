/* One request while it is executed, and what handlers share: reading its form, refusing it. A
 * handler checks everything before it changes anything, and returns the object that is the answer,
 * or NULL after a refuse_…(). */
#pragma once

#include "tests/testbank/bank.h"
#include "tests/testbank/form.h"

struct refusal {
    int code;
    const char *type, *reason, *decline_code, *param; /* all but `type` may be NULL */
    struct text message;
    const struct object *object; /* the payment or setup intent concerned */
    const struct charge *charge;
};

struct call {
    struct bank *bank;
    struct arena *arena;
    unsigned account;
    struct form form;
    struct text id; /* of the path */
    struct refusal refusal;
    bool is_refused;
    bool is_unstored; /* nothing was executed: the key stays free */
    bool is_silent;   /* nobody is to hear the answer */
    int64_t delay_us; /* before the answer */
    struct text page; /* a page of HTML in the place of JSON; data NULL: none */
    const char *redirect_to;
};

/* Input that is wrong: 400, and the key may be used again. Returns NULL. */
json_t *refuse_input(struct call *call, const char *reason, const char *param, const char *format,
                     ...) __attribute__((format(printf, 4, 5)));
/* No such object: 404. Returns NULL. */
json_t *refuse_missing(struct call *call, const char *what, struct text id);
/* The state does not allow it: 400, stored. `object` may be NULL. Returns NULL. */
json_t *refuse_state(struct call *call, const char *reason, const struct object *object,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The card was refused: 402, stored. Returns NULL. */
json_t *refuse_card(struct call *call, const struct decline *decline, const struct object *object,
                    const struct charge *charge);

/* A parameter, or a text whose data is NULL. */
struct text param(const struct call *call, const char *name);
bool has_param(const struct call *call, const char *name);
/* These leave `ret_…` as it is when the parameter is not there, and return false after a refusal.
 */
MUST_CHECK bool param_int(struct call *call, const char *name, int64_t min, int64_t max,
                          int64_t *ret_value);
MUST_CHECK bool param_bool(struct call *call, const char *name, bool *ret_value);
/* One of the words in `words`, separated by spaces; the result is that of a constant or the bank's.
 * An empty value is none (NULL). */
MUST_CHECK bool param_word(struct call *call, const char *name, const char *words,
                           const char **ret_value);
/* At most `max` bytes; the bank's; an empty value is none (NULL). */
MUST_CHECK bool param_text(struct call *call, const char *name, size_t max, const char **ret_value);
/* http or https, without spaces and quotes. */
MUST_CHECK bool param_url(struct call *call, const char *name, const char **ret_value);
/* An amount of the currency. */
MUST_CHECK bool param_amount(struct call *call, const char *name, const char *currency,
                             int64_t *ret_value);
/* Names that come are set, those with an empty value are taken away, an empty `metadata` takes all.
 */
MUST_CHECK bool param_metadata(struct call *call, struct metadata *metadata);
/* The customer of the parameter; refused when there is none. */
MUST_CHECK bool param_customer(struct call *call, const char *name, struct customer **ret_customer);

/* A page of the account's objects, newest first, by limit, starting_after, ending_before and
 * created[gt|gte|lt|lte]; only those that `matches` wants (NULL: all). */
json_t *list_page(struct call *call, enum object_kind kind, const char *url,
                  bool (*matches)(const struct call *call, const struct object *object));
/* Payments by what was written beside them; seen at once, other than Stripe's. */
json_t *search_intents(struct call *call);
#define LIST_PARAMS                                                                                \
    "limit starting_after ending_before created[gt] created[gte] created[lt] created[lte] "

/* Whether `expand[]` asks for what can be expanded, before anything is done; false after a refusal.
 */
MUST_CHECK bool expand_check(struct call *call);
/* Replaces ids by objects; what the answer does not have is left out. */
void expand(const struct call *call, json_t *answer);
