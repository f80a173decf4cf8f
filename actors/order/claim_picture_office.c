/* Pictures of claims as buyers show them and all three read them; and what gateways ask about their
 * files. */
#include "actors/order/claim_picture.h"
#include "actors/order/claim_store.h"
#include "actors/order/order_life_door.h"
#include "order_handlers.h"

/* No gateway works on a list of files for so long. */
#define TOLD_LIFE_US (INT64_C(10) * 60 * 1000000)
enum { DIGEST_DIGITS = 64 };

/* ---- shown ---- */

static enum status find_open_claim(struct request *request,
                                   const struct order_add_claim_picture *command)
{
    struct order_life *life;
    struct claim *claims;
    size_t count;
    TRY(order_life_open(request, command->order_id, TEXT(""), &life));
    TRY(claim_store_load(request, life, &claims, &count));
    for (size_t i = 0; i < count; i++) {
        if (!uuid_equals(claims[i].id, command->claim_id)) continue;
        if (claims[i].ended_at_us == 0) return STATUS_OK;
        return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION, "The claim has ended.");
    }
    return STATUS_NOT_FOUND;
}

enum status order_handle_add_claim_picture(struct request *request,
                                           const struct order_add_claim_picture *command,
                                           struct order_claim_picture *ret_reply)
{
    int64_t count;
    TRY(find_open_claim(request, command));
    TRY(claim_picture_count(request, command->claim_id, &count));
    if (count >= CLAIM_PICTURES_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_CLAIM_PICTURES, CLAIM_PICTURES_MAX,
                                   "So many pictures has a claim.");
    if (claim_picture_check_file(request, command->picture.digest) != STATUS_OK)
        return STATUS_UNAVAILABLE;
    *ret_reply = (struct order_claim_picture){
        .id = request_new_id_beside(request, command->claim_id),
        .width = command->picture.width,
        .height = command->picture.height,
    };
    claim_picture_add(request, command->claim_id, count + 1, ret_reply, command->picture.digest);
    request_hint(request, command->order_id);
    return STATUS_OK;
}

/* ---- read ---- */

static const int sides[] = { 2048, 400, 160 };
static_assert(ARRAY_LENGTH(sides) == COMMON_PICTURE_SIDE_COUNT, "in the order of the enum");

static enum status find_file(struct request *request, const struct claim_picture_reader *reader,
                             const struct order_get_claim_picture *query,
                             struct common_picture_file *ret_reply)
{
    ret_reply->size = sides[query->has_size ? query->size : COMMON_PICTURE_SIDE_2048];
    return claim_picture_find(request, reader, query, &ret_reply->digest);
}

enum status order_handle_get_claim_picture(struct request *request,
                                           const struct order_get_claim_picture *query,
                                           struct common_picture_file *ret_reply)
{
    const struct claim_picture_reader reader = { .user_id = request_principal(request)->id };
    return find_file(request, &reader, query, ret_reply);
}

enum status
order_handle_get_claim_picture_for_vendor(struct request *request,
                                          const struct order_get_claim_picture_for_vendor *query,
                                          struct common_picture_file *ret_reply)
{
    const struct claim_picture_reader reader = { .vendor_id = request_principal(request)->id };
    const struct order_get_claim_picture asked = { query->order_id, query->claim_id,
                                                   query->picture_id, query->has_size,
                                                   query->size };
    return find_file(request, &reader, &asked, ret_reply);
}

enum status order_handle_inspect_claim_picture(struct request *request,
                                               const struct order_inspect_claim_picture *query,
                                               struct common_picture_file *ret_reply)
{
    const struct claim_picture_reader anybody = { 0 };
    const struct order_get_claim_picture asked = { query->order_id, query->claim_id,
                                                   query->picture_id, query->has_size,
                                                   query->size };
    return find_file(request, &anybody, &asked, ret_reply);
}

/* ---- files ---- */

/* Digits of nothing else: they stand in SQL's decode(). */
static bool is_digest(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return text.length == DIGEST_DIGITS;
}

enum status order_handle_note_picture(struct request *request,
                                      const struct pictures_note_picture *command)
{
    if (!is_digest(command->digest)) return STATUS_INVALID_VALUE;
    const enum status status = claim_picture_check_file(request, command->digest);
    if (status != STATUS_NOT_FOUND) TRY(status);
    claim_picture_note_file(request, command->digest);
    return STATUS_OK;
}

enum status order_handle_retire_pictures(struct request *request,
                                         const struct pictures_retire_pictures *command,
                                         struct common_retired_pictures *ret_reply)
{
    const int64_t now_us = request_now_us(request);
    const int64_t kept_us =
        config_duration_us(request_config(request), SETTING_PICTURES_UNUSED_KEPT);
    for (size_t i = 0; i < command->gone_count; i++)
        if (!is_digest(command->gone[i])) return STATUS_INVALID_VALUE;
    if (command->gone_count > 0) claim_picture_forget(request, command->gone, command->gone_count);
    TRY(claim_picture_list_going(request, now_us - TOLD_LIFE_US, &ret_reply->digests,
                                 &ret_reply->digests_count));
    if (ret_reply->digests_count > 0)
        claim_picture_tell(request, ret_reply->digests, ret_reply->digests_count);
    claim_picture_retire(request, now_us - kept_us);
    return STATUS_OK;
}
