/* The domain without handlers: one message, and beside it the work that is to be done for it. */
#include "tests/actors/identity/identity_stage.h"

#include <sodium.h>
#include <string.h>

#include "actors/identity/identity_otp.h"
#include "actors/identity/identity_token.h"
#include "identity_handlers.h"
#include "tests/support/cmocka.h"
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
const struct identity_domain *stage_lent = &stage_identity;

static enum status handle_work(struct request *request, const void *body, void *reply)
{
    (void)body;
    (void)reply;
    return current_work(request, current_context);
}

static enum status handle_count(struct request *request, const void *body, void *reply)
{
    (void)reply;
    return identity_handle_count_failure(request, stage_lent, body);
}

static enum status handle_forget(struct request *request, const void *body, void *reply)
{
    (void)reply;
    return identity_handle_forget_failures(request, stage_lent, body);
}

/* What a domain does itself: it knows the rights that somebody has now. */
static enum status handle_rotate(struct request *request, const void *body, void *reply)
{
    const struct identity_rotate_session *command = body;
    struct user_signed_in *signed_in = reply;
    struct identity_session session;
    struct identity_tokens tokens;
    TRY(identity_find_session_to_rotate(request, command->session_id, &session));
    TRY(identity_rotate_session(request, PRINCIPAL_SHOPPER, &session, command->secret,
                                IDENTITY_RIGHTS_ALL, &tokens));
    *signed_in = (struct user_signed_in){ .access_token = tokens.access_token,
                                          .token_type = tokens.token_type,
                                          .expires_in = tokens.expires_in,
                                          .refresh_token = tokens.refresh_token,
                                          .user = { .version = 1 } };
    return STATUS_OK;
}

static enum status handle_revoke(struct request *request, const void *body, void *reply)
{
    (void)reply;
    return identity_handle_revoke_session(request, stage_lent, body);
}

static enum status handle_make_key(struct request *request, const void *body, void *reply)
{
    (void)reply;
    return identity_handle_make_signing_key(request, stage_lent, body);
}

static enum status handle_trim(struct request *request, const void *body, void *reply)
{
    (void)reply;
    return identity_handle_trim_failures(request, stage_lent, body);
}

static const struct dispatch_entry entries[] = {
    { &work_message, handle_work, false },
    { &user_count_failure_message, handle_count, false },
    { &user_forget_failures_message, handle_forget, false },
    { &user_rotate_session_message, handle_rotate, false },
    { &user_revoke_session_message, handle_revoke, false },
    { &user_make_signing_key_message, handle_make_key, false },
    { &user_trim_failures_message, handle_trim, false },
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
    return identity_handle_trim_failures(request, stage_lent, &trim);
}

struct text stage_app_code(struct text shared)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t secret[IDENTITY_OTP_SECRET_BYTES] = { 0 };
    assert_int_equal(shared.length, IDENTITY_OTP_SECRET_BYTES * 8 / 5);
    for (size_t i = 0; i < shared.length; i++) {
        const char *found = strchr(alphabet, shared.data[i]);
        assert_non_null(found);
        for (size_t bit = 0; bit < 5; bit++)
            if (((size_t)(found - alphabet) >> (4 - bit) & 1) != 0)
                secret[(i * 5 + bit) / 8] |= (uint8_t)(128 >> (i * 5 + bit) % 8);
    }
    return text_format(stage_arena, "%06u",
                       identity_otp_code(secret, identity_otp_step(direct_now_us(stage_market))));
}

const char *stage_cell(const char *sql)
{
    return text_string(stage_arena, direct_sql(stage_market, sql));
}
