/* One table of actions per cause; places as "since.id". */
#include "actors/admin/admin_queue_page.h"

#include <string.h>

enum { ACTIONS_MAX = 4 };

/* In a path %i stands for the item's id, %s for its subject, %p for its part, %k for the list in
 * which that is found, by the prefix of its id. */
struct action {
    const char *name, *method, *path;
};

#define LOOK_AT_ORDER                                                                              \
    {                                                                                              \
        "look", "GET", "/v1/admin/orders/%s"                                                       \
    }
#define LOOK_AT_PARCEL                                                                             \
    {                                                                                              \
        "look", "GET", "/v1/admin/orders/%s/shipments/%p"                                          \
    }
#define CANCEL_ORDER                                                                               \
    {                                                                                              \
        "cancel", "POST", "/v1/admin/orders/%s/cancel"                                             \
    }

#define LOOK_AT_PAYMENT                                                                            \
    {                                                                                              \
        "look", "GET", "/v1/admin/payments/%s"                                                     \
    }
#define ASK_PROVIDER                                                                               \
    {                                                                                              \
        "ask", "POST", "/v1/admin/payments/%s/ask"                                                 \
    }

static const struct action actions[COMMON_STUCK_CAUSE_COUNT][ACTIONS_MAX] = {
    [COMMON_STUCK_CAUSE_EVENT_PARKED] = { { "retry", "POST", "/v1/admin/queue/%i/retry" },
                                          { "discard", "POST", "/v1/admin/queue/%i/discard" } },
    [COMMON_STUCK_CAUSE_PROCESS_LATE] = { { "retry", "POST", "/v1/admin/queue/%i/retry" } },
    [COMMON_STUCK_CAUSE_ACCEPTANCE_LATE] = { LOOK_AT_ORDER,
                                             { "refuse", "POST", "/v1/admin/orders/%s/refuse" },
                                             { "accept", "POST", "/v1/admin/orders/%s/accept" } },
    [COMMON_STUCK_CAUSE_NOT_SHIPPED] = { LOOK_AT_ORDER, CANCEL_ORDER },
    [COMMON_STUCK_CAUSE_PARCEL_EXCEPTION] = { LOOK_AT_PARCEL,
                                              { "report", "POST",
                                                "/v1/admin/orders/%s/shipments/%p/events" } },
    [COMMON_STUCK_CAUSE_PARCEL_RETURNED] = { LOOK_AT_PARCEL,
                                             { "take_back", "POST",
                                               "/v1/admin/orders/%s/shipments/%p/take-back" } },
    [COMMON_STUCK_CAUSE_PARCEL_LATE] = { LOOK_AT_PARCEL,
                                         { "deliver", "POST",
                                           "/v1/admin/orders/%s/shipments/%p/deliver" } },
    [COMMON_STUCK_CAUSE_RETURN_UNANSWERED] = { LOOK_AT_ORDER,
                                               { "approve", "POST",
                                                 "/v1/admin/orders/%s/returns/%p/approve" },
                                               { "reject", "POST",
                                                 "/v1/admin/orders/%s/returns/%p/reject" } },
    [COMMON_STUCK_CAUSE_CLAIM_ESCALATED] = { LOOK_AT_ORDER,
                                             { "refund", "POST",
                                               "/v1/admin/orders/%s/claims/%p/refund" },
                                             { "replace", "POST",
                                               "/v1/admin/orders/%s/claims/%p/replace" },
                                             { "deny", "POST",
                                               "/v1/admin/orders/%s/claims/%p/deny" } },
    [COMMON_STUCK_CAUSE_RETURN_NOT_REFUNDED] = { LOOK_AT_ORDER,
                                                 { "refund", "POST",
                                                   "/v1/admin/orders/%s/returns/%p/refund" } },
    [COMMON_STUCK_CAUSE_REPLACEMENT_GONE] = { LOOK_AT_ORDER,
                                              { "refund", "POST",
                                                "/v1/admin/orders/%s/%k/%p/refund" } },
    [COMMON_STUCK_CAUSE_UNPAID] = { LOOK_AT_ORDER,
                                    { "mark_paid", "POST", "/v1/admin/orders/%s/mark-paid" } },
    [COMMON_STUCK_CAUSE_INVOICE_OVERDUE] = { LOOK_AT_ORDER,
                                             { "mark_paid", "POST",
                                               "/v1/admin/orders/%s/mark-paid" } },
    [COMMON_STUCK_CAUSE_CARD_NOT_TAKEN] = { LOOK_AT_ORDER,
                                            { "mark_paid", "POST",
                                              "/v1/admin/orders/%s/mark-paid" },
                                            CANCEL_ORDER },
    [COMMON_STUCK_CAUSE_CARD_REFUND_FAILED] = { LOOK_AT_ORDER,
                                                { "redirect", "POST",
                                                  "/v1/admin/refunds/%p/redirect" } },
    [COMMON_STUCK_CAUSE_CARD_WITHOUT_ORDER] = { LOOK_AT_PAYMENT,
                                                { "return", "POST",
                                                  "/v1/admin/payments/%s/return" } },
    [COMMON_STUCK_CAUSE_LATE_PAYMENT] = { { "look", "GET", "/v1/admin/late-payments/%s" },
                                          { "settle", "POST",
                                            "/v1/admin/late-payments/%s/settle" } },
    [COMMON_STUCK_CAUSE_VENDOR_SUSPENDED] = { { "look", "GET", "/v1/admin/orders?vendor=%s" },
                                              { "reinstate", "POST",
                                                "/v1/admin/vendors/%s/reinstate" } },
    [COMMON_STUCK_CAUSE_PAYMENT_UNKNOWN] = { LOOK_AT_PAYMENT, ASK_PROVIDER },
    [COMMON_STUCK_CAUSE_PAYMENT_MISMATCH] = { LOOK_AT_PAYMENT,
                                              ASK_PROVIDER,
                                              { "settle", "POST",
                                                "/v1/admin/payments/%s/settle" } },
    [COMMON_STUCK_CAUSE_PAYMENT_NOT_WANTED] = { LOOK_AT_PAYMENT, ASK_PROVIDER },
    [COMMON_STUCK_CAUSE_PAYMENT_NOT_TAKEN] = { LOOK_AT_PAYMENT, ASK_PROVIDER },
    [COMMON_STUCK_CAUSE_DISPUTE_OPEN] = { LOOK_AT_PAYMENT, ASK_PROVIDER },
    [COMMON_STUCK_CAUSE_PROVIDER_SHUT] = { LOOK_AT_PAYMENT, ASK_PROVIDER },
    [COMMON_STUCK_CAUSE_PROVIDER_EVENT_PARKED] = { { "discard", "POST",
                                                     "/v1/admin/payments/events/%s/discard" } },
    [COMMON_STUCK_CAUSE_PAYMENT_DIFFERENCE] = { { "look", "GET",
                                                  "/v1/admin/payments/differences"
                                                  "?difference_id=%s" },
                                                { "settle", "POST",
                                                  "/v1/admin/payments/differences/%s/settle" } },
    [COMMON_STUCK_CAUSE_WALLET_DEBT] = { { "look", "GET", "/v1/admin/wallets/%s" },
                                         { "correct", "POST",
                                           "/v1/admin/wallets/%s/corrections" } },
};

/* ---- places ---- */

struct text admin_queue_place_write(struct arena *arena, const struct admin_queue_place *place)
{
    return text_format(arena, "%lld.%.*s", (long long)place->since_us, (int)place->id.length,
                       place->id.data);
}

static bool is_id(struct text id)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    for (size_t i = 0; i < id.length; i++)
        if (memchr(allowed, id.data[i], sizeof allowed - 1) == NULL) return false;
    return id.length > 0 && id.length <= 120;
}

enum status admin_queue_place_read(struct text text, struct admin_queue_place *ret_place)
{
    const char *dot = memchr(text.data, '.', text.length);
    if (dot == NULL) return STATUS_INVALID_PARAMETER;
    const struct text since = { text.data, (size_t)(dot - text.data) };
    const struct text id = { dot + 1, text.length - since.length - 1 };
    if (!is_id(id) || text_parse_int(since, &ret_place->since_us) != STATUS_OK ||
        ret_place->since_us < 0)
        return STATUS_INVALID_PARAMETER;
    ret_place->id = id;
    return STATUS_OK;
}

/* ---- items ---- */

static bool is_before(const struct common_stuck_item *a, const struct common_stuck_item *b)
{
    if (a->since_us != b->since_us) return a->since_us < b->since_us;
    return text_compare(a->id, b->id) < 0;
}

/* By insertion: what each domain says is sorted already. */
void admin_queue_sort(struct common_stuck_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct common_stuck_item item = items[i];
        size_t at = i;
        for (; at > 0 && is_before(&item, &items[at - 1]); at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

static struct text value_of(char name, const struct common_stuck_item *item)
{
    switch (name) {
    case 'i':
        return item->id;
    case 's':
        return item->subject;
    case 'k':
        return text_starts_with(item->part, TEXT("clm_")) ? TEXT("claims") : TEXT("returns");
    default:
        return item->part;
    }
}

static struct text fill(struct arena *arena, const char *path, const struct common_stuck_item *item)
{
    struct text_builder out;
    text_builder_init(&out, arena, 250);
    for (const char *at = path; *at != '\0'; at++) {
        if (*at != '%') {
            text_builder_add_byte(&out, *at);
            continue;
        }
        at++;
        text_builder_add(&out, value_of(*at, item));
    }
    return text_builder_view(&out);
}

struct admin_queue_item admin_queue_describe(struct arena *arena,
                                             const struct common_stuck_item *item, int64_t now_us)
{
    struct admin_queue_action *told = arena_allocate_array(arena, ACTIONS_MAX, sizeof *told);
    size_t count = 0;
    for (; count < ACTIONS_MAX && actions[item->cause][count].name != NULL; count++) {
        const struct action *action = &actions[item->cause][count];
        told[count] = (struct admin_queue_action){ .name = text_of(action->name),
                                                   .method = text_of(action->method),
                                                   .path = fill(arena, action->path, item) };
    }
    return (struct admin_queue_item){
        .id = item->id,
        .cause = item->cause,
        .subject = item->subject,
        .has_part = item->has_part,
        .part = item->part,
        .detail = item->detail,
        .since_us = item->since_us,
        .age_seconds = now_us > item->since_us ? (now_us - item->since_us) / 1000000 : 0,
        .actions = told,
        .actions_count = count,
    };
}

/* The part behind the next dot; what is before it goes into ret_head. */
static struct text behind_dot(struct text text, struct text *ret_head)
{
    const char *dot = memchr(text.data, '.', text.length);
    const size_t length = dot == NULL ? text.length : (size_t)(dot - text.data);
    *ret_head = (struct text){ text.data, length };
    const size_t taken = dot == NULL ? length : length + 1;
    return (struct text){ text.data + taken, text.length - taken };
}

bool admin_queue_find_owner(struct text id, enum domain *ret_domain, unsigned *ret_shard)
{
    struct text cause, domain, shard;
    int64_t number;
    const struct text rest = behind_dot(behind_dot(behind_dot(id, &cause), &domain), &shard);
    if (!text_equals(cause, TEXT("event_parked")) && !text_equals(cause, TEXT("process_late")))
        return false;
    if (!is_id(id) || rest.length == 0 || text_parse_int(shard, &number) != STATUS_OK ||
        number < 0 || number >= SHARD_COUNT)
        return false;
    *ret_shard = (unsigned)number;
    return domain_find(domain.data, domain.length, ret_domain);
}
