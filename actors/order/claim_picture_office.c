/* Pictures of claims as buyers show them and all three read them; and what gateways ask about their
 * files. */
#include "actors/order/claim_picture.h"
#include "actors/order/claim_store.h"
#include "actors/order/order_life_door.h"
#include "order_handlers.h"

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
    if (picture_files_check(request, &claim_picture_files, command->picture.digest) != STATUS_OK)
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

enum status order_handle_note_picture(struct request *request,
                                      const struct pictures_note_picture *command)
{
    return picture_files_note(request, &claim_picture_files, command->digest);
}

enum status order_handle_retire_pictures(struct request *request,
                                         const struct pictures_retire_pictures *command,
                                         struct common_retired_pictures *ret_reply)
{
    return picture_files_sweep(request, &claim_picture_files, command->gone, command->gone_count,
                               ret_reply);
}
