/* All that the bank knows: plain structs in one arena that lives as long as the process. What
 * happens is a command; the same commands in the same order make the same bank, which is what the
 * journal relies on: nothing in here looks at a clock, a random number or a setting that was not in
 * a command. */
#pragma once

#include <jansson.h>

#include "tests/testbank/amount.h"
#include "tests/testbank/behaviour.h"
#include "tests/testbank/idempotency.h"
#include "tests/testbank/payment.h"

enum {
    BANK_BYTES_MAX = 2000 * 1024 * 1024, /* of memory; a full bank takes no more changes */
    ACCOUNTS_MAX = 8,
    ACCOUNT_KEY_MAX = 128,
    ID_MAX = 40,
    METADATA_MAX = 50,
    METADATA_NAME_MAX = 40,
    METADATA_VALUE_MAX = 500,
    TEXT_FIELD_MAX = 1000, /* bytes of descriptions, names, addresses */
    URL_MAX = 2048,
    ENDPOINTS_MAX = 16,       /* of an account */
    ENDPOINT_EVENTS_MAX = 50, /* names of events that an endpoint asks for */
    ENDPOINT_SECRETS_MAX = 2, /* one, and while it is changed the one before */
    DELIVERY_ATTEMPTS_MAX = 16,
};

#define SECONDS_US INT64_C(1000000)
#define DAYS_US (86400 * SECONDS_US)
#define AUTHORISATION_LIFE_US (7 * DAYS_US)
#define AVAILABLE_AFTER_US (2 * DAYS_US)

enum object_kind {
    OBJECT_INTENT,
    OBJECT_CHARGE,
    OBJECT_REFUND,
    OBJECT_CUSTOMER,
    OBJECT_METHOD,
    OBJECT_SETUP,
    OBJECT_DISPUTE,
    OBJECT_EVENT,
    OBJECT_BALANCE,
    OBJECT_ENDPOINT,
    OBJECT_KINDS
};

/* What all have; the first member of each. */
struct object {
    enum object_kind kind;
    unsigned account;
    char id[ID_MAX];
    size_t position; /* among those of its kind, in the order of their making */
    int64_t created_us;
    struct object *next_of_bucket;
};

struct pair {
    const char *name, *value;
};

struct metadata {
    const struct pair *pairs;
    size_t count;
};

/* Texts below are the bank's; NULL: there is none. */
struct customer {
    struct object object;
    const char *name, *email, *description, *phone;
    struct metadata metadata;
    bool is_deleted;
};

struct method {
    struct object object;
    const struct behaviour *behaviour;
    struct customer *customer;
    struct metadata metadata;
    bool was_attached;     /* one that was detached is never used again */
    bool is_authenticated; /* the cardholder agreed to later payments without him */
};

struct intent {
    struct object object;
    struct payment payment;
    char currency[CURRENCY_MAX];
    struct customer *customer;
    struct method *method;
    struct charge *charge; /* of the last attempt */
    const char *client_secret, *description, *receipt_email, *return_url, *transfer_group;
    const char *setup_future_usage, *cancellation_reason, *statement_suffix;
    const struct decline *decline; /* of the last attempt */
    struct method *declined_method;
    struct metadata metadata;
    int64_t canceled_us;
};

struct charge {
    struct object object;
    struct intent *intent;
    struct method *method;
    struct balance *balance; /* of its first capture */
    struct dispute *dispute;
    const struct decline *decline; /* NULL: it was approved */
    int64_t amount;
    size_t captures; /* how often it was captured, of several at most */
};

enum refund_status { REFUND_PENDING, REFUND_SUCCEEDED, REFUND_FAILED, REFUND_CANCELED };

struct refund {
    struct object object;
    struct charge *charge;
    struct balance *balance, *failure_balance;
    enum refund_status status;
    const char *reason;
    struct metadata metadata;
    int64_t amount;
};

struct dispute {
    struct object object;
    struct charge *charge;
    struct balance *withdrawn, *reinstated;
    int64_t amount;
};

struct setup {
    struct object object;
    struct customer *customer;
    struct method *method;
    const char *status; /* "succeeded" and so on, always one of a constant */
    const char *usage, *client_secret, *description, *return_url, *cancellation_reason;
    const struct decline *decline;
    struct metadata metadata;
};

/* A movement of the account's money. */
struct balance {
    struct object object;
    const char *type, *category, *source; /* `source` is an object's id */
    char currency[CURRENCY_MAX];
    int64_t amount, fee; /* minor units; what goes out is negative */
};

struct event {
    struct object object;
    const char *type, *request_id, *key;
    struct text data; /* JSON of the object as it was */
    size_t pending;   /* deliveries that are not done */
};

struct endpoint {
    struct object object;
    const char *url, *description;
    const char *secrets[ENDPOINT_SECRETS_MAX]; /* the newest first */
    int64_t second_until_us;                   /* how long the second one counts */
    const char **events;
    size_t events_count;
    struct metadata metadata;
    bool is_deleted;
};

enum delivery_state { DELIVERY_WAITS, DELIVERY_IS_DUE, DELIVERY_IS_DONE };

struct delivery {
    struct event *event;
    struct endpoint *endpoint;
    size_t position;
    enum delivery_state state;
    int attempts, last_code;
    bool is_given_up;
    bool is_under_way; /* not part of what the journal keeps */
};

enum due_kind { DUE_SETTLE, DUE_DISPUTE, DUE_EXPIRY, DUE_REFUND, DUE_DELIVERY };

struct due {
    int64_t at_us;
    uint64_t order;
    enum due_kind kind;
    void *what;
};

struct list {
    void **items;
    size_t count, capacity;
};

/* What a start says; later commands count by the last one. */
struct settings {
    int64_t async_us, slow_us, dispute_us, retry_us;
};

struct account {
    const char *key;
    char id[ID_MAX];
    bool is_open; /* named at the last start */
};

struct bank {
    struct arena *arena;
    uint8_t seed[32];
    uint64_t ids_made, dues_made;
    int64_t now_us;    /* of the command under way */
    int64_t offset_us; /* how far the bank's clock was moved ahead of the real one */
    struct settings settings;
    const char *public_url; /* where it is reached, for pages of 3-D Secure */
    struct account accounts[ACCOUNTS_MAX];
    size_t accounts_count;
    struct list objects[OBJECT_KINDS];
    struct object **buckets;
    size_t buckets_count, objects_count;
    struct due *dues; /* a heap by time, then order */
    size_t dues_count, dues_capacity;
    struct list deliveries; /* all */
    struct list due_deliveries;
    bool holds_deliveries;
    struct idempotency *answers;
    const char *request_id, *key; /* of the request under way, for its events */
};

struct bank *bank_new(void);
void bank_destroy(struct bank **bank);
bool bank_is_full(const struct bank *bank);

/* A new object with an id of `prefix` and 24 characters. */
void *bank_make(struct bank *bank, enum object_kind kind, unsigned account, size_t size,
                const char *prefix);
/* `prefix` and `length` letters and digits that nobody can guess, from the bank's seed. */
const char *bank_secret(struct bank *bank, const char *prefix, size_t length);
/* NULL unless the account has such an object of that kind. */
void *bank_find(const struct bank *bank, unsigned account, enum object_kind kind, struct text id);
/* The same of any kind. */
struct object *bank_find_any(const struct bank *bank, unsigned account, struct text id);
/* NULL for a NULL text and an empty one. */
const char *bank_text(struct bank *bank, struct text text);
void list_add(struct list *list, void *item);

void bank_plan(struct bank *bank, int64_t at_us, enum due_kind kind, void *what);
/* When something is due next; INT64_MAX: never. */
int64_t bank_next_due_us(const struct bank *bank);
/* Takes what is due first, when its time has come. */
bool bank_take_due(struct bank *bank, struct due *ret_due);
