/* SQL of shipping profiles. */
#include "actors/vendor/vendor_shipping_profile_store.h"

#define PROFILE_SELECT                                                                             \
    "SELECT id, name, coalesce(origin_country, ''), coalesce(origin_region, ''), is_default,"      \
    " created_at, version FROM vendor.shipping_profile"

static void read_profile(struct row *row, struct vendor_shipping_profile *profile)
{
    *profile = (struct vendor_shipping_profile){ .id = row_uuid(row) };
    profile->name = row_text(row);
    profile->origin_country = row_text(row);
    profile->has_origin_country = profile->origin_country.length > 0;
    profile->origin_region = row_text(row);
    profile->has_origin_region = profile->origin_region.length > 0;
    profile->is_default = row_bool(row);
    profile->created_at_us = row_int(row);
    profile->version = row_int(row);
}

enum status vendor_shipping_profile_find(struct request *request, struct uuid profile_id,
                                         struct uuid vendor_id,
                                         struct vendor_shipping_profile *ret_profile)
{
    assert(ret_profile != NULL);
    static const struct statement find = {
        .name = "vendor_find_shipping_profile",
        .sql = PROFILE_SELECT " WHERE id = $1 AND vendor_id = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, profile_id);
    param_uuid(params, arena, vendor_id);
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_profile(&row, ret_profile);
    return STATUS_OK;
}

enum status vendor_shipping_profile_list(struct request *request, struct uuid vendor_id,
                                         const struct vendor_shipping_profile **ret_profiles,
                                         size_t *ret_count)
{
    assert(ret_profiles != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "vendor_list_shipping_profiles",
        .sql = PROFILE_SELECT " WHERE vendor_id = $1 ORDER BY is_default DESC, name, id LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    param_int(params, arena, VENDOR_SHIPPING_PROFILES_MAX);
    TRY(request_query(request, &list, params, &rows));
    struct vendor_shipping_profile *profiles =
        arena_allocate_array(arena, rows.count, sizeof *profiles);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_profile(&row, &profiles[i]);
    }
    *ret_profiles = profiles;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* Parameters 3 to 6. */
static void param_profile(struct store_params *params, struct arena *arena,
                          const struct vendor_shipping_profile *profile)
{
    param_text(params, arena, profile->name);
    if (profile->has_origin_country)
        param_text(params, arena, profile->origin_country);
    else
        param_null_text(params);
    if (profile->has_origin_region)
        param_text(params, arena, profile->origin_region);
    else
        param_null_text(params);
    param_bool(params, arena, profile->is_default);
}

void vendor_shipping_profile_add(struct request *request,
                                 const struct vendor_shipping_profile *profile,
                                 struct uuid vendor_id)
{
    assert(profile != NULL);
    static const struct statement add = {
        .name = "vendor_add_shipping_profile",
        .sql = "INSERT INTO vendor.shipping_profile (id, vendor_id, name, origin_country,"
               " origin_region, is_default, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, profile->id);
    param_uuid(params, arena, vendor_id);
    param_profile(params, arena, profile);
    param_int(params, arena, profile->created_at_us);
}

/* Guarded by the version, so that a change never overwrites one that it has not seen. */
void vendor_shipping_profile_save(struct request *request,
                                  const struct vendor_shipping_profile *profile)
{
    assert(profile != NULL);
    static const struct statement save = {
        .name = "vendor_save_shipping_profile",
        .sql = "WITH u AS (UPDATE vendor.shipping_profile SET name = $3, origin_country = $4,"
               " origin_region = $5, is_default = $6, version = version + 1"
               " WHERE id = $1 AND version = $2 RETURNING 1) SELECT require_one(count(*)) FROM u",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, profile->id);
    param_int(params, arena, profile->version - 1);
    param_profile(params, arena, profile);
}

void vendor_shipping_profile_remove(struct request *request,
                                    const struct vendor_shipping_profile *profile)
{
    assert(profile != NULL);
    static const struct statement remove = {
        .name = "vendor_remove_shipping_profile",
        .sql = "WITH u AS (DELETE FROM vendor.shipping_profile WHERE id = $1 AND version = $2"
               " RETURNING 1) SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &remove);
    param_uuid(params, arena, profile->id);
    param_int(params, arena, profile->version);
}

void vendor_shipping_profile_demote(struct request *request, struct uuid vendor_id,
                                    struct uuid except_id)
{
    static const struct statement demote = {
        .name = "vendor_demote_shipping_profile",
        .sql = "UPDATE vendor.shipping_profile SET is_default = false, version = version + 1"
               " WHERE vendor_id = $1 AND is_default AND id <> $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &demote);
    param_uuid(params, arena, vendor_id);
    param_uuid(params, arena, except_id);
}
