/* SQL of staff. Unique indexes and a count of owners that is checked with each change hold whatever
 * runs at the same time. */
#include "actors/admin/admin_store.h"

#define ACCOUNT_COLUMNS                                                                            \
    "id, email, name, locale, password_hash, role, is_active, created_at, version"
#define INVITATION_COLUMNS "staff_id, invited_by, ticket_id, created_at, email, name, role"

static enum admin_staff_role read_role(struct row *row)
{
    const struct text name = row_text(row);
    for (int i = 0; i < ADMIN_STAFF_ROLE_COUNT; i++) {
        if (text_equals_string(name, admin_staff_role_names[i])) return (enum admin_staff_role)i;
    }
    assert(false && "the CHECK of the table knows the roles");
    return ADMIN_STAFF_ROLE_AUDITOR;
}

static struct text role_text(enum admin_staff_role role)
{
    return text_of(admin_staff_role_names[role]);
}

static void read_account(struct row *row, struct admin_account *ret_account)
{
    ret_account->id = row_uuid(row);
    ret_account->email = row_text(row);
    ret_account->name = row_text(row);
    ret_account->locale = row_text(row);
    ret_account->password_hash = row_text(row);
    ret_account->role = read_role(row);
    ret_account->is_active = row_bool(row);
    ret_account->created_at_us = row_int(row);
    ret_account->version = row_int(row);
}

static enum status find_account(struct request *request, const struct statement *statement,
                                const struct store_params *params,
                                struct admin_account *ret_account)
{
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_account(&row, ret_account);
    return STATUS_OK;
}

enum status admin_store_find(struct request *request, struct uuid staff_id,
                             struct admin_account *ret_account)
{
    assert(ret_account != NULL);
    static const struct statement find = {
        .name = "admin_find_staff",
        .sql = "SELECT " ACCOUNT_COLUMNS " FROM admin.staff WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, staff_id);
    return find_account(request, &find, params, ret_account);
}

enum status admin_store_find_by_email(struct request *request, struct text email,
                                      struct admin_account *ret_account)
{
    assert(ret_account != NULL);
    static const struct statement find = {
        .name = "admin_find_staff_by_email",
        .sql = "SELECT " ACCOUNT_COLUMNS " FROM admin.staff WHERE email = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, email);
    return find_account(request, &find, params, ret_account);
}

enum status admin_store_list(struct request *request, struct text role, struct uuid before,
                             int64_t limit, struct admin_account **ret_accounts, size_t *ret_count)
{
    assert(ret_accounts != NULL);
    assert(ret_count != NULL);
    assert(limit > 0);
    static const struct statement list_all = {
        .name = "admin_list_staff",
        .sql = "SELECT " ACCOUNT_COLUMNS " FROM admin.staff WHERE id < $1"
               " ORDER BY id DESC LIMIT $2",
    };
    static const struct statement list_of_role = {
        .name = "admin_list_staff_of_role",
        .sql = "SELECT " ACCOUNT_COLUMNS " FROM admin.staff WHERE id < $1 AND role = $3"
               " ORDER BY id DESC LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, before);
    param_int(params, arena, limit);
    if (role.length > 0) param_text(params, arena, role);
    struct rows rows;
    TRY(request_query(request, role.length > 0 ? &list_of_role : &list_all, params, &rows));
    struct admin_account *accounts = arena_allocate_array(arena, rows.count, sizeof *accounts);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_account(&row, &accounts[i]);
    }
    *ret_accounts = accounts;
    *ret_count = rows.count;
    return STATUS_OK;
}

static void count_new_owner(struct request *request)
{
    static const struct statement count = {
        .name = "admin_count_new_owner",
        .sql = "INSERT INTO admin.owners AS o (count) VALUES (1)"
               " ON CONFLICT (is_only) DO UPDATE SET count = o.count + 1",
    };
    (void)request_write(request, &count);
}

void admin_store_add(struct request *request, const struct admin_account *account)
{
    assert(account != NULL);
    assert(account->version == 1);
    static const struct statement add = {
        .name = "admin_add_staff",
        .sql = "INSERT INTO admin.staff (id, email, name, locale, password_hash, role, is_active,"
               " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        .on_duplicate = STATUS_EMAIL_TAKEN,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, account->id);
    param_text(params, arena, account->email);
    param_text(params, arena, account->name);
    param_text(params, arena, account->locale);
    param_text(params, arena, account->password_hash);
    param_text(params, arena, role_text(account->role));
    param_bool(params, arena, account->is_active);
    param_int(params, arena, account->created_at_us);
    if (account->role == ADMIN_STAFF_ROLE_OWNER && account->is_active) count_new_owner(request);
}

/* The count of owners changes in the same unit, and a check on it refuses the last one's departure.
 */
void admin_store_save(struct request *request, const struct admin_account *account,
                      int owners_gained)
{
    assert(account != NULL);
    assert(account->version > 1);
    assert(owners_gained >= -1 && owners_gained <= 1);
    static const struct statement save = {
        .name = "admin_save_staff",
        .sql = "WITH u AS (UPDATE admin.staff SET role = $3, is_active = $4, password_hash = $5,"
               " name = $6, locale = $7, version = version + 1 WHERE id = $1 AND version = $2 "
               "RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    static const struct statement count = {
        .name = "admin_count_owners",
        .sql = "UPDATE admin.owners SET count = count + $1 WHERE is_only",
        .on_check = STATUS_LAST_OWNER,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, account->id);
    param_int(params, arena, account->version - 1);
    param_text(params, arena, role_text(account->role));
    param_bool(params, arena, account->is_active);
    param_text(params, arena, account->password_hash);
    param_text(params, arena, account->name);
    param_text(params, arena, account->locale);
    if (owners_gained != 0) param_int(request_write(request, &count), arena, owners_gained);
}

void admin_store_require_password(struct request *request, const struct admin_account *account)
{
    assert(account != NULL);
    static const struct statement require = {
        .name = "admin_require_password",
        .sql = "SELECT require_one(count(*)) FROM admin.staff"
               " WHERE id = $1 AND password_hash = $2 AND is_active",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &require);
    param_uuid(params, arena, account->id);
    param_text(params, arena, account->password_hash);
}

void admin_describe(const struct admin_account *account, struct admin_staff *ret_staff)
{
    assert(account != NULL);
    assert(ret_staff != NULL);
    *ret_staff = (struct admin_staff){ .id = account->id,
                                       .email = account->email,
                                       .name = account->name,
                                       .locale = account->locale,
                                       .role = account->role,
                                       .is_active = account->is_active,
                                       .created_at_us = account->created_at_us,
                                       .version = account->version };
}

static void read_invitation(struct row *row, struct admin_invitation *ret_invitation)
{
    ret_invitation->staff_id = row_uuid(row);
    ret_invitation->invited_by = row_uuid(row);
    ret_invitation->ticket_id = row_uuid(row);
    ret_invitation->created_at_us = row_int(row);
    ret_invitation->email = row_text(row);
    ret_invitation->name = row_text(row);
    ret_invitation->role = read_role(row);
}

static enum status find_invitation(struct request *request, const struct statement *statement,
                                   const struct store_params *params,
                                   struct admin_invitation *ret_invitation)
{
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_invitation(&row, ret_invitation);
    return STATUS_OK;
}

enum status admin_store_find_invitation(struct request *request, struct uuid staff_id,
                                        struct admin_invitation *ret_invitation)
{
    assert(ret_invitation != NULL);
    static const struct statement find = {
        .name = "admin_find_invitation",
        .sql = "SELECT " INVITATION_COLUMNS " FROM admin.invitation WHERE staff_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, staff_id);
    return find_invitation(request, &find, params, ret_invitation);
}

enum status admin_store_find_invitation_by_email(struct request *request, struct text email,
                                                 struct admin_invitation *ret_invitation)
{
    assert(ret_invitation != NULL);
    static const struct statement find = {
        .name = "admin_find_invitation_by_email",
        .sql = "SELECT " INVITATION_COLUMNS " FROM admin.invitation WHERE email = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, email);
    return find_invitation(request, &find, params, ret_invitation);
}

enum status admin_store_list_invitations(struct request *request, int64_t sent_after_us,
                                         struct uuid before, int64_t limit,
                                         struct admin_invitation **ret_invitations,
                                         size_t *ret_count)
{
    assert(ret_invitations != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "admin_list_invitations",
        .sql = "SELECT " INVITATION_COLUMNS " FROM admin.invitation"
               " WHERE staff_id < $1 AND created_at > $2 ORDER BY staff_id DESC LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, before);
    param_int(params, arena, sent_after_us);
    param_int(params, arena, limit);
    TRY(request_query(request, &list, params, &rows));
    struct admin_invitation *invitations =
        arena_allocate_array(arena, rows.count, sizeof *invitations);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_invitation(&row, &invitations[i]);
    }
    *ret_invitations = invitations;
    *ret_count = rows.count;
    return STATUS_OK;
}

void admin_store_invite(struct request *request, const struct admin_invitation *invitation)
{
    assert(invitation != NULL);
    static const struct statement invite = {
        .name = "admin_invite",
        .sql = "INSERT INTO admin.invitation (staff_id, invited_by, ticket_id, email, name, role,"
               " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
               " ON CONFLICT (staff_id) DO UPDATE SET invited_by = $2, ticket_id = $3, name = $5,"
               " role = $6, created_at = $7",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &invite);
    param_uuid(params, arena, invitation->staff_id);
    param_uuid(params, arena, invitation->invited_by);
    param_uuid(params, arena, invitation->ticket_id);
    param_text(params, arena, invitation->email);
    param_text(params, arena, invitation->name);
    param_text(params, arena, role_text(invitation->role));
    param_int(params, arena, request_now_us(request));
}

void admin_store_remove_invitation(struct request *request, struct uuid staff_id)
{
    static const struct statement remove = {
        .name = "admin_remove_invitation",
        .sql = "WITH d AS (DELETE FROM admin.invitation WHERE staff_id = $1 RETURNING 1)"
               " SELECT require_one(count(*)) FROM d",
    };
    param_uuid(request_write(request, &remove), request_arena(request), staff_id);
}

/* Their tickets open nothing without the rows. */
void admin_store_end_invitations_of(struct request *request, struct uuid inviter_id)
{
    static const struct statement end = {
        .name = "admin_end_invitations",
        .sql = "DELETE FROM admin.invitation WHERE invited_by = $1",
    };
    param_uuid(request_write(request, &end), request_arena(request), inviter_id);
}
