/* A card's part that is not there: its authorisation has ended while the process that was to take
 * it was hindered. What was sold stays sold, and is to be paid otherwise. */
#include "actors/order/card_store.h"
#include "actors/order/order.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_store.h"
#include "order_handlers.h"

static bool has_ended_unsold(const struct order_life *life)
{
    return life->state == ORDER_STATE_VENDOR_ORDER_CANCELLED ||
           life->state == ORDER_STATE_VENDOR_ORDER_REFUSED ||
           life->state == ORDER_STATE_VENDOR_ORDER_EXPIRED;
}

/* True if the order can owe its share: nobody is asked to pay for what was called off or went back.
 */
static bool can_owe(const struct order_life *life, int64_t amount)
{
    return !has_ended_unsold(life) && life->card_refunded == 0 &&
           life->refunded <= life->total - life->on_delivery - amount;
}

/* Those that wait for a transfer have no history yet, and wait for the larger sum. */
static enum status owe(struct request *request, struct order_life *life, int64_t amount,
                       const struct order_terms *terms)
{
    life->on_delivery += amount;
    life->card_amount -= amount;
    if (life->state == ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT) return STATUS_OK;
    TRY(order_life_pull(life, ORDER_TRIGGER_MARK_UNPAID, terms));
    life->changes[life->changes_count - 1].note = TEXT("The card could not be charged.");
    return order_life_save(request, life);
}

enum status order_handle_note_card_lost(struct request *request,
                                        const struct order_note_card_lost *command)
{
    const struct order_terms terms = order_life_terms(request);
    const struct uuid *ids;
    const int64_t *amounts;
    size_t count, owing_count = 0;
    TRY(card_store_list(request, command->group_id, &ids, &amounts, &count));
    if (count == 0) return STATUS_OK;
    if (count > ORDER_PARTS_MAX) return STATUS_CORRUPT;
    struct order_life *lives[ORDER_PARTS_MAX];
    struct uuid owing[ORDER_PARTS_MAX];
    int64_t owed[ORDER_PARTS_MAX];
    for (size_t i = 0; i < count; i++) {
        struct order_life *life;
        TRY(order_life_load(request, ids[i], &life));
        if (!can_owe(life, amounts[i])) continue;
        lives[owing_count] = life;
        owing[owing_count] = ids[i];
        owed[owing_count++] = amounts[i];
    }
    card_store_lose(request, command->group_id, owing, owing_count);
    for (size_t i = 0; i < owing_count; i++)
        TRY(owe(request, lives[i], owed[i], &terms));
    return STATUS_OK;
}
