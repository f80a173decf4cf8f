/* SQL of tries of guests, and the limit. */
#include "actors/order/guest_try.h"

#include "runtime/network.h"
#include "runtime/secret.h"
#include "storage/values.h"

#define HOUR_US (INT64_C(3600) * 1000000)

/* Rows name no address. */
static bool digest_network(struct request *request, struct uuid *ret_digest)
{
    struct network network;
    uint8_t key[SECRET_KEY_BYTES];
    if (!network_of(request_client(request), NETWORK_OF_HOUSE, &network)) return false;
    request_derive_key(request, "souk guest network", key);
    secret_digest_keyed(key, (struct text){ (const char *)network.bytes, sizeof network.bytes },
                        ret_digest->bytes, sizeof ret_digest->bytes);
    secret_wipe(key, sizeof key);
    return true;
}

static const struct statement count_statement = {
    .name = "guest_try_count",
    .sql = "SELECT count(*) FROM \"order\".guest_card_try "
           "WHERE network = $1 AND at >= $2 AND is_declined",
};

enum status guest_try_refuse(struct request *request)
{
    const int64_t limit = config_int(request_config(request), SETTING_PAYMENT_DECLINES_MAX);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct uuid network;
    struct rows rows;
    if (limit == 0 || !digest_network(request, &network)) return STATUS_OK;
    param_uuid(&params, arena, network);
    param_int(&params, arena, request_now_us(request) - HOUR_US);
    TRY(request_query(request, &count_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    return row_int(&row) < limit ? STATUS_OK : STATUS_TOO_MANY_DECLINES;
}

/* Each takes a few of those with it that are too old to count, so that none is kept for long. */
static const struct statement note_statement = {
    .name = "guest_try_note",
    .sql = "WITH gone AS (DELETE FROM \"order\".guest_card_try WHERE group_id IN ("
           "SELECT group_id FROM \"order\".guest_card_try WHERE at < $3::bigint - 3600000000 "
           "ORDER BY at LIMIT 20 FOR UPDATE SKIP LOCKED)) "
           "INSERT INTO \"order\".guest_card_try (group_id, network, at) VALUES ($1, $2, $3)",
};

void guest_try_note(struct request *request, struct uuid group_id)
{
    struct arena *arena = request_arena(request);
    struct uuid network;
    if (!digest_network(request, &network)) return;
    struct store_params *params = request_write(request, &note_statement);
    param_uuid(params, arena, group_id);
    param_uuid(params, arena, network);
    param_int(params, arena, request_now_us(request));
}

static const struct statement declined_statement = {
    .name = "guest_try_note_declined",
    .sql = "UPDATE \"order\".guest_card_try SET is_declined = true WHERE group_id = $1",
};

void guest_try_note_declined(struct request *request, struct uuid group_id)
{
    param_uuid(request_write(request, &declined_statement), request_arena(request), group_id);
}
