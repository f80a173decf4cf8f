/* A domain without handlers of its own, so that tests can call actors/identity/ as a handler would:
 * with a request whose writes commit in one unit when the work returns OK. */
#pragma once

#include "actors/identity/identity_domain.h"
#include "actors/identity/identity_guard.h"
#include "tests/support/direct_request.h"

extern struct direct_market *stage_market;
extern struct arena *stage_arena;
/* What a domain would lend: permissions `look`, `touch` and `take`. */
extern const struct identity_domain stage_identity;
/* What the stage lends to the messages that identity asks of it; stage_identity at first. */
extern const struct identity_domain *stage_lent;

/* For cmocka's groups: a market with the schema identity, and its end. */
int stage_open(void **state);
int stage_close(void **state);

/* An account that no test had before. */
struct uuid stage_draw_account(void);
/* Runs `work` in the name of a shopper with that session, as a command to that account. */
enum status stage_run(struct uuid account_id, struct uuid session_id,
                      enum status (*work)(struct request *request, void *context), void *context);
/* Work for stage_run(): what the clock deletes. */
enum status stage_trim(struct request *request, void *unused);
/* What an app shows now that was given this secret, as identity hands it out. */
struct text stage_app_code(struct text shared);
/* The first cell that SQL answers. */
const char *stage_cell(const char *sql);
