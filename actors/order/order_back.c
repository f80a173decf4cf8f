/* Adds up shares of lines and deliveries, and says where their money goes. */
#include "actors/order/order_back.h"

#include "actors/order/order_offline.h"
#include "messages/card_amount.h"
#include "runtime/arena.h"

struct order_back_sources order_back_sources_of(const struct order_life *life)
{
    const int64_t wallet_paid = life->total - life->on_delivery - life->card_amount;
    return (struct order_back_sources){
        .owed = order_offline_owed(life),
        .card = life->card_amount - life->card_refunded,
        .wallet = wallet_paid - (life->refunded - life->card_refunded),
        .offline = life->collected - life->handed_back,
        .goodwill = life->goodwill,
        .card_step = card_amount_step(life->currency),
        .is_guests = uuid_is_zero(life->user_id),
    };
}

/* ---- where it goes ---- */

/* Moves as much of `*rest` as the source has. */
static void draw(int64_t *source, int64_t *rest, int64_t *way)
{
    assert(*source >= 0);
    assert(*rest >= 0);
    const int64_t amount = *source < *rest ? *source : *rest;
    *source -= amount;
    *rest -= amount;
    *way += amount;
}

/* Only an amount that cards know. */
static void draw_for_card(struct order_back_sources *sources, int64_t *rest, int64_t *way)
{
    const int64_t most = sources->card < *rest ? sources->card : *rest;
    const int64_t step = sources->card_step > 1 ? sources->card_step : 1;
    int64_t amount = card_amount_floor(most, step);
    *rest -= amount;
    draw(&sources->card, &amount, way);
}

/* What a wallet has paid goes back to it in any case, and what came outside of the market is handed
 * back: where the card is left out, its part is asked for last, so that as little as possible
 * goes elsewhere than it came from. */
int64_t order_back_route(struct order_back_sources *sources, int64_t amount,
                         enum order_back_destination destination, struct order_back_ways *ways)
{
    int64_t rest = amount;
    switch (destination) {
    case ORDER_BACK_ORIGINAL:
        draw_for_card(sources, &rest, &ways->card);
        draw(&sources->wallet, &rest, &ways->wallet);
        draw(&sources->offline, &rest, &ways->offline);
        break;
    case ORDER_BACK_WALLET:
        draw(&sources->wallet, &rest, &ways->wallet);
        draw(&sources->card, &rest, &ways->credit);
        break;
    case ORDER_BACK_MANUAL:
        draw(&sources->offline, &rest, &ways->offline);
        draw(&sources->card, &rest, &ways->by_hand);
        break;
    }
    return rest;
}

int64_t order_back_waive(struct order_back_sources *sources, int64_t amount,
                         struct order_back_ways *ways)
{
    int64_t rest = amount;
    draw(&sources->owed, &rest, &ways->waived);
    return rest;
}

/* All of an amount, whatever is wished of the card's part. */
static int64_t route_all(struct order_back_sources *sources, int64_t amount,
                         enum order_back_destination destination, struct order_back_ways *ways)
{
    int64_t rest = order_back_route(sources, amount, destination, ways);
    rest = order_back_route(sources, rest, ORDER_BACK_ORIGINAL, ways);
    draw(&sources->card, &rest, sources->is_guests ? &ways->by_hand : &ways->credit);
    return rest;
}

/* ---- what it is ---- */

/* Units that were refunded while they were kept are the last that are refunded as they go. */
static enum status share_part(const struct order_subject *subject, struct arena *arena,
                              struct order_back_part *part)
{
    const int64_t left = subject->price.quantity - subject->gone;
    if (subject->kept < 0 || subject->kept > subject->gone || left < 0) return STATUS_OUT_OF_RANGE;
    if (part->units > left + subject->kept) return STATUS_OUT_OF_RANGE;
    part->priced = part->units < left ? part->units : left;
    if (part->priced == 0) return STATUS_OK;
    return refund_share_of(&subject->price, subject->gone, part->priced, arena, &part->share);
}

enum status order_back_plan(const struct order_subject *subjects, size_t count,
                            const int64_t units[], struct order_back_sources sources,
                            enum order_back_destination destination, struct arena *arena,
                            struct order_back *back)
{
    assert(count <= ORDER_SUBJECTS_MAX);
    assert(sources.owed >= 0);
    struct order_back_part *parts = arena_allocate_array(arena, count, sizeof *parts);
    size_t parts_count = 0;
    int64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        if (units[i] == 0) continue;
        struct order_back_part *part = &parts[parts_count++];
        *part = (struct order_back_part){ .subject = i, .units = units[i] };
        TRY(share_part(&subjects[i], arena, part));
        if (__builtin_add_overflow(total, part->share.total, &total)) return STATUS_OUT_OF_RANGE;
    }
    struct order_back_ways ways = { .waived = 0 };
    int64_t rest = order_back_waive(&sources, total, &ways);
    rest = route_all(&sources, rest, destination, &ways);
    if (rest > sources.goodwill) return STATUS_OUT_OF_RANGE;
    back->subjects = subjects;
    back->subjects_count = count;
    back->parts = parts;
    back->parts_count = parts_count;
    back->total = total;
    back->set_off = rest;
    back->ways = ways;
    return STATUS_OK;
}

int64_t order_back_paid(const struct order_back *back)
{
    return back->total - back->set_off - back->ways.waived;
}

int64_t order_back_to_wallet(const struct order_back *back)
{
    return back->ways.wallet + back->ways.credit;
}

int64_t order_back_manual(const struct order_back *back)
{
    return back->ways.offline + back->ways.by_hand;
}

void order_back_apply(struct order_life *life, const struct order_back *back)
{
    const struct order_back_ways *ways = &back->ways;
    const int64_t of_card = ways->card + ways->credit + ways->by_hand;
    life->waived += ways->waived;
    life->handed_back += ways->offline;
    life->refunded += ways->wallet + of_card;
    life->card_refunded += of_card;
    life->card_to_wallet += ways->credit;
    life->card_pending += ways->card + ways->credit;
    life->card_by_hand += ways->by_hand;
    life->goodwill += back->goodwill - back->set_off;
}

void order_back_share(const struct order_back_hold *left, size_t count, struct arena *arena,
                      struct order_back *back)
{
    struct order_back_hold *holds = arena_allocate_array(arena, count, sizeof *holds);
    int64_t rest = back->ways.wallet;
    size_t holds_count = 0;
    for (size_t i = 0; i < count && rest > 0; i++) {
        assert(left[i].amount >= 0);
        if (left[i].amount == 0) continue;
        const int64_t amount = left[i].amount < rest ? left[i].amount : rest;
        holds[holds_count++] = (struct order_back_hold){ left[i].id, amount };
        rest -= amount;
    }
    back->holds = holds;
    back->holds_count = holds_count;
}
