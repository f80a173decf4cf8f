/* What a domain lends, as notes. */
#include "tests/actors/identity/lender.h"

#include "actors/identity/identity_password.h"
#include "actors/identity/identity_session_store.h"
#include "actors/identity/identity_token.h"
#include "tests/support/cmocka.h"

static const char no_factor[] = "There is no second factor in force.";
static const char *const lender_permissions[] = { "look", "touch", "take" };

struct lender lender;

static enum status find_self(struct request *request, struct identity_person *ret_person)
{
    (void)request;
    if (lender.is_kept_out) return STATUS_UNAUTHENTICATED;
    *ret_person = lender.person;
    return STATUS_OK;
}

static enum status find_by_email(struct request *request, struct text email,
                                 struct identity_person *ret_person)
{
    (void)request;
    if (!text_equals(email, lender.person.email)) return STATUS_NOT_FOUND;
    *ret_person = lender.person;
    return STATUS_OK;
}

static void require(struct request *request, const struct identity_person *person)
{
    (void)request;
    (void)person;
    lender.requires ++;
}

static void save_password(struct request *request, const struct identity_person *person,
                          struct text password_hash)
{
    (void)request;
    assert_true(uuid_equals(person->id, lender.person.id));
    lender.saves++;
    lender.person.password_hash = text_copy(stage_arena, password_hash);
}

static enum status tell(struct request *request, const struct identity_person *person,
                        enum common_notice_kind kind)
{
    (void)request;
    assert_true(uuid_equals(person->id, lender.person.id));
    assert_true(lender.told_count < LENDER_TOLD_MAX);
    lender.told[lender.told_count++] = kind;
    return STATUS_OK;
}

static enum status limit_api_key(struct request *request, struct common_api_key_use *use)
{
    (void)request;
    if (lender.is_kept_out) return STATUS_UNAUTHENTICATED;
    use->rights = (int64_t)((uint64_t)use->rights & lender.rights_now);
    return STATUS_OK;
}

static enum status note_failure(struct request *request, enum identity_guard_kind kind,
                                struct text subject, struct uuid person_id)
{
    (void)request;
    lender.failures++;
    lender.failure_kind = kind;
    lender.failure_subject = text_copy(stage_arena, subject);
    lender.failure_person = person_id;
    return lender.noting;
}

static void note_theft(struct request *request, const struct identity_session *session)
{
    (void)request;
    assert_true(uuid_equals(session->account_id, lender.person.account_id));
    lender.thefts++;
}

static void note_factor(struct request *request)
{
    (void)request;
    lender.factors++;
}

static enum status may_end_factor(const struct request *request)
{
    (void)request;
    return lender.is_fixed ? STATUS_FORBIDDEN : STATUS_OK;
}

static void trim(struct request *request)
{
    (void)request;
    lender.trims++;
}

const struct identity_domain lender_whole = {
    .permission_names = lender_permissions,
    .permissions_count = ARRAY_LENGTH(lender_permissions),
    .no_factor_detail = no_factor,
    .find_self = find_self,
    .find_by_email = find_by_email,
    .require = require,
    .save_password = save_password,
    .tell = tell,
    .limit_api_key = limit_api_key,
    .note_failure = note_failure,
    .note_theft = note_theft,
    .note_factor = note_factor,
    .may_end_factor = may_end_factor,
    .trim = trim,
};
const struct identity_domain lender_bare = {
    .permission_names = lender_permissions,
    .permissions_count = ARRAY_LENGTH(lender_permissions),
    .find_self = find_self,
    .find_by_email = find_by_email,
    .require = require,
    .save_password = save_password,
    .tell = tell,
    .limit_api_key = limit_api_key,
};

static enum status do_hash(struct request *request, void *context)
{
    struct text hash;
    TRY(identity_password_hash(request, text_of(context), &hash));
    lender.person.password_hash = text_copy(stage_arena, hash);
    return STATUS_OK;
}

void lender_draw(struct text email, const char *password)
{
    const struct uuid id = stage_draw_account();
    lender = (struct lender){
        .person = { .account_id = id, .id = id, .email = email, .name = TEXT("ada") },
        .rights_now = IDENTITY_RIGHTS_ALL,
    };
    stage_lent = &lender_whole;
    assert_int_equal(lender_run((struct uuid){ { 0 } }, do_hash, (void *)(uintptr_t)password),
                     STATUS_OK);
}

static enum status do_sign_in(struct request *request, void *context)
{
    const struct identity_session_start start = { .kind = PRINCIPAL_SHOPPER,
                                                  .account_id = lender.person.account_id,
                                                  .person_id = lender.person.id,
                                                  .rights = IDENTITY_RIGHTS_ALL };
    return identity_open_session(request, &start, context);
}

struct uuid lender_sign_in(struct text *ret_refresh_token)
{
    struct identity_tokens tokens;
    assert_int_equal(lender_run((struct uuid){ { 0 } }, do_sign_in, &tokens), STATUS_OK);
    if (ret_refresh_token != NULL) *ret_refresh_token = tokens.refresh_token;
    return tokens.session_id;
}

enum status lender_run(struct uuid session_id,
                       enum status (*work)(struct request *request, void *context), void *context)
{
    return stage_run(lender.person.account_id, session_id, work, context);
}

struct session_look {
    struct uuid id;
    struct identity_session session;
};

static enum status do_look(struct request *request, void *context)
{
    struct session_look *look = context;
    return identity_session_find(request, look->id, &look->session);
}

bool lender_is_open(struct uuid session_id)
{
    struct session_look look = { .id = session_id };
    return lender_run(session_id, do_look, &look) == STATUS_OK && !look.session.is_revoked;
}
