/* What waits for staff in the whole market, and the two actions that are the same whatever it is
 * about. */
#include <string.h>

#include "actors/admin/admin_queue_page.h"
#include "actors/host/all_domains.h"
#include "admin_handlers.h"
#include "host_messages.h"
#include "queue_messages.h"

enum { LIMIT_DEFAULT = 20, ITEMS_MAX = 2 * DOMAIN_LIMIT * ADMIN_QUEUE_ASKED_MAX };

struct gathering {
    struct arena *arena;
    struct common_stuck_item *items; /* ITEMS_MAX */
    size_t count;
    struct text unanswered[DOMAIN_LIMIT];
    size_t unanswered_count;
};

static void take_items(struct gathering *all, const struct common_stuck_items *said)
{
    assert(all->count + said->items_count <= ITEMS_MAX);
    if (said->items_count == 0) return;
    memcpy(all->items + all->count, said->items, said->items_count * sizeof *said->items);
    all->count += said->items_count;
}

/* Each domain has one database, so one node's word is enough. */
static int64_t take_domain(void *context, enum domain domain, const void *reply)
{
    (void)domain;
    take_items(context, reply);
    return SHARD_COUNT - 1;
}

/* What the host knows of the domain, and what the domain itself says. */
static enum status ask_domain(struct request *request, enum domain domain,
                              const struct host_list_stuck *question, struct gathering *all)
{
    const struct queue_messages *messages = queue_messages_of(domain);
    const struct queue_list_stuck own = { .has_cause = question->has_cause,
                                          .cause = question->cause,
                                          .after_since_us = question->after_since_us,
                                          .after_id = question->after_id,
                                          .limit = question->limit };
    struct common_stuck_items said;
    const size_t before = all->count;
    enum status status =
        domain_ask(request, domain, &host_list_stuck_message, question, take_domain, all);
    if (status == STATUS_OK && messages != NULL) {
        status = request_ask(request, messages->list_stuck, &own, &said);
        if (status == STATUS_OK) take_items(all, &said);
    }
    /* All of a domain or nothing: a page that has a part of it would pass by the rest. */
    if (status != STATUS_OK) all->count = before;
    return status;
}

static enum status gather(struct request *request, const struct host_list_stuck *question,
                          struct gathering *all)
{
    for (enum domain domain = (enum domain)1; domain < DOMAIN_LIMIT; domain++) {
        if (!domain_is_served(domain)) continue;
        const enum status status = ask_domain(request, domain, question, all);
        if (status == STATUS_OK) continue;
        if (!status_is_outage(status)) return status;
        all->unanswered[all->unanswered_count++] = text_of(domain_name(domain));
    }
    return STATUS_OK;
}

static void show(struct request *request, struct gathering *all, size_t limit,
                 struct admin_queue_page *ret_reply)
{
    struct arena *arena = request_arena(request);
    admin_queue_sort(all->items, all->count);
    const bool has_more = all->count > limit;
    const size_t count = has_more ? limit : all->count;
    struct admin_queue_item *data = arena_allocate_array(arena, count, sizeof *data);
    for (size_t i = 0; i < count; i++)
        data[i] = admin_queue_describe(arena, &all->items[i], request_now_us(request));
    *ret_reply = (struct admin_queue_page){ .data = data,
                                            .data_count = count,
                                            .has_more = has_more,
                                            .has_next = has_more,
                                            .unanswered = all->unanswered,
                                            .unanswered_count = all->unanswered_count };
    if (!has_more) return;
    const struct common_stuck_item *last = &all->items[count - 1];
    const struct admin_queue_place place = { .since_us = last->since_us, .id = last->id };
    ret_reply->next = admin_queue_place_write(arena, &place);
}

enum status admin_handle_list_queue(struct request *request, const struct admin_list_queue *query,
                                    struct admin_queue_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : LIMIT_DEFAULT;
    struct admin_queue_place place = { .since_us = 0 };
    if (query->has_after && admin_queue_place_read(query->after, &place) != STATUS_OK)
        return request_refuse_cursor(request);
    const struct host_list_stuck question = { .has_cause = query->has_cause,
                                              .cause = query->cause,
                                              .after_since_us = place.since_us,
                                              .after_id = place.id,
                                              .limit = limit + 1 };
    struct gathering *all = arena_allocate(request_arena(request), sizeof *all);
    all->arena = request_arena(request);
    all->items = arena_allocate_array(all->arena, ITEMS_MAX, sizeof *all->items);
    TRY(gather(request, &question, all));
    show(request, all, (size_t)limit, ret_reply);
    return STATUS_OK;
}

/* ---- actions ---- */

static enum status settle(struct request *request, struct text item, enum host_parked_fate fate)
{
    const struct host_settle_stuck command = { .item = item, .fate = fate };
    struct host_stuck_settled settled;
    enum domain domain;
    unsigned shard;
    if (!admin_queue_find_owner(item, &domain, &shard) || !domain_is_served(domain))
        return STATUS_NOT_FOUND;
    TRY(domain_ask_owner(request, domain, shard, &host_settle_stuck_message, &command, &settled));
    if (settled.is_settled) {
        request_audit_elsewhere(request);
        return STATUS_OK;
    }
    const struct request_fault fault = {
        .pointer = "",
        .code = STATUS_CANNOT_BE_SETTLED,
        .detail = text_format(request_arena(request), "It failed with %.*s.",
                              (int)settled.reason.length, settled.reason.data),
    };
    request_add_fault(request, &fault);
    return STATUS_CANNOT_BE_SETTLED;
}

enum status admin_handle_retry_queue_item(struct request *request,
                                          const struct admin_retry_queue_item *command)
{
    return settle(request, command->item_id, HOST_PARKED_FATE_REPLAY);
}

enum status admin_handle_discard_queue_item(struct request *request,
                                            const struct admin_discard_queue_item *command)
{
    return settle(request, command->item_id, HOST_PARKED_FATE_DISCARD);
}
