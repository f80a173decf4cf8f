/* SQL of teams. */
#include "actors/vendor/vendor_member_store.h"

#include "actors/identity/identity_otp_store.h"
#include "actors/identity/identity_phone.h"
#include "actors/vendor/vendor_rights.h"

#define SECOND_FACTOR_SQL IDENTITY_HAS_FACTOR_SQL("m.id")
#define MEMBER_SELECT                                                                              \
    "SELECT m.id, m.vendor_id, m.email, m.name, m.locale, m.password_hash, coalesce(m.phone, '')," \
    " m.role, m.is_email_verified, m.created_at, m.version, " SECOND_FACTOR_SQL                    \
    ", " IDENTITY_PHONE_IS_PROVED_SQL("m.id", "m.phone") " FROM vendor.member m"
#define INVITATION_SELECT                                                                          \
    "SELECT id, vendor_id, email, name, locale, role, created_at, expires_at, invited_by"          \
    " FROM vendor.invitation"

static void read_member(struct row *row, struct vendor_teammate *member)
{
    *member = (struct vendor_teammate){ .id = row_uuid(row) };
    member->vendor_id = row_uuid(row);
    member->email = row_text(row);
    member->name = row_text(row);
    member->locale = row_text(row);
    member->password_hash = row_text(row);
    member->phone = row_text(row);
    member->role = (enum vendor_role)row_int(row);
    member->is_email_verified = row_bool(row);
    member->created_at_us = row_int(row);
    member->version = row_int(row);
    member->has_second_factor = row_bool(row);
    member->is_phone_proved = row_bool(row);
}

static enum status find_member(struct request *request, const struct statement *statement,
                               const struct store_params *params,
                               struct vendor_teammate *ret_member)
{
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_member(&row, ret_member);
    return STATUS_OK;
}

enum status vendor_member_find(struct request *request, struct uuid member_id,
                               struct uuid vendor_id, struct vendor_teammate *ret_member)
{
    assert(ret_member != NULL);
    static const struct statement find = {
        .name = "vendor_find_member",
        .sql = MEMBER_SELECT " WHERE m.id = $1 AND m.vendor_id = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, member_id);
    param_uuid(params, arena, vendor_id);
    return find_member(request, &find, params, ret_member);
}

enum status vendor_member_find_by_email(struct request *request, struct text email,
                                        struct vendor_teammate *ret_member)
{
    assert(ret_member != NULL);
    static const struct statement find = {
        .name = "vendor_find_member_by_email",
        .sql = MEMBER_SELECT " WHERE m.email = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, email);
    return find_member(request, &find, params, ret_member);
}

enum status vendor_member_list(struct request *request, struct uuid vendor_id, struct uuid after,
                               int64_t limit, const struct vendor_teammate **ret_members,
                               size_t *ret_count)
{
    assert(ret_members != NULL);
    assert(ret_count != NULL);
    assert(limit > 0);
    static const struct statement list = {
        .name = "vendor_list_members",
        .sql = MEMBER_SELECT " WHERE m.vendor_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    param_uuid(params, arena, after);
    param_int(params, arena, limit);
    TRY(request_query(request, &list, params, &rows));
    struct vendor_teammate *members = arena_allocate_array(arena, rows.count, sizeof *members);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_member(&row, &members[i]);
    }
    *ret_members = members;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* One statement, so that all counts are of the same moment. Role 0 is the owner. */
enum status vendor_team_count(struct request *request, struct uuid vendor_id,
                              struct vendor_team *ret_team)
{
    assert(ret_team != NULL);
    static const struct statement count = {
        .name = "vendor_count_team",
        .sql = "SELECT count(*), count(*) FILTER (WHERE m.role = 0),"
               " count(*) FILTER (WHERE m.role = 0 AND m.is_email_verified),"
               " count(*) FILTER (WHERE m.role = 0 AND " SECOND_FACTOR_SQL "),"
               " (SELECT count(*) FROM vendor.invitation WHERE vendor_id = $1),"
               " (SELECT count(*) FROM vendor.shipping_method WHERE vendor_id = $1 AND is_active)"
               " FROM vendor.member m WHERE m.vendor_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    TRY(request_query(request, &count, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_team = (struct vendor_team){ .members = row_int(&row) };
    ret_team->progress.owners = row_int(&row);
    ret_team->progress.owners_with_email = row_int(&row);
    ret_team->progress.owners_with_second_factor = row_int(&row);
    ret_team->invitations = row_int(&row);
    ret_team->progress.active_shipping_methods = row_int(&row);
    return STATUS_OK;
}

/* No telephone is stored as null, but is an empty text to the handlers. */
static void param_phone(struct store_params *params, struct arena *arena, struct text phone)
{
    if (phone.length == 0)
        param_null_text(params);
    else
        param_text(params, arena, phone);
}

/* Parameters 3 to 9. */
static void param_member(struct store_params *params, struct arena *arena,
                         const struct vendor_teammate *member)
{
    param_text(params, arena, member->email);
    param_text(params, arena, member->name);
    param_text(params, arena, member->locale);
    param_phone(params, arena, member->phone);
    param_text(params, arena, member->password_hash);
    param_small(params, arena, (int16_t)member->role);
    param_bool(params, arena, member->is_email_verified);
}

void vendor_member_add(struct request *request, const struct vendor_teammate *member)
{
    assert(member != NULL);
    assert(member->version == 1);
    static const struct statement add = {
        .name = "vendor_add_member",
        .sql = "INSERT INTO vendor.member (id, vendor_id, email, name, locale, phone,"
               " password_hash, role, is_email_verified, created_at)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        .on_duplicate = STATUS_EMAIL_TAKEN,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, member->id);
    param_uuid(params, arena, member->vendor_id);
    param_member(params, arena, member);
    param_int(params, arena, member->created_at_us);
}

void vendor_member_save(struct request *request, const struct vendor_teammate *member)
{
    assert(member != NULL);
    assert(member->version > 1);
    static const struct statement save = {
        .name = "vendor_save_member",
        .sql = "WITH u AS (UPDATE vendor.member SET email = $3, name = $4, locale = $5,"
               " phone = $6, password_hash = $7, role = $8, is_email_verified = $9,"
               " version = version + 1 WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
        .on_duplicate = STATUS_EMAIL_TAKEN,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, member->id);
    param_int(params, arena, member->version - 1);
    param_member(params, arena, member);
}

void vendor_member_remove(struct request *request, const struct vendor_teammate *member)
{
    assert(member != NULL);
    static const struct statement remove = {
        .name = "vendor_remove_member",
        .sql = "WITH u AS (DELETE FROM vendor.member WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &remove);
    param_uuid(params, arena, member->id);
    param_int(params, arena, member->version);
}

/* Without a change of its own: for units that write elsewhere what the member may do. */
void vendor_member_require(struct request *request, const struct vendor_teammate *member)
{
    assert(member != NULL);
    static const struct statement require = {
        .name = "vendor_require_member",
        .sql = "SELECT require_one(count(*)) FROM vendor.member WHERE id = $1 AND version = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &require);
    param_uuid(params, arena, member->id);
    param_int(params, arena, member->version);
}

/* ---- invitations ---- */

static void read_invited(struct row *row, struct vendor_invited *invited)
{
    *invited = (struct vendor_invited){ .id = row_uuid(row) };
    invited->vendor_id = row_uuid(row);
    invited->email = row_text(row);
    invited->name = row_text(row);
    invited->locale = row_text(row);
    invited->role = (enum vendor_role)row_int(row);
    invited->created_at_us = row_int(row);
    invited->expires_at_us = row_int(row);
    if (!row_skip_null(row)) invited->invited_by = row_uuid(row);
}

static enum status find_invited(struct request *request, const struct statement *statement,
                                const struct store_params *params,
                                struct vendor_invited *ret_invited)
{
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_invited(&row, ret_invited);
    return STATUS_OK;
}

enum status vendor_invitation_find(struct request *request, struct uuid id, struct uuid vendor_id,
                                   struct vendor_invited *ret_invited)
{
    assert(ret_invited != NULL);
    static const struct statement find = {
        .name = "vendor_find_invitation",
        .sql = INVITATION_SELECT " WHERE id = $1 AND vendor_id = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, id);
    param_uuid(params, arena, vendor_id);
    return find_invited(request, &find, params, ret_invited);
}

enum status vendor_invitation_find_by_email(struct request *request, struct text email,
                                            struct uuid vendor_id,
                                            struct vendor_invited *ret_invited)
{
    assert(ret_invited != NULL);
    static const struct statement find = {
        .name = "vendor_find_invitation_by_email",
        .sql = INVITATION_SELECT " WHERE vendor_id = $1 AND email = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, vendor_id);
    param_text(params, arena, email);
    return find_invited(request, &find, params, ret_invited);
}

enum status vendor_invitation_list(struct request *request, struct uuid vendor_id,
                                   const struct vendor_invitation **ret_invitations,
                                   size_t *ret_count)
{
    assert(ret_invitations != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "vendor_list_invitations",
        .sql = INVITATION_SELECT " WHERE vendor_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    param_int(params, arena, VENDOR_TEAM_MAX);
    TRY(request_query(request, &list, params, &rows));
    struct vendor_invitation *invitations =
        arena_allocate_array(arena, rows.count, sizeof *invitations);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct vendor_invited invited;
        read_invited(&row, &invited);
        invitations[i] = (struct vendor_invitation){ .id = invited.id,
                                                     .email = invited.email,
                                                     .name = invited.name,
                                                     .role = invited.role,
                                                     .created_at_us = invited.created_at_us,
                                                     .expires_at_us = invited.expires_at_us };
    }
    *ret_invitations = invitations;
    *ret_count = rows.count;
    return STATUS_OK;
}

void vendor_invitation_save(struct request *request, const struct vendor_invited *invited)
{
    assert(invited != NULL);
    static const struct statement save = {
        .name = "vendor_save_invitation",
        .sql = "INSERT INTO vendor.invitation (id, vendor_id, email, name, locale, role,"
               " created_at, expires_at, invited_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
               " ON CONFLICT (id) DO UPDATE SET name = excluded.name, locale = excluded.locale,"
               " role = excluded.role, created_at = excluded.created_at,"
               " expires_at = excluded.expires_at, invited_by = excluded.invited_by",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, invited->id);
    param_uuid(params, arena, invited->vendor_id);
    param_text(params, arena, invited->email);
    param_text(params, arena, invited->name);
    param_text(params, arena, invited->locale);
    param_small(params, arena, (int16_t)invited->role);
    param_int(params, arena, invited->created_at_us);
    param_int(params, arena, invited->expires_at_us);
    param_uuid(params, arena, invited->invited_by);
}

/* Their tickets open nothing without the rows. */
void vendor_invitations_end_of(struct request *request, const struct vendor_teammate *inviter)
{
    assert(inviter != NULL);
    static const struct statement end = {
        .name = "vendor_end_invitations",
        .sql = "DELETE FROM vendor.invitation WHERE vendor_id = $1 AND invited_by = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &end);
    param_uuid(params, arena, inviter->vendor_id);
    param_uuid(params, arena, inviter->id);
}

void vendor_invitation_remove(struct request *request, struct uuid id)
{
    static const struct statement remove = {
        .name = "vendor_remove_invitation",
        .sql = "DELETE FROM vendor.invitation WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &remove);
    param_uuid(params, arena, id);
}

void vendor_describe_member(struct request *request, const struct vendor_teammate *member,
                            enum vendor_vendor_status status, struct vendor_member *ret_member)
{
    assert(member != NULL);
    assert(ret_member != NULL);
    const uint64_t rights = vendor_rights(member->role, status);
    enum vendor_permission *permissions =
        arena_allocate_array(request_arena(request), VENDOR_PERMISSION_COUNT, sizeof *permissions);
    size_t count = 0;
    for (size_t i = 0; i < VENDOR_PERMISSION_COUNT; i++)
        if ((rights >> i & 1) != 0) permissions[count++] = (enum vendor_permission)i;
    *ret_member = (struct vendor_member){
        .id = member->id,
        .email = member->email,
        .name = member->name,
        .locale = member->locale,
        .has_phone = member->phone.length > 0,
        .phone = member->phone,
        .has_is_phone_verified = member->phone.length > 0,
        .is_phone_verified = member->is_phone_proved,
        .role = member->role,
        .permissions = permissions,
        .permissions_count = count,
        .is_email_verified = member->is_email_verified,
        .has_second_factor = member->has_second_factor,
        .created_at_us = member->created_at_us,
        .version = member->version,
    };
}
