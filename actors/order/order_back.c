/* Adds up shares of lines and deliveries. */
#include "actors/order/order_back.h"

#include "runtime/arena.h"

enum status order_back_plan(const struct order_subject *subjects, size_t count,
                            const int64_t units[], struct order_back_sources sources,
                            struct arena *arena, struct order_back *back)
{
    assert(count <= ORDER_SUBJECTS_MAX);
    assert(sources.owed >= 0);
    assert(sources.wallet >= 0);
    struct order_back_part *parts = arena_allocate_array(arena, count, sizeof *parts);
    size_t parts_count = 0;
    int64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        if (units[i] == 0) continue;
        struct order_back_part *part = &parts[parts_count++];
        *part = (struct order_back_part){ .subject = i, .units = units[i] };
        TRY(refund_share_of(&subjects[i].price, subjects[i].gone, units[i], arena, &part->share));
        if (__builtin_add_overflow(total, part->share.total, &total)) return STATUS_OUT_OF_RANGE;
    }
    back->subjects = subjects;
    back->subjects_count = count;
    back->parts = parts;
    back->parts_count = parts_count;
    back->total = total;
    back->waived = total < sources.owed ? total : sources.owed;
    const int64_t paid = total - back->waived;
    back->manual = paid < sources.wallet ? 0 : paid - sources.wallet;
    return STATUS_OK;
}

int64_t order_back_refunded(const struct order_back *back)
{
    return back->total - back->waived - back->manual;
}

void order_back_share(const struct order_back_hold *left, size_t count, struct arena *arena,
                      struct order_back *back)
{
    struct order_back_hold *holds = arena_allocate_array(arena, count, sizeof *holds);
    int64_t rest = order_back_refunded(back);
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
