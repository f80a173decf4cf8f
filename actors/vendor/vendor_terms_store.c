/* SQL of vendors' terms. Carts ask for them at every turn: one statement, which goes from each
 * vendor to its few profiles and on to their few methods by index. */
#include "actors/vendor/vendor_terms_store.h"

enum {
    TERMS_BYTES_MAX = 900 * 1024, /* leaves room in an envelope's body */
    METHOD_BYTES = 250,           /* of a method but its name, as msgpack has it, rounded up */
    PROFILE_BYTES = 100
};

/* $1 vendors, $2 currency, $3 country or ''. */
static const struct statement terms_get = {
    .name = "vendor_get_terms",
    .sql =
        "SELECT v.id, v.needs_acceptance,"
        " coalesce(v.order_min_amounts[array_position(v.order_min_currencies, $2)], 0),"
        " EXISTS (SELECT FROM vendor.shipping_method x WHERE x.vendor_id = v.id AND x.is_active),"
        " p.id, p.name, p.is_default, m.id, m.name, m.kind, m.price_amount, m.handling_days,"
        " $3 = '' OR m.countries = '{}' OR $3 = ANY (m.countries), m.price_per_kg_amount,"
        " m.free_above_amount, m.weight_max_grams, m.transit_days_min, m.transit_days_max"
        " FROM vendor.vendor v LEFT JOIN LATERAL (SELECT s.id, s.name, s.is_default"
        " FROM vendor.shipping_profile s WHERE s.vendor_id = v.id"
        " ORDER BY s.is_default DESC, s.id LIMIT 20) p ON true"
        " LEFT JOIN LATERAL (SELECT * FROM vendor.shipping_method w WHERE w.profile_id = p.id"
        " AND w.is_active AND w.currency = $2 ORDER BY w.name, w.id LIMIT 20) m ON true"
        " WHERE v.id = ANY ($1) ORDER BY v.id, p.is_default DESC, p.id, m.name, m.id",
};

static void read_optional(struct row *row, bool *ret_has, int64_t *ret_value)
{
    *ret_has = !row_skip_null(row);
    if (*ret_has) *ret_value = row_int(row);
}

static void read_amount(struct row *row, const char *currency, bool *ret_has,
                        struct money *ret_money)
{
    int64_t amount = 0;
    read_optional(row, ret_has, &amount);
    if (*ret_has) *ret_money = money_make(amount, currency);
}

/* From the method's id on, which is there. */
static void read_method(struct row *row, const char *currency, struct vendor_method_terms *method)
{
    *method = (struct vendor_method_terms){ .id = row_uuid(row) };
    method->name = row_text(row);
    method->kind = (enum vendor_shipping_kind)row_int(row);
    method->price = money_make(row_int(row), currency);
    method->handling_days = row_int(row);
    method->is_sent_there = row_bool(row);
    read_amount(row, currency, &method->has_price_per_kg, &method->price_per_kg);
    read_amount(row, currency, &method->has_free_above, &method->free_above);
    read_optional(row, &method->has_weight_max_grams, &method->weight_max_grams);
    read_optional(row, &method->has_transit_days_min, &method->transit_days_min);
    read_optional(row, &method->has_transit_days_max, &method->transit_days_max);
}

/* What is made of the rows, which come vendor by vendor, profile by profile, method by method. They
 * are read twice: how much room is left for a vendor's methods is known after all its profiles. */
struct reading {
    const char *currency;
    size_t bytes_max; /* of each vendor */
    struct vendor_terms *terms;
    size_t *bytes; /* of each vendor so far */
    bool *sends;   /* each vendor, in whatever currency */
    size_t terms_count;
    struct vendor_shipping_profile_terms *profiles;
    size_t profiles_count;
    struct vendor_method_terms *methods;
    size_t methods_count;
};

static void add_vendor(struct reading *reading, struct row *row)
{
    const struct uuid id = row_uuid(row);
    const bool needs_acceptance = row_bool(row);
    const int64_t order_min = row_int(row);
    const bool sends = row_bool(row);
    const size_t count = reading->terms_count;
    if (count > 0 && uuid_equals(reading->terms[count - 1].vendor_id, id)) return;
    reading->sends[count] = sends;
    reading->terms[reading->terms_count++] = (struct vendor_terms){
        .vendor_id = id,
        .profiles = &reading->profiles[reading->profiles_count],
        .needs_acceptance = needs_acceptance,
        .has_order_min = order_min > 0,
        .order_min = money_make(order_min, reading->currency),
    };
}

static void add_profile(struct reading *reading, struct row row)
{
    add_vendor(reading, &row);
    if (row_skip_null(&row)) return; /* the vendor has no profiles */
    struct vendor_terms *terms = &reading->terms[reading->terms_count - 1];
    struct vendor_shipping_profile_terms profile = { .id = row_uuid(&row) };
    profile.name = row_text(&row);
    profile.is_default = row_bool(&row);
    const size_t count = reading->profiles_count;
    if (terms->profiles_count > 0 && uuid_equals(reading->profiles[count - 1].id, profile.id))
        return;
    reading->profiles[reading->profiles_count++] = profile;
    reading->bytes[reading->terms_count - 1] += PROFILE_BYTES + profile.name.length;
    terms->profiles_count++;
}

/* `at_vendor` and `at_profile` are those of the row before. */
static void add_method(struct reading *reading, struct row row, size_t *at_vendor,
                       size_t *at_profile)
{
    const struct uuid vendor_id = row_uuid(&row);
    (void)row_bool(&row);
    (void)row_int(&row);
    (void)row_bool(&row);
    while (!uuid_equals(reading->terms[*at_vendor].vendor_id, vendor_id))
        ++*at_vendor;
    if (row_skip_null(&row)) return;
    const struct uuid profile_id = row_uuid(&row);
    (void)row_text(&row);
    (void)row_bool(&row);
    while (!uuid_equals(reading->profiles[*at_profile].id, profile_id))
        ++*at_profile;
    if (row_skip_null(&row)) return; /* the profile has no methods */
    struct vendor_method_terms *method = &reading->methods[reading->methods_count];
    read_method(&row, reading->currency, method);
    const size_t bytes = METHOD_BYTES + method->name.length;
    if (reading->bytes[*at_vendor] + bytes > reading->bytes_max) return;
    struct vendor_shipping_profile_terms *profile = &reading->profiles[*at_profile];
    if (profile->methods_count++ == 0) profile->methods = method;
    reading->bytes[*at_vendor] += bytes;
    reading->methods_count++;
}

enum status vendor_terms_load(struct request *request, const struct vendor_get_terms *query,
                              struct vendor_many_terms *ret_terms)
{
    assert(query->vendor_ids_count >= 1);
    assert(query->vendor_ids_count <= VENDOR_TERMS_MAX);
    static_assert(VENDOR_SHIPPING_PROFILES_MAX == 20 && VENDOR_SHIPPING_OFFERED_MAX == 20,
                  "the LIMITs of terms_get");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, query->vendor_ids, query->vendor_ids_count);
    param_text(params, arena, query->currency);
    param_text(params, arena, query->has_country ? query->country : TEXT(""));
    TRY(request_query(request, &terms_get, params, &rows));
    struct reading reading = {
        .currency = text_string(arena, query->currency),
        .bytes_max = TERMS_BYTES_MAX / query->vendor_ids_count,
    };
    reading.terms = arena_allocate_array(arena, query->vendor_ids_count, sizeof *reading.terms);
    reading.bytes = arena_allocate_array(arena, query->vendor_ids_count, sizeof *reading.bytes);
    reading.sends = arena_allocate_array(arena, query->vendor_ids_count, sizeof *reading.sends);
    reading.profiles = arena_allocate_array(arena, rows.count + 1, sizeof *reading.profiles);
    reading.methods = arena_allocate_array(arena, rows.count + 1, sizeof *reading.methods);
    size_t at_vendor = 0, at_profile = 0;
    for (size_t i = 0; i < rows.count; i++)
        add_profile(&reading, rows_at(&rows, i));
    for (size_t i = 0; i < rows.count; i++)
        add_method(&reading, rows_at(&rows, i), &at_vendor, &at_profile);
    /* Who sends nothing has no profiles. Who sends, but not for this currency, has: nobody gets
     * goods sent for nothing by paying in another one. */
    for (size_t i = 0; i < reading.terms_count; i++)
        if (!reading.sends[i]) reading.terms[i].profiles_count = 0;
    *ret_terms =
        (struct vendor_many_terms){ .terms = reading.terms, .terms_count = reading.terms_count };
    return STATUS_OK;
}
