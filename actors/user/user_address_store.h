/* Rows of the address book. Nothing but SQL and its mapping. Every find and list WAITS, with the
 * statuses of request_query(); text in results lives in the request's arena. */
#pragma once

#include "actors/host/request.h"
#include "actors/user/user_address.h"

/* The book as a whole. */
struct user_book {
    struct uuid user_id;
    int64_t version; /* of the account's row */
    int64_t count;
    bool has_default;
    struct uuid default_id;
    bool has_newest_other; /* the newest address but the one that was left out */
    struct uuid newest_other_id;
};

/* The book of a user; `left_out` is not a candidate for newest_other_id (zero: all are). Statuses:
 * OK, NOT_FOUND (no such account, or not active), and those of request_query(). */
MUST_CHECK enum status user_address_load_book(struct request *request, struct uuid user_id,
                                              struct uuid left_out, struct user_book *ret_book);
/* Queues the account's row with the book's default; the unit ends with CONFLICT when the account is
 * not at the book's version. */
void user_address_save_book(struct request *request, const struct user_book *book);

/* The address if that user has it. Statuses: OK, NOT_FOUND, and those of request_query(). */
MUST_CHECK enum status user_address_find(struct request *request, struct uuid address_id,
                                         struct uuid user_id, struct user_address *ret_address);
/* All addresses of a user, the newest first. */
MUST_CHECK enum status user_address_list(struct request *request, struct uuid user_id,
                                         const struct user_address **ret_addresses,
                                         size_t *ret_count);
void user_address_add(struct request *request, const struct user_address *address,
                      struct uuid user_id);
/* Queues a changed or a removed address; the unit ends with CONFLICT when the row is not at the
 * version before (save) or at its version (remove). */
void user_address_save(struct request *request, const struct user_address *address);
void user_address_remove(struct request *request, const struct user_address *address);
/* Queues the end of the whole book. */
void user_address_remove_all(struct request *request, struct uuid user_id);
/* Queues a new version of an address that became, or ceased to be, the default. */
void user_address_touch(struct request *request, struct uuid address_id);
