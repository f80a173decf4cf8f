/* Asks in which language a buyer is written to. */
#include "actors/order/order_buyer.h"

#include <string.h>

#include "actors/order/order_guest_store.h"
#include "user_messages.h"

/* Of a guest the group knows it, of a shopper the account. */
static enum status find(struct request *request, struct uuid user_id, struct uuid group_id,
                        struct text *ret_language)
{
    static const struct uuid nobody;
    if (uuid_equals(user_id, nobody)) {
        struct order_guest_contact guest;
        bool are_many;
        TRY(order_guest_find_contact(request, group_id, &guest, &are_many));
        *ret_language = guest.locale;
        return STATUS_OK;
    }
    const struct user_get_contacts query = { .user_id = user_id };
    struct common_contacts found;
    TRY(request_ask(request, &user_get_contacts_message, &query, &found));
    if (found.contacts_count > 0) *ret_language = found.contacts[0].locale;
    return STATUS_OK;
}

enum status order_buyer_language(struct request *request, struct uuid user_id,
                                 struct uuid group_id, struct text *ret_language)
{
    const char *languages = config_text(request_config(request), SETTING_MARKET_LANGUAGES);
    *ret_language = (struct text){ 0 };
    if (strpbrk(languages, " ,") == NULL) return STATUS_OK;
    /* A name in the first language is no reason to refuse anything. */
    const enum status status = find(request, user_id, group_id, ret_language);
    return status == STATUS_STOPPING ? status : STATUS_OK;
}
