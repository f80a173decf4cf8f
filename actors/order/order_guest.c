/* Guests: where they are reached, how their orders come into an account, and when their carts and
 * addresses are forgotten. */
#include "actors/order/order_guest.h"
#include "actors/order/draft_store.h"
#include "actors/order/order_guest_store.h"
#include "actors/order/order_shopper_store.h"
#include "actors/order/order_token.h"
#include "actors/order/promotion_store.h"
#include "common_messages.h"
#include "order_handlers.h"
#include "user_messages.h"

enum {
    CLAIM_TURNS_MAX = 50, /* 10,000 groups of one address */
    SWEEP_LOOKS_MAX = 8
};

/* --- what they are told --- */

/* Anybody can type somebody else's address into a checkout, so one address is written to at most
 * ORDER_GUEST_MAILS_MAX times an hour; beyond that there is no contact. */
enum status order_handle_get_contacts(struct request *request,
                                      const struct order_get_contacts *query,
                                      struct common_contacts *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct order_guest_contact guest;
    bool are_many;
    *ret_reply = (struct common_contacts){ 0 };
    const enum status found = order_guest_find_contact(request, query->group_id, &guest, &are_many);
    if (found == STATUS_NOT_FOUND)
        TRY(draft_store_find_contact(request, query->group_id, &guest, &are_many));
    else
        TRY(found);
    if (guest.email.length == 0 || are_many) return STATUS_OK;
    char *person = arena_allocate(arena, ID_TEXT_MAX + 1);
    struct common_contact *contact = arena_allocate(arena, sizeof *contact);
    *contact = (struct common_contact){
        .person_id = { person, id_format("og", query->group_id, person) },
        .name = TEXT(""),
        .email = guest.email,
        .locale = guest.locale,
    };
    *ret_reply = (struct common_contacts){ .contacts = contact, .contacts_count = 1 };
    return STATUS_OK;
}

/* --- claimed by the token of a mail --- */

static enum status refuse_token(struct request *request)
{
    request_add_fault(
        request, &(struct request_fault){ .pointer = "/token", .code = STATUS_INVALID_TICKET });
    return STATUS_INVALID_TICKET;
}

/* An access token may still be accepted some minutes after its account was blocked or erased. */
static enum status check_account_is_active(struct request *request, struct uuid user_id)
{
    const struct user_get_shopper_standing query = { .user_id = user_id };
    struct user_shopper_standing standing;
    TRY(request_ask(request, &user_get_shopper_standing_message, &query, &standing));
    return standing.is_active ? STATUS_OK : STATUS_UNAUTHENTICATED;
}

enum status order_handle_claim_order(struct request *request,
                                     const struct order_claim_order *command,
                                     struct order_group *ret_reply)
{
    const struct uuid user_id = request_principal(request)->id;
    struct uuid group_id;
    struct stored_group stored;
    TRY(order_claim_parse(request, command->token, &group_id));
    const enum status found = order_store_find_group(request, group_id, &stored);
    if (found == STATUS_NOT_FOUND) return refuse_token(request);
    TRY(found);
    const bool is_nobodys = uuid_is_zero(stored.user_id);
    if (stored.group.status != ORDER_GROUP_STATUS_PLACED) return refuse_token(request);
    if (!is_nobodys && !uuid_equals(stored.user_id, user_id)) return refuse_token(request);
    TRY(order_store_fill_group(request, &stored.group));
    if (is_nobodys) {
        TRY(check_account_is_active(request, user_id));
        order_guest_claim(request, &group_id, 1, user_id, true);
    }
    *ret_reply = stored.group;
    return STATUS_OK;
}

/* --- claimed by a verified address --- */

enum status order_on_user_email_was_verified(struct request *request,
                                             const struct user_email_was_verified *event)
{
    const struct order_claim_orders_of_address command = { .user_id = event->user_id,
                                                           .verified_at_us =
                                                               event->verified_at_us };
    struct order_claimed_orders claimed = { .has_more = true };
    for (size_t turn = 0; turn < CLAIM_TURNS_MAX && claimed.has_more; turn++)
        TRY(request_ask(request, &order_claim_orders_of_address_message, &command, &claimed));
    return STATUS_OK;
}

enum status
order_handle_claim_orders_of_address(struct request *request,
                                     const struct order_claim_orders_of_address *command,
                                     struct order_claimed_orders *ret_reply)
{
    const struct user_get_shopper_standing query = { .user_id = command->user_id };
    struct user_shopper_standing standing;
    const enum status found =
        request_ask(request, &user_get_shopper_standing_message, &query, &standing);
    ret_reply->has_more = false;
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    if (!standing.has_email) return STATUS_OK;
    order_guest_note_address(request, command->user_id,
                             promotion_customer_of_guest(request, standing.email));
    const struct uuid *ids;
    size_t count;
    TRY(order_guest_list_groups(request, standing.email, command->verified_at_us, &ids, &count));
    if (count > 0) order_guest_claim(request, ids, count, command->user_id, false);
    ret_reply->has_more = count == ORDER_GROUPS_CLAIMED_MAX;
    return STATUS_OK;
}

/* --- forgotten --- */

static int64_t before_us(struct request *request, enum setting life)
{
    return request_now_us(request) - config_duration_us(request_config(request), life);
}

enum status order_handle_drop_guest_cart(struct request *request,
                                         const struct order_drop_guest_cart *command)
{
    order_guest_drop_cart(request, command->cart_id, before_us(request, SETTING_TTL_GUEST_CART));
    return STATUS_OK;
}

enum status order_handle_forget_guest(struct request *request,
                                      const struct order_forget_guest *command)
{
    order_guest_forget(request, command->group_id, before_us(request, SETTING_TTL_GUEST_EMAIL));
    order_store_forget_address(request, command->group_id);
    order_shopper_forget_words_of_guest(request, command->group_id);
    return STATUS_OK;
}

static enum status ask_to_drop_cart(struct request *request, struct uuid cart_id)
{
    const struct order_drop_guest_cart command = { .cart_id = cart_id };
    return request_ask(request, &order_drop_guest_cart_message, &command, NULL);
}

static enum status ask_to_forget_guest(struct request *request, struct uuid group_id)
{
    const struct order_forget_guest command = { .group_id = group_id };
    return request_ask(request, &order_forget_guest_message, &command, NULL);
}

/* How one kind of thing is forgotten: what is older than the setting `life` is listed, and each is
 * asked, by its own actor, to go. */
struct forgetting {
    enum setting life;
    enum status (*list)(struct request *request, unsigned shard_first, unsigned shard_last,
                        int64_t before_us, const struct uuid **ret_ids, size_t *ret_count);
    enum status (*ask)(struct request *request, struct uuid id);
};

static enum status forget(struct request *request, const struct forgetting *what,
                          unsigned shard_first, unsigned shard_last)
{
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    /* What was forgotten is not listed again, so a full list means that there may be more. */
    size_t count = ORDER_GUESTS_SWEPT;
    for (size_t look = 0; look < SWEEP_LOOKS_MAX && count == ORDER_GUESTS_SWEPT; look++) {
        const struct uuid *ids;
        TRY(what->list(request, shard_first, shard_last, before_us(request, what->life), &ids,
                       &count));
        for (size_t i = 0; i < count; i++)
            TRY(what->ask(request, ids[i]));
    }
    return STATUS_OK;
}

enum status order_sweep_guest_carts(struct request *request, unsigned shard_first,
                                    unsigned shard_last)
{
    static const struct forgetting carts = { SETTING_TTL_GUEST_CART, order_guest_list_idle,
                                             ask_to_drop_cart };
    return forget(request, &carts, shard_first, shard_last);
}

enum status order_sweep_guest_addresses(struct request *request, unsigned shard_first,
                                        unsigned shard_last)
{
    static const struct forgetting addresses = { SETTING_TTL_GUEST_EMAIL, order_guest_list_old,
                                                 ask_to_forget_guest };
    return forget(request, &addresses, shard_first, shard_last);
}
