/* The domain without handlers: one message, and beside it the work that is to be done for it. */
#include "tests/actors/identity/identity_stage.h"

#include <sodium.h>

#include "identity_handlers.h"
#include "user_messages.h"

struct stage_work {
    struct uuid id;
};

static const char *const stage_permissions[] = { "look", "touch", "take" };

/* What the message under way is about: functions do not travel. */
static enum status (*current_work)(struct request *request, void *context);
static void *current_context;

static const struct field work_fields[] = {
    { .name = "id", .type = FIELD_ID, .offset = offsetof(struct stage_work, id) }
};
static const struct schema work_schema = { .name = "stage.work",
                                           .size = sizeof(struct stage_work),
                                           .fields = work_fields,
                                           .fields_count = 1 };
static const struct message work_message = { .number = 1,
                                             .name = "stage.work",
                                             .kind = MESSAGE_COMMAND,
                                             .domain = DOMAIN_USER,
                                             .key = KEY_FIELD,
                                             .body = &work_schema,
                                             .reply = &empty_schema };

const struct identity_domain stage_identity = { .permission_names = stage_permissions,
                                                .permissions_count =
                                                    ARRAY_LENGTH(stage_permissions) };

static enum status handle_work(struct request *request, const void *body, void *reply)
{
    (void)body;
    (void)reply;
    return current_work(request, current_context);
}

static enum status handle_count(struct request *request, const void *body, void *reply)
{
    (void)reply;
    return identity_handle_count_failure(request, &stage_identity, body);
}

static enum status handle_forget(struct request *request, const void *body, void *reply)
{
    (void)reply;
    return identity_handle_forget_failures(request, &stage_identity, body);
}

static const struct dispatch_entry entries[] = {
    { &work_message, handle_work, false },
    { &user_count_failure_message, handle_count, false },
    { &user_forget_failures_message, handle_forget, false },
};
static const struct dispatch_table dispatch = { .domain = DOMAIN_USER,
                                                .entries = entries,
                                                .entries_count = ARRAY_LENGTH(entries) };
static const struct domain_definition stage_domain = { .dispatch = &dispatch };

struct direct_market *stage_market;
struct arena *stage_arena;

int stage_open(void **state)
{
    (void)state;
    stage_market = direct_market_new(&stage_domain);
    stage_arena = arena_new(65536);
    return 0;
}

int stage_close(void **state)
{
    (void)state;
    arena_destroy(&stage_arena);
    direct_market_destroy(&stage_market);
    return 0;
}

struct uuid stage_draw_account(void)
{
    uint8_t random[10];
    randombytes_buf(random, sizeof random);
    return uuid_make(direct_now_us(stage_market), random, randombytes_uniform(SHARD_COUNT));
}

enum status stage_run(struct uuid account_id, struct uuid session_id,
                      enum status (*work)(struct request *request, void *context), void *context)
{
    const struct stage_work body = { .id = account_id };
    const struct principal principal = { .kind = PRINCIPAL_SHOPPER,
                                         .id = account_id,
                                         .session = session_id };
    current_work = work;
    current_context = context;
    return direct_call(stage_market, &principal, &work_message, &body, NULL);
}

enum status stage_trim(struct request *request, void *unused)
{
    (void)unused;
    const struct identity_trim_failures trim = { .surface = TEXT("store") };
    return identity_handle_trim_failures(request, &stage_identity, &trim);
}

const char *stage_cell(const char *sql)
{
    return text_string(stage_arena, direct_sql(stage_market, sql));
}
