/* SQL of the lines of reports, and of what does not fit. */
#include <string.h>

#include "actors/payment/payment_store.h"
#include "actors/payment/reconcile_store.h"

/* ---- movements ---- */

/* A column of texts, of numbers, of ids: what stands `stride` bytes behind the first one, and so
 * on.
 */
static void add_texts(struct store_params *params, struct arena *arena, const struct text *first,
                      size_t stride, size_t count)
{
    struct text *values = arena_allocate_array(arena, count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        memcpy(&values[i], (const char *)first + i * stride, sizeof *values);
    param_text_array(params, arena, values, count);
}

static void add_numbers(struct store_params *params, struct arena *arena, const int64_t *first,
                        size_t stride, size_t count)
{
    int64_t *values = arena_allocate_array(arena, count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        memcpy(&values[i], (const char *)first + i * stride, sizeof *values);
    param_int_array(params, arena, values, count);
}

static void add_ids(struct store_params *params, struct arena *arena, const struct uuid *first,
                    size_t stride, size_t count)
{
    struct uuid *values = arena_allocate_array(arena, count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        memcpy(&values[i], (const char *)first + i * stride, sizeof *values);
    param_uuid_array(params, arena, values, count);
}

/* What of a movement a row says in other words. */
struct movement_words {
    struct text kind, currency, settled_currency;
    struct uuid payment_id;
};

static struct movement_words *words_of(struct arena *arena,
                                       const struct provider_movement *movements,
                                       const struct reconcile_known *known, size_t count)
{
    struct movement_words *words = arena_allocate_array(arena, count, sizeof *words);
    for (size_t i = 0; i < count; i++)
        words[i] = (struct movement_words){
            .kind = text_of(payment_movement_kind_names[movements[i].kind]),
            .currency = text_of(movements[i].currency),
            .settled_currency = text_of(movements[i].settled_currency),
            .payment_id = known[i].is_found ? known[i].payment_id : movements[i].says.payment_id,
        };
    return words;
}

void reconcile_store_add_movements(struct request *request, int64_t day,
                                   const struct provider_movement *movements,
                                   const struct reconcile_known *known, size_t count)
{
    static const struct statement add = {
        .name = "payment_add_movements",
        .sql = "INSERT INTO payment.movement (id, day, kind, type, source, reference, charge,"
               " payment_id, amount, currency, settled, fee, settled_currency, at)"
               " SELECT u.id, $1, u.kind, u.type, u.source, u.reference, u.charge,"
               " nullif(u.payment_id, '00000000-0000-0000-0000-000000000000'), u.amount,"
               " u.currency, u.settled, u.fee, u.settled_currency, u.at FROM unnest($2::text[],"
               " $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[],"
               " $9::bigint[], $10::text[], $11::bigint[], $12::bigint[], $13::text[],"
               " $14::bigint[]) AS u (id, kind, type, source, reference, charge, payment_id,"
               " amount, currency, settled, fee, settled_currency, at) ON CONFLICT (id) DO NOTHING",
    };
    if (count == 0) return;
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    const struct movement_words *words = words_of(arena, movements, known, count);
    param_int(params, arena, day);
    add_texts(params, arena, &movements->id, sizeof *movements, count);
    add_texts(params, arena, &words->kind, sizeof *words, count);
    add_texts(params, arena, &movements->type, sizeof *movements, count);
    add_texts(params, arena, &movements->source, sizeof *movements, count);
    add_texts(params, arena, &movements->says.reference, sizeof *movements, count);
    add_texts(params, arena, &movements->says.charge, sizeof *movements, count);
    add_ids(params, arena, &words->payment_id, sizeof *words, count);
    add_numbers(params, arena, &movements->amount, sizeof *movements, count);
    add_texts(params, arena, &words->currency, sizeof *words, count);
    add_numbers(params, arena, &movements->settled, sizeof *movements, count);
    add_numbers(params, arena, &movements->fee, sizeof *movements, count);
    add_texts(params, arena, &words->settled_currency, sizeof *words, count);
    add_numbers(params, arena, &movements->at_us, sizeof *movements, count);
}

/* ---- what does not fit ---- */

static struct text about(struct arena *arena, const struct reconcile_difference *difference)
{
    char id[ID_TEXT_MAX + 1];
    if (difference->movement_id.length > 0) return difference->movement_id;
    (void)id_format("pay", difference->payment_id, id);
    return text_format(arena, "%s.%.*s.%.*s", id, (int)difference->fact.length,
                       difference->fact.data, (int)difference->source.length,
                       difference->source.data);
}

enum { NOTHING = -1 }; /* an amount that nobody knows; there are no negative ones */

/* What of a difference a row says in other words. */
struct difference_words {
    struct text kind, about, movement;
    int64_t reported, known, is_over;
};

static struct difference_words *differences_in_words(struct arena *arena,
                                                     const struct reconcile_difference *differences,
                                                     const bool *is_over, size_t count)
{
    struct difference_words *words = arena_allocate_array(arena, count, sizeof *words);
    for (size_t i = 0; i < count; i++) {
        const struct reconcile_difference *one = &differences[i];
        words[i] = (struct difference_words){
            .kind = text_of(payment_difference_kind_names[one->kind]),
            .about = about(arena, one),
            .movement = text_of(payment_movement_kind_names[one->movement]),
            .reported = one->has_reported ? one->reported : NOTHING,
            .known = one->has_known ? one->known : NOTHING,
            .is_over = is_over != NULL && is_over[i] ? 1 : 0,
        };
    }
    return words;
}

void reconcile_store_add_differences(struct request *request, int64_t day,
                                     const struct reconcile_difference *differences, size_t count)
{
    static const struct statement add = {
        .name = "payment_add_differences",
        .sql = "INSERT INTO payment.difference (id, day, kind, about, movement_id, movement,"
               " source, payment_id, fact, reported, known, currency, found_at, checked_at)"
               " SELECT u.id, $1, u.kind, u.about, nullif(u.movement_id, ''), u.movement, u.source,"
               " nullif(u.payment_id, '00000000-0000-0000-0000-000000000000'), u.fact,"
               " nullif(u.reported, -1), nullif(u.known, -1), u.currency, $2, $2"
               " FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],"
               " $8::text[], $9::uuid[], $10::text[], $11::bigint[], $12::bigint[], $13::text[])"
               " AS u (id, kind, about, movement_id, movement, source, payment_id, fact, reported,"
               " known, currency) ON CONFLICT (about) DO NOTHING",
    };
    if (count == 0) return;
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    const struct difference_words *words = differences_in_words(arena, differences, NULL, count);
    param_int(params, arena, day);
    param_int(params, arena, request_now_us(request));
    add_ids(params, arena, &differences->id, sizeof *differences, count);
    add_texts(params, arena, &words->kind, sizeof *words, count);
    add_texts(params, arena, &words->about, sizeof *words, count);
    add_texts(params, arena, &differences->movement_id, sizeof *differences, count);
    add_texts(params, arena, &words->movement, sizeof *words, count);
    add_texts(params, arena, &differences->source, sizeof *differences, count);
    add_ids(params, arena, &differences->payment_id, sizeof *differences, count);
    add_texts(params, arena, &differences->fact, sizeof *differences, count);
    add_numbers(params, arena, &words->reported, sizeof *words, count);
    add_numbers(params, arena, &words->known, sizeof *words, count);
    add_texts(params, arena, &differences->currency, sizeof *differences, count);
}

/* The provider's id of what fact f of payment p is about; of a capture beside ours only that of the
 * payment is kept. */
#define IS_BESIDE "f.reference NOT IN ('', p.reference)"
#define SOURCE                                                                                     \
    "CASE WHEN f.fact <> 'captured' THEN f.ref WHEN " IS_BESIDE                                    \
    " THEN f.reference ELSE p.charge END"
/* Whether a report has what fact f of payment p tells of. */
#define IS_REPORTED                                                                                \
    "EXISTS (SELECT FROM payment.movement m WHERE CASE WHEN f.fact = 'captured' AND " IS_BESIDE    \
    " THEN m.kind = 'charge' AND m.reference = f.reference WHEN f.fact = 'captured' THEN"          \
    " m.kind = 'charge' AND (m.source = p.charge OR (p.charge = '' AND m.payment_id = p.id))"      \
    " ELSE m.kind = 'refund' AND m.source = f.ref END)"

enum status
reconcile_store_list_unreported(struct request *request, int64_t from_us, int64_t before_us,
                                struct reconcile_difference ret_differences[RECONCILE_BATCH_MAX],
                                size_t *ret_count)
{
    static const struct statement list = {
        .name = "payment_list_unreported",
        .sql = "SELECT f.payment_id, f.fact, " SOURCE
               ", f.amount, p.currency FROM payment.fact f JOIN payment.payment p"
               " ON p.id = f.payment_id WHERE f.heard_at > 0 AND f.heard_at >= $1"
               " AND f.heard_at < $2 AND f.fact IN ('captured', 'refund_succeeded')"
               " AND f.amount > 0 AND NOT " IS_REPORTED
               " AND NOT EXISTS (SELECT FROM payment.difference d WHERE d.kind = 'not_reported'"
               " AND d.payment_id = f.payment_id AND d.fact = f.fact AND d.source = " SOURCE ")"
               " ORDER BY f.heard_at, f.payment_id LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, from_us);
    param_int(params, arena, before_us);
    param_int(params, arena, RECONCILE_BATCH_MAX);
    TRY(request_query(request, &list, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct reconcile_difference *one = &ret_differences[i];
        *one = (struct reconcile_difference){ .kind = PAYMENT_DIFFERENCE_KIND_NOT_REPORTED,
                                              .has_known = true };
        one->payment_id = row_uuid(&row);
        one->fact = row_text(&row);
        one->movement = text_equals_string(one->fact, "captured") ? PAYMENT_MOVEMENT_KIND_CHARGE
                                                                  : PAYMENT_MOVEMENT_KIND_REFUND;
        one->source = row_text(&row);
        one->known = row_int(&row);
        one->currency = row_text(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

static void read_open(struct row *row, struct reconcile_open *open)
{
    struct reconcile_difference *difference = &open->difference;
    struct provider_movement *movement = &open->movement;
    difference->id = row_uuid(row);
    difference->kind = (enum payment_difference_kind)payment_store_find_name(
        row_text(row), payment_difference_kind_names, PAYMENT_DIFFERENCE_KIND_COUNT);
    if (!row_skip_null(row)) difference->payment_id = row_uuid(row);
    difference->movement = movement->kind = (enum payment_movement_kind)payment_store_find_name(
        row_text(row), payment_movement_kind_names, PAYMENT_MOVEMENT_KIND_COUNT);
    difference->source = movement->source = row_text(row);
    difference->movement_id = movement->id = row_text(row);
    movement->says.reference = row_text(row);
    movement->says.charge = row_text(row);
    if (!row_skip_null(row)) movement->says.payment_id = row_uuid(row);
    movement->amount = row_int(row);
    difference->currency = row_text(row);
    assert(difference->currency.length < sizeof movement->currency);
    memcpy(movement->currency, difference->currency.data, difference->currency.length);
    open->is_reported = row_bool(row);
}

enum status reconcile_store_list_open(struct request *request, int64_t day,
                                      int64_t checked_before_us,
                                      struct reconcile_open ret_open[RECONCILE_BATCH_MAX],
                                      size_t *ret_count)
{
    /* A refund that failed after all is one that no report need have. */
    static const struct statement list = {
        .name = "payment_list_open_differences",
        .sql = "SELECT d.id, d.kind, d.payment_id, d.movement, d.source, coalesce(v.id, ''),"
               " coalesce(v.reference, ''), coalesce(v.charge, ''), v.payment_id,"
               " coalesce(v.amount, 0), coalesce(v.currency, d.currency),"
               " d.movement_id IS NULL AND NOT EXISTS (SELECT FROM payment.fact f"
               " JOIN payment.payment p ON p.id = f.payment_id WHERE f.payment_id = d.payment_id"
               " AND f.fact = d.fact AND ((f.fact = 'captured' AND NOT " IS_BESIDE ")"
               " OR d.source = " SOURCE ") AND NOT " IS_REPORTED
               ") FROM payment.difference d LEFT JOIN payment.movement v"
               " ON v.id = d.movement_id WHERE d.state = 'open' AND d.day = $1"
               " AND d.checked_at < $2 ORDER BY d.checked_at, d.id LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, day);
    param_int(params, arena, checked_before_us);
    param_int(params, arena, RECONCILE_BATCH_MAX);
    TRY(request_query(request, &list, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_open[i] = (struct reconcile_open){ .is_reported = false };
        read_open(&row, &ret_open[i]);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

/* What staff has settled meanwhile stays so. */
void reconcile_store_judge_again(struct request *request,
                                 const struct reconcile_difference *differences,
                                 const bool *is_over, size_t count)
{
    static const struct statement judge = {
        .name = "payment_judge_again",
        .sql = "UPDATE payment.difference d SET checks = d.checks + 1, checked_at = $1,"
               " kind = u.kind, known = CASE WHEN u.kind = 'not_reported' OR u.is_over = 1"
               " THEN d.known ELSE nullif(u.known, -1) END, payment_id = coalesce(nullif("
               "u.payment_id, '00000000-0000-0000-0000-000000000000'), d.payment_id),"
               " state = CASE u.is_over WHEN 1 THEN 'healed' ELSE 'open' END,"
               " over_at = CASE u.is_over WHEN 1 THEN $1::bigint END"
               " FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::uuid[], $6::bigint[])"
               " AS u (id, kind, known, payment_id, is_over) WHERE d.id = u.id"
               " AND d.state = 'open'",
    };
    if (count == 0) return;
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &judge);
    const struct difference_words *words = differences_in_words(arena, differences, is_over, count);
    param_int(params, arena, request_now_us(request));
    add_ids(params, arena, &differences->id, sizeof *differences, count);
    add_texts(params, arena, &words->kind, sizeof *words, count);
    add_numbers(params, arena, &words->known, sizeof *words, count);
    add_ids(params, arena, &differences->payment_id, sizeof *differences, count);
    add_numbers(params, arena, &words->is_over, sizeof *words, count);
}
