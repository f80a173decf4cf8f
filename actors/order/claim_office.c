/* Claims as shoppers file and hand them on, vendors answer, staff decides, and time moves them. */
#include "actors/order/claim_office.h"

#include "actors/host/ask_each.h"
#include "actors/order/claim_store.h"
#include "actors/order/order_approval.h"
#include "actors/order/order_back_begin.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/replacement.h"
#include "actors/order/replacement_end.h"
#include "actors/order/replacement_store.h"
#include "actors/order/return_store.h"
#include "order_handlers.h"

/* What every command about a claim names. */
struct wish {
    struct uuid order_id, claim_id;
    struct text token; /* empty, or a guest's */
    struct versions versions;
    struct text reason; /* may be empty */
};
#define WISH_OF(command, proof, why)                                                               \
    (&(struct wish){ (command)->order_id, (command)->claim_id, (proof), VERSIONS_OF(command),      \
                     (why) })

/* What is granted; no lines: all. */
struct units {
    const struct order_shipment_line *lines;
    size_t count;
};
#define UNITS_OF(command)                                                                          \
    (struct units)                                                                                 \
    {                                                                                              \
        (command)->lines, (command)->lines_count                                                   \
    }

/* An order with its claims. */
struct claims {
    struct order_life *life;
    struct claim *all;
    size_t count;
};

static enum status open_order(struct request *request, struct uuid order_id, struct text token,
                              struct versions versions, struct claims *ret_claims)
{
    struct claims claims;
    TRY(order_life_open(request, order_id, token, &claims.life));
    if (!versions_have(versions, claims.life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(claim_store_load(request, claims.life, &claims.all, &claims.count));
    *ret_claims = claims;
    return STATUS_OK;
}

/* What shoppers and the clock do to a claim is in its history. */
static void audit(struct request *request, struct uuid claim_id)
{
    const enum principal_kind who = request_principal(request)->kind;
    if (who == PRINCIPAL_VENDOR || who == PRINCIPAL_ADMIN)
        request_audit(request, "clm", claim_id, (struct text){ 0 });
}

static enum status find_claim(struct request *request, const struct wish *wish,
                              struct claims *claims, struct claim **ret_found)
{
    TRY(open_order(request, wish->order_id, wish->token, wish->versions, claims));
    for (size_t i = 0; i < claims->count; i++) {
        if (!uuid_equals(claims->all[i].id, wish->claim_id)) continue;
        audit(request, wish->claim_id);
        *ret_found = &claims->all[i];
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* ---- what is answered ---- */

static void show(const struct order_life *life, const struct claim *changed,
                 struct order_claim *shown)
{
    shown->id = changed->id;
    shown->status = (enum order_claim_status)(changed->state - ORDER_STATE_CLAIM_OPEN);
    shown->kind = (enum order_claim_kind)changed->kind;
    shown->reason = changed->reason;
    shown->filed_at_us = changed->filed_at_us;
    shown->has_due_at = changed->due_at_us > 0;
    shown->due_at_us = changed->due_at_us;
    shown->has_escalated_at = changed->escalated_at_us > 0;
    shown->escalated_at_us = changed->escalated_at_us;
    shown->has_ended_at = changed->ended_at_us > 0;
    shown->ended_at_us = changed->ended_at_us;
    shown->has_answer = changed->answer.length > 0;
    shown->answer = changed->answer;
    shown->has_decision = changed->decision.length > 0;
    shown->decision = changed->decision;
    shown->has_replacement_id = !uuid_is_zero(changed->replacement_id);
    shown->replacement_id = changed->replacement_id;
    struct order_claim_line *lines = (struct order_claim_line *)shown->lines;
    for (size_t i = 0; i < changed->parts_count; i++)
        lines[i] = (struct order_claim_line){ .line_id = life->lines[changed->parts[i].line].id,
                                              .quantity = changed->parts[i].quantity,
                                              .granted = changed->parts[i].granted,
                                              .given_back = changed->parts[i].given_back,
                                              .has_declined = changed->parts[i].declined > 0,
                                              .declined = changed->parts[i].declined };
    shown->lines_count = changed->parts_count;
}

/* The order with the claim as it is by now, which is the last one if it is new. */
static enum status answer(struct request *request, const struct claims *claims,
                          const struct claim *changed, struct order_order *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct order_order order;
    TRY(order_life_answer(request, claims->life, &order));
    size_t place = 0;
    while (place < order.claims_count && !uuid_equals(order.claims[place].id, changed->id))
        place++;
    struct order_claim *all = arena_allocate_array(arena, order.claims_count + 1, sizeof *all);
    for (size_t i = 0; i < order.claims_count; i++)
        all[i] = order.claims[i];
    all[place].lines = arena_allocate_array(arena, changed->parts_count, sizeof *all[place].lines);
    show(claims->life, changed, &all[place]);
    if (place == order.claims_count) order.claims_count++;
    order.claims = all;
    *ret_reply = order;
    return STATUS_OK;
}

static enum status save(struct request *request, const struct claims *claims,
                        const struct claim *changed)
{
    claim_store_save(request, claims->life, changed);
    TRY(order_life_save(request, claims->life));
    return order_life_tell(request, claims->life, NULL);
}

static enum status save_back(struct request *request, const struct claims *claims,
                             const struct claim *changed, const struct order_back *back)
{
    claim_store_save(request, claims->life, changed);
    TRY(order_life_save(request, claims->life));
    return order_life_tell_back(request, claims->life, back);
}

/* ---- filed ---- */

static enum status require_window(struct request *request, const struct order_life *life)
{
    const enum status status = return_may_begin(life, request_now_us(request));
    if (status == STATUS_ILLEGAL_TRANSITION)
        return request_refuse(request, "", status, "Nothing of the order has arrived.");
    return status == STATUS_OK ? status : request_refuse(request, "", status, NULL);
}

enum status order_handle_file_claim(struct request *request, const struct order_file_claim *command,
                                    struct order_order *ret_reply)
{
    struct claims claims;
    struct order_return *returns;
    size_t returns_count;
    struct shipment_wish wishes[ORDER_LINES_MAX];
    const struct order_terms terms = order_life_terms(request);
    TRY(open_order(request, command->order_id, command->has_token ? command->token : TEXT(""),
                   VERSIONS_OF(command), &claims));
    TRY(require_window(request, claims.life));
    if (claims.count >= ORDER_CLAIMS_MAX || claims.life->returns_open >= ORDER_CLAIMS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_CLAIMS, ORDER_CLAIMS_MAX,
                                   "An order has so many claims, those that have ended too; and "
                                   "open ones and returns together.");
    TRY(return_store_load(request, claims.life, &returns, &returns_count));
    claim_block(claims.life, claims.all, claims.count);
    struct claim *made = arena_allocate(request_arena(request), sizeof *made);
    *made = (struct claim){ .id = request_new_id(request),
                            .kind = (enum claim_kind)command->kind,
                            .reason = command->reason };
    order_life_wishes(command->lines, command->lines_count, wishes);
    const struct shipment_refusal refusal = claim_begin(claims.life, returns, returns_count, wishes,
                                                        command->lines_count, &terms, made);
    TRY(order_life_refuse_units(request, &refusal, command->lines));
    claim_store_add(request, claims.life, made, claims.count + 1);
    TRY(order_life_save(request, claims.life));
    TRY(order_life_tell(request, claims.life, NULL));
    return answer(request, &claims, made, ret_reply);
}

/* ---- answered, handed on, denied ---- */

static enum status pull(struct request *request, const struct wish *wish,
                        enum order_trigger trigger, struct order_order *ret_reply)
{
    struct claims claims;
    struct claim *found;
    const struct order_terms terms = order_life_terms(request);
    TRY(find_claim(request, wish, &claims, &found));
    TRY(order_life_require(request, found->state, trigger));
    TRY(claim_pull(claims.life, found, trigger, wish->reason, &terms));
    if (trigger == ORDER_TRIGGER_RESPOND) found->answer = wish->reason;
    if (trigger == ORDER_TRIGGER_DENY) found->decision = wish->reason;
    TRY(save(request, &claims, found));
    return answer(request, &claims, found, ret_reply);
}

enum status order_handle_escalate_claim(struct request *request,
                                        const struct order_escalate_claim *command,
                                        struct order_order *ret_reply)
{
    return pull(request, WISH_OF(command, command->has_token ? command->token : TEXT(""), TEXT("")),
                ORDER_TRIGGER_ESCALATE, ret_reply);
}

enum status order_handle_withdraw_claim(struct request *request,
                                        const struct order_withdraw_claim *command,
                                        struct order_order *ret_reply)
{
    return pull(request, WISH_OF(command, command->has_token ? command->token : TEXT(""), TEXT("")),
                ORDER_TRIGGER_WITHDRAW, ret_reply);
}

enum status order_handle_reject_claim(struct request *request,
                                      const struct order_reject_claim *command,
                                      struct order_order *ret_reply)
{
    return pull(request, WISH_OF(command, TEXT(""), command->reason), ORDER_TRIGGER_RESPOND,
                ret_reply);
}

enum status order_handle_deny_any_claim(struct request *request,
                                        const struct order_deny_any_claim *command,
                                        struct order_order *ret_reply)
{
    return pull(request, WISH_OF(command, TEXT(""), command->reason), ORDER_TRIGGER_DENY,
                ret_reply);
}

/* ---- granted ---- */

static enum status grant(struct request *request, const struct claims *claims,
                         struct claim *granted, struct units units)
{
    struct shipment_wish wishes[ORDER_LINES_MAX];
    order_life_wishes(units.lines, units.count, wishes);
    const struct shipment_refusal refusal = claim_grant(claims->life, granted, wishes, units.count);
    return order_life_refuse_units(request, &refusal, units.lines);
}

/* Of a claim that was sent again, what its replacement does not send any more and was not given
 * back; else what is granted now, which ends it. */
static enum status take_units(struct request *request, const struct claims *claims,
                              struct claim *found, struct units granted,
                              struct return_units *ret_units)
{
    const struct order_terms terms = order_life_terms(request);
    const struct replaced replaced = { .life = claims->life, .claim = found };
    if (found->state != ORDER_STATE_CLAIM_RESOLVED_REPLACEMENT) {
        TRY(grant(request, claims, found, granted));
        return claim_refund(claims->life, found, &terms, ret_units);
    }
    if (granted.count > 0)
        return request_refuse(request, "/lines", STATUS_INVALID_VALUE,
                              "All that its replacement does not send goes back: name no lines.");
    TRY(replaced_find_rest(request, &replaced, ret_units->returned));
    TRY(claim_give_back(claims->life, found, ret_units->returned, &terms));
    ret_units->is_whole = order_life_is_all_back(claims->life);
    return STATUS_OK;
}

/* Ends the claim in this unit; the process that brings money back answers. */
static enum status refund(struct request *request, const struct wish *wish, struct units granted,
                          struct order_order *ret_reply)
{
    struct claims claims;
    struct claim *found;
    struct order_back back;
    struct return_units *units = arena_allocate(request_arena(request), sizeof *units);
    TRY(find_claim(request, wish, &claims, &found));
    TRY(order_life_require(request, found->state, ORDER_TRIGGER_GRANT_REFUND));
    TRY(take_units(request, &claims, found, granted, units));
    TRY(order_back_take_arrived(request, claims.life, units->returned, units->is_whole, &back));
    if (order_machine_is_end(found->state)) found->refund_id = back.id;
    TRY(replacement_give_back(request, claims.life, units->returned, &back));
    TRY(save_back(request, &claims, found, &back));
    TRY(answer(request, &claims, found, ret_reply));
    return order_back_begin(request, claims.life, &back,
                            &(struct order_back_terms){ .restocked = units->restocked }, ret_reply);
}

enum status order_handle_refund_claim(struct request *request,
                                      const struct order_refund_claim *command,
                                      struct order_order *ret_reply)
{
    return refund(request, WISH_OF(command, TEXT(""), TEXT("")), UNITS_OF(command), ret_reply);
}

enum status order_handle_refund_any_claim(struct request *request,
                                          const struct order_refund_any_claim *command,
                                          struct order_order *ret_reply)
{
    const enum status done =
        refund(request, WISH_OF(command, TEXT(""), TEXT("")), UNITS_OF(command), ret_reply);
    return order_approval_end(request, done, &order_refund_any_claim_message, command, ret_reply);
}

static const struct replacement_cause *cause_of(struct request *request,
                                                const struct claim *granted)
{
    struct replacement_cause *cause = arena_allocate(request_arena(request), sizeof *cause);
    cause->id = granted->id;
    cause->is_claim = true;
    for (size_t i = 0; i < granted->parts_count; i++)
        cause->parts[cause->parts_count++] =
            (struct replacement_part){ .line = granted->parts[i].line,
                                       .quantity = granted->parts[i].granted -
                                                   granted->parts[i].given_back };
    return cause;
}

/* The claim stays where it is until the pivot. */
static enum status replace(struct request *request, const struct wish *wish, struct units granted,
                           struct order_order *ret_reply)
{
    struct claims claims;
    struct claim *found;
    TRY(find_claim(request, wish, &claims, &found));
    TRY(order_life_require(request, found->state, ORDER_TRIGGER_GRANT_REPLACEMENT));
    TRY(replacement_require_room(request, claims.life));
    TRY(order_life_answer(request, claims.life, ret_reply));
    TRY(grant(request, &claims, found, granted));
    return replacement_begin(request, claims.life, cause_of(request, found), ret_reply);
}

enum status order_handle_replace_claim(struct request *request,
                                       const struct order_replace_claim *command,
                                       struct order_order *ret_reply)
{
    return replace(request, WISH_OF(command, TEXT(""), TEXT("")), UNITS_OF(command), ret_reply);
}

enum status order_handle_replace_any_claim(struct request *request,
                                           const struct order_replace_any_claim *command,
                                           struct order_order *ret_reply)
{
    return replace(request, WISH_OF(command, TEXT(""), TEXT("")), UNITS_OF(command), ret_reply);
}

/* What the process has set stock aside for is what is granted. */
static enum status grant_lines(const struct order_life *life, struct claim *granted,
                               const struct order_replacement_data *made)
{
    struct shipment_wish wishes[ORDER_LINES_MAX];
    assert(made->lines_count <= ORDER_LINES_MAX);
    for (size_t i = 0; i < made->lines_count; i++)
        wishes[i] = (struct shipment_wish){ made->lines[i].line_id, made->lines[i].quantity };
    const struct shipment_refusal refusal = claim_grant(life, granted, wishes, made->lines_count);
    return refusal.fault == SHIPMENT_FAULT_NONE ? STATUS_OK : STATUS_CORRUPT;
}

/* Asked again, the claim is this very replacement's. */
enum status claim_place_replacement(struct request *request,
                                    const struct order_place_replacement *command,
                                    struct order_order *ret_reply)
{
    struct claims claims;
    struct claim *found;
    const struct order_replacement_data *made = &command->replacement;
    const struct order_terms terms = order_life_terms(request);
    const struct wish wish = { .order_id = command->order_id, .claim_id = made->return_id };
    TRY(find_claim(request, &wish, &claims, &found));
    if (uuid_equals(found->replacement_id, made->replacement_id))
        return answer(request, &claims, found, ret_reply);
    if (claims.life->siblings_count >= ORDER_SIBLINGS_MAX) return STATUS_ILLEGAL_TRANSITION;
    TRY(claim_pull(claims.life, found, ORDER_TRIGGER_GRANT_REPLACEMENT, TEXT(""), &terms));
    TRY(grant_lines(claims.life, found, made));
    found->replacement_id = made->replacement_id;
    TRY(save(request, &claims, found));
    if (made->tells_buyer) TRY(order_life_tell_decided(request, claims.life, TEXT("")));
    replacement_store_add(request, made);
    TRY(answer(request, &claims, found, ret_reply));
    ret_reply->has_user_id = made->tells_buyer && !uuid_is_zero(claims.life->user_id);
    ret_reply->user_id = claims.life->user_id;
    return saga_reach_pivot(request, made->replacement_id, 201);
}

/* ---- by the clock ---- */

/* Looked at again: somebody may have been quicker. */
enum status order_handle_settle_claim(struct request *request,
                                      const struct order_settle_claim *command)
{
    struct claims claims;
    struct claim *found;
    const struct order_terms terms = order_life_terms(request);
    const struct wish wish = { .order_id = command->order_id, .claim_id = command->claim_id };
    TRY(find_claim(request, &wish, &claims, &found));
    if (found->due_at_us == 0 || found->due_at_us > terms.now_us) return STATUS_OK;
    TRY(claim_pull(claims.life, found, ORDER_TRIGGER_ESCALATE, TEXT(""), &terms));
    return save(request, &claims, found);
}

static enum status begin_settling(struct request *request, const void *context, size_t index,
                                  struct request_ask **ret_ask)
{
    const struct due_object *due = context;
    const struct order_settle_claim command = { .order_id = due[index].owner_id,
                                                .claim_id = due[index].id };
    return request_ask_begin(request, &order_settle_claim_message, &command, ret_ask);
}

enum status claim_sweep_due(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const struct due_object *due;
    size_t count;
    TRY(claim_store_list_due(request, shard_first, shard_last, &due, &count));
    return request_ask_each(request, count, begin_settling, due);
}
