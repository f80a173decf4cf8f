/* Finds carts that were left and tells their owners. Whether they want to hear of it, and how, is
 * theirs to choose (the topic marketing, which nobody has on by default). */
#include "actors/order/cart_reminder.h"

#include "actors/host/ask_each.h"
#include "actors/order/cart_reminder_store.h"
#include "common_messages.h"
#include "order_handlers.h"
#include "told_messages.h"

#define WEEK_US (INT64_C(7) * 24 * 3600 * 1000000)

/* Left for longer than cart.reminder and a week: nobody wants to hear of that any more. */
static struct cart_reminder_span span_of(struct request *request, int64_t delay_us)
{
    const int64_t until_us = request_now_us(request) - delay_us;
    return (struct cart_reminder_span){ .from_us = until_us - WEEK_US, .until_us = until_us };
}

static int64_t delay_of(const struct request *request)
{
    return config_duration_us(request_config(request), SETTING_CART_REMINDER);
}

static enum status tell(struct request *request, struct uuid cart_id, struct uuid user_id)
{
    char *subject = arena_allocate(request_arena(request), ID_TEXT_MAX + 1);
    const struct told_notice_was_raised event = {
        .notice = { .kind = COMMON_NOTICE_KIND_CART_LEFT,
                    .recipient_id = user_id,
                    .audience = COMMON_AUDIENCE_STORE,
                    .has_subject_id = true,
                    .subject_id = { subject, id_format("cart", cart_id, subject) } }
    };
    return request_publish(request, &order_notice_was_raised_message, &event);
}

/* A cart that was changed, checked out or reminded of since it was listed is none any more. */
enum status order_handle_remind_of_cart(struct request *request,
                                        const struct order_remind_of_cart *command)
{
    const struct cart_reminder_span span = span_of(request, delay_of(request));
    struct uuid user_id;
    const enum status found = cart_reminder_store_find(request, command->cart_id, &span, &user_id);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    cart_reminder_store_mark(request, command->cart_id);
    return tell(request, command->cart_id, user_id);
}

static enum status begin_reminder(struct request *request, const void *context, size_t index,
                                  struct request_ask **ret_ask)
{
    const struct uuid *ids = context;
    const struct order_remind_of_cart command = { .cart_id = ids[index] };
    return request_ask_begin(request, &order_remind_of_cart_message, &command, ret_ask);
}

enum status cart_reminder_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const int64_t delay_us = delay_of(request);
    const struct cart_reminder_span span = span_of(request, delay_us);
    const struct uuid *ids;
    size_t count;
    if (delay_us == 0) return STATUS_OK;
    TRY(cart_reminder_store_list(request, shard_first, shard_last, &span, &ids, &count));
    return request_ask_each(request, count, begin_reminder, ids);
}
