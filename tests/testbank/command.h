/* What happens to the bank, as the journal keeps it, and its execution. */
#pragma once

#include "tests/testbank/call.h"
#include "tests/testbank/routes.h"

enum command_kind {
    COMMAND_START,     /* the process began: its settings */
    COMMAND_TICK,      /* time went on, and something was due */
    COMMAND_DELIVERED, /* an attempt to deliver an event ended */
    COMMAND_REQUEST,
    COMMAND_KINDS
};

enum { REQUEST_PATH_MAX = 512 };

struct command {
    enum command_kind kind;
    int64_t time_us; /* of the bank's clock; never before that of an earlier command */
    /* START; `seed` counts the first time only */
    struct settings settings;
    struct text seed, public_url;
    struct text keys[ACCOUNTS_MAX]; /* of accounts; the rest is empty */
    /* DELIVERED */
    size_t delivery;
    int code;
    /* REQUEST: the form is that of the body, or of the query of what only reads */
    unsigned account;
    struct text method, path, form, key, request_id;
    bool answers_error; /* the work is done, and what is answered and kept is a 500 */
};

struct answer {
    int code;
    struct text body;
    const char *content_type, *location; /* the latter may be NULL */
    bool is_silent, is_again;
    int64_t delay_us;
    struct text request_id; /* of the first execution when is_again */
};

/* The command in the arena. */
struct text command_encode(struct arena *arena, const struct command *command);
/* Views into `bytes`. Statuses: OK, MALFORMED. */
MUST_CHECK enum status command_decode(struct text bytes, struct command *ret_command);

/* Executes: first what was due, then the command. `ret_answer` is a request's, in the arena.
 * Statuses: OK, MALFORMED (no request that the bank could have kept; nothing was changed). */
MUST_CHECK enum status command_execute(struct bank *bank, const struct command *command,
                                       struct arena *arena, struct answer *ret_answer);
/* The same of a request that changes nothing and is not kept. */
MUST_CHECK enum status command_read(struct bank *bank, const struct command *command,
                                    struct arena *arena, struct answer *ret_answer);
/* What a key was used with: the route and the fields, in whatever order. */
void command_digest(struct arena *arena, struct text method, struct text path,
                    const struct form *form, uint8_t ret_digest[IDEMPOTENCY_DIGEST_BYTES]);
/* Stripe's error object of a refusal, in the arena. */
struct text refusal_text(struct arena *arena, const struct bank *bank,
                         const struct refusal *refusal);
