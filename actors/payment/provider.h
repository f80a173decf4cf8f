/* What every provider of card payments can do, as the domain sees it. How a call is written and its
 * answer read is pure, and apart from how it travels (provider_transport.h). */
#pragma once

#include "payment_messages.h"
#include "runtime/transfer.h"

enum {
    PROVIDER_REF_MAX = 64,
    PROVIDER_PATH_MAX = 512,
    PROVIDER_BODY_MAX = 8 * 1024,
    PROVIDER_FACTS_MAX = 16, /* in one answer or event */
    PROVIDER_URL_MAX = 1024,
    PROVIDER_CODE_MAX = 64,
    PROVIDER_EVENT_MAX = 256 * 1024, /* bytes of a webhook */
    PROVIDER_MOVEMENTS_MAX = 100,    /* on one page of a report */
    PROVIDER_REPORT_MAX = 2 << 20    /* bytes of it */
};

/* The same call makes the same bytes, so that a key that is used again fits. */
struct provider_request {
    enum transfer_method method; /* POST, GET */
    struct text path;            /* begins with "/" */
    struct text body;            /* a form; empty with GET */
};

/* What is known once a call has ended, or has not. */
enum provider_verdict {
    PROVIDER_SAID,     /* the facts say how it stands */
    PROVIDER_UNKNOWN,  /* it may have happened, or may still happen: ask again under the same key */
    PROVIDER_BROKEN,   /* it ended, nobody knows how, and the key answers so for ever: look */
    PROVIDER_NOT_DONE, /* nothing happened: the same may be asked again later */
    PROVIDER_NOT_TAKEN, /* it will not do this, however often it is asked: `code` says why */
    PROVIDER_SHUT       /* our credentials or the API's version are refused: a person must act */
};

/* The code of a call that broke at the provider and left nothing behind: another key may do. */
#define PROVIDER_ERROR "provider_error"

struct provider_answer {
    enum provider_verdict verdict;
    struct uuid payment_id;        /* whose it is, as we told the provider; zero: it does not say */
    struct text reference, charge; /* the provider's ids; empty: not named */
    struct text next_url;          /* where the shopper has to go; empty: nowhere */
    struct text code;              /* the provider's word for why not; empty: none */
    struct payment_provider_fact facts[PROVIDER_FACTS_MAX];
    size_t facts_count;
};

/* What it says, for messages; borrows the answer's facts. */
struct payment_provider_news provider_news_of(const struct provider_answer *answer);

/* An event that a provider has sent by itself. */
struct provider_event {
    struct text id, type;
    int64_t at_us;
    bool is_known;   /* about a payment, a refund or a dispute; others are taken and left */
    bool is_strange; /* about one of these, in words that are not known: for a person */
    bool is_live;    /* of real money */
    struct provider_answer says;
};

/* A movement of money in the account, as the provider's report has it. */
struct provider_movement {
    struct text id, type; /* the provider's id of it, and its word for why */
    enum payment_movement_kind kind;
    struct text source;       /* the charge, refund or dispute; empty: none */
    int64_t amount;           /* of that, never negative, in our minor units */
    char currency[4];         /* as the card was asked for it */
    int64_t settled, fee;     /* into the account, before the fee, negative: out of it */
    char settled_currency[4]; /* the account's */
    int64_t at_us;
    struct provider_answer says; /* what its source is now; no facts: it is not known */
};

/* One page of it: of a time from and before which, in seconds since 1970. */
struct provider_period {
    int64_t from_s, before_s;
};
struct provider_report {
    enum provider_verdict
        verdict; /* SAID: the page is whole; NOT_TAKEN: there is no such `after` */
    struct provider_movement *movements;
    size_t count;
    struct text after; /* where the next one begins; empty: this is the last */
};

/* What is asked of a provider about a card that a shopper keeps. */
enum provider_card_act {
    PROVIDER_MAKE_CUSTOMER, /* its own record of the shopper */
    PROVIDER_SET_UP,        /* may the card pay later, without him */
    PROVIDER_LOOK_AT_SETUP, /* what came of that */
    PROVIDER_DETACH         /* the card is his no more */
};
struct provider_card_call {
    enum provider_card_act act;
    struct uuid key; /* as an operation's; not used by a look */
    struct uuid user_id;
    struct text customer, method, setup, return_url; /* the provider's ids */
};
struct provider_card {
    enum provider_verdict verdict; /* NOT_TAKEN: `code` says why */
    struct text code;
    struct text customer, setup, method;
    struct text brand, last4;
    int64_t exp_month, exp_year;
    struct text next_url;      /* where the shopper has to go */
    bool is_ready, is_refused; /* neither: not yet */
};

struct provider {
    const char *name; /* "stripe" */
    const char *key_header;
    /* Statuses: OK, INVALID_VALUE (the amount cannot be said in the provider's units), OUT_OF_RANGE
     * (a text does not fit). */
    enum status (*write)(const struct payment_provider_call *call, struct arena *arena,
                         struct provider_request *ret_request);
    /* Asks for what has been made of the kind that the operation makes (a payment, a refund), the
     * newest first; `after` is the provider's id of the last one that was seen, empty at first.
     * Statuses as `write`. */
    enum status (*write_look)(const struct payment_provider_call *call, struct text after,
                              struct arena *arena, struct provider_request *ret_request);
    /* Asks for the call's own by what was written beside it, however much is newer; what was made a
     * moment ago may not be found yet, so that none is there proves nothing. NULL: the provider
     * cannot. Statuses as `write`, NOT_FOUND (not of that kind). */
    enum status (*write_search)(const struct payment_provider_call *call, struct arena *arena,
                                struct provider_request *ret_request);
    /* Whether the call's own is among them, of either: PROVIDER_SAID with its facts; or what ends
     * the page, for `after`, empty when nothing comes behind it. */
    void (*read_look)(const struct payment_provider_call *call, int http_code, struct text body,
                      struct arena *arena, struct provider_answer *ret_answer,
                      struct text *ret_after);
    /* What an HTTP answer means. Parses: for a pool thread. */
    void (*read)(const struct payment_provider_call *call, int http_code, struct text body,
                 struct arena *arena, struct provider_answer *ret_answer);
    /* An event's body, whose signature was good. For a pool thread. Statuses: OK, MALFORMED. */
    enum status (*read_event)(struct text body, struct arena *arena,
                              struct provider_event *ret_event);
    /* Asks for a page of what moved in that time; `after` as in write_look. Statuses as `write`. */
    enum status (*write_report)(const struct provider_period *period, struct text after,
                                struct arena *arena, struct provider_request *ret_request);
    /* What it says: all of it, or nothing. For a pool thread. */
    void (*read_report)(int http_code, struct text body, struct text after, struct arena *arena,
                        struct provider_report *ret_report);
    /* Statuses as `write`. */
    enum status (*write_card)(const struct provider_card_call *call, struct arena *arena,
                              struct provider_request *ret_request);
    void (*read_card)(const struct provider_card_call *call, int http_code, struct text body,
                      struct arena *arena, struct provider_card *ret_card);
    /* Whether the body was signed under one of the secrets, lately. Statuses: OK,
     * SIGNATURE_INVALID. */
    enum status (*verify)(const struct text *secrets, size_t secrets_count, struct text signature,
                          struct text body, int64_t now_us);
};

extern const struct provider stripe_provider;
