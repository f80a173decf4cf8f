/* Goes from a replacement to what it replaced, and on to the order that was paid for. All are of
 * one group, so their units are committed one after the other. */
#include "actors/order/replacement_end.h"

#include "actors/order/claim_store.h"
#include "actors/order/order_back_begin.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/return_store.h"

/* Its order is loaded, too. */
static enum status find_replaced(struct request *request, const struct order_life *replacement,
                                 struct replaced *ret_replaced)
{
    struct replaced found = { .life = NULL };
    struct order_return *returns;
    struct claim *claims;
    size_t count;
    TRY(order_life_load(request, replacement->replaces_id, &found.life));
    TRY(return_store_load(request, found.life, &returns, &count));
    for (size_t i = 0; i < count; i++)
        if (uuid_equals(returns[i].replacement_id, replacement->order_id))
            found.exchanged = &returns[i];
    TRY(claim_store_load(request, found.life, &claims, &count));
    for (size_t i = 0; i < count; i++)
        if (uuid_equals(claims[i].replacement_id, replacement->order_id)) found.claim = &claims[i];
    if ((found.exchanged == NULL) == (found.claim == NULL)) return STATUS_CORRUPT;
    *ret_replaced = found;
    return STATUS_OK;
}

static void save_replaced(struct request *request, const struct replaced *replaced)
{
    if (replaced->claim != NULL)
        claim_store_save(request, replaced->life, replaced->claim);
    else
        return_store_save(request, replaced->life, replaced->exchanged);
}

/* ---- all of it ---- */

enum status replacement_reopen(struct request *request, struct order_life *life)
{
    struct replaced replaced;
    const struct order_terms terms = order_life_terms(request);
    if (uuid_is_zero(life->replaces_id)) return STATUS_OK;
    TRY(find_replaced(request, life, &replaced));
    if (replaced.claim != NULL)
        TRY(claim_reopen(replaced.life, replaced.claim, &terms));
    else
        TRY(return_reopen(replaced.life, replaced.exchanged,
                          terms.now_us + terms.return_deadline_us, &terms));
    save_replaced(request, &replaced);
    TRY(order_life_save(request, replaced.life));
    return order_life_tell(request, replaced.life, NULL);
}

/* ---- a part of it ---- */

/* A line of a replacement has the place of the line whose units it sends. */
static enum status place_units(const struct order_life *replacement, const int64_t units[],
                               const struct order_life *life, int64_t ret_units[ORDER_LINES_MAX])
{
    for (size_t i = 0; i < life->lines_count; i++)
        ret_units[i] = 0;
    for (size_t i = 0; i < replacement->lines_count; i++) {
        size_t line = 0;
        while (line < life->lines_count &&
               life->lines[line].position != replacement->lines[i].position)
            line++;
        if (line == life->lines_count) return STATUS_CORRUPT;
        ret_units[line] = units[i];
    }
    return STATUS_OK;
}

/* What the return or the claim has sent again and not given back. */
static void list_sent(const struct replaced *replaced, int64_t ret_units[ORDER_LINES_MAX])
{
    for (size_t i = 0; i < replaced->life->lines_count; i++)
        ret_units[i] = 0;
    if (replaced->claim != NULL)
        for (size_t i = 0; i < replaced->claim->parts_count; i++) {
            const struct claim_part *part = &replaced->claim->parts[i];
            ret_units[part->line] = part->granted - part->given_back;
        }
    else
        for (size_t i = 0; i < replaced->exchanged->parts_count; i++) {
            const struct return_part *part = &replaced->exchanged->parts[i];
            ret_units[part->line] = part->received - part->given_back;
        }
}

/* One step up: what was replaced gives the units back, and its order what they cost it, which is
 * nothing while it is a replacement itself. */
static enum status give_back_units(struct request *request, const struct replaced *replaced,
                                   const int64_t units[], struct order_back *ret_back)
{
    const struct order_terms terms = order_life_terms(request);
    struct order_life *life = replaced->life;
    int64_t sent[ORDER_LINES_MAX];
    list_sent(replaced, sent);
    for (size_t i = 0; i < life->lines_count; i++)
        if (units[i] > sent[i]) return STATUS_CORRUPT;
    struct order_back_wish wish = { .units = units, .sequence = life->version + 1 };
    if (replaced->claim != NULL)
        TRY(claim_give_back(life, replaced->claim, units, &terms));
    else
        TRY(return_give_back(life, replaced->exchanged, units, &terms));
    save_replaced(request, replaced);
    wish.with_deliveries = order_back_gives_delivery(request, order_life_is_all_back(life));
    return order_back_take(request, life, &wish, ret_back);
}

/* From the top on, so that each order knows those that are saved before it. */
static enum status save_above(struct request *request, struct order_life *const *lives,
                              size_t count)
{
    for (size_t i = count; i-- > 1;) {
        TRY(order_life_save(request, lives[i]));
        for (size_t k = 0; k < i; k++)
            order_life_meet(lives[k], lives[i]);
    }
    return STATUS_OK;
}

enum status replacement_give_back(struct request *request, struct order_life *life,
                                  const int64_t units[], struct order_back *back)
{
    struct arena *arena = request_arena(request);
    if (uuid_is_zero(life->replaces_id)) return STATUS_OK;
    struct order_life **lives =
        arena_allocate_array(arena, ORDER_SIBLINGS_MAX + 1, sizeof(struct order_life *));
    struct order_back *origin = arena_allocate(arena, sizeof *origin);
    size_t count = 0;
    int64_t below[ORDER_LINES_MAX], above[ORDER_LINES_MAX];
    for (size_t i = 0; i < life->lines_count; i++)
        below[i] = units[i];
    for (lives[count++] = life; !uuid_is_zero(lives[count - 1]->replaces_id); count++) {
        struct replaced replaced;
        if (count > ORDER_SIBLINGS_MAX) return STATUS_CORRUPT;
        TRY(find_replaced(request, lives[count - 1], &replaced));
        TRY(place_units(lives[count - 1], below, replaced.life, above));
        TRY(give_back_units(request, &replaced, above, origin));
        lives[count] = replaced.life;
        for (size_t i = 0; i < replaced.life->lines_count; i++)
            below[i] = above[i];
    }
    back->origin = origin;
    return save_above(request, lives, count);
}

/* ---- what versions before have left ---- */

enum status replaced_find_rest(struct request *request, const struct replaced *replaced,
                               int64_t ret_units[ORDER_LINES_MAX])
{
    struct order_life *replacement;
    int64_t units[ORDER_LINES_MAX], kept[ORDER_LINES_MAX], kept_here[ORDER_LINES_MAX];
    bool has_rest = false;
    TRY(order_life_load(request,
                        replaced->claim != NULL ? replaced->claim->replacement_id
                                                : replaced->exchanged->replacement_id,
                        &replacement));
    for (size_t i = 0; i < replacement->lines_count; i++) {
        const struct order_line_counts *counts = &replacement->lines[i].counts;
        kept[i] = counts->ordered - counts->cancelled - counts->returned;
    }
    TRY(place_units(replacement, kept, replaced->life, kept_here));
    list_sent(replaced, units);
    for (size_t i = 0; i < replaced->life->lines_count; i++) {
        if (units[i] < kept_here[i]) return STATUS_CORRUPT;
        ret_units[i] = units[i] - kept_here[i];
        has_rest = has_rest || ret_units[i] > 0;
    }
    if (has_rest) return STATUS_OK;
    return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                          "Its replacement stands, or what was paid for it has gone back.");
}
