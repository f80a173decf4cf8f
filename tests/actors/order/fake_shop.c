/* The other side of a checkout, as a script. */
#include "tests/actors/order/fake_shop.h"

#include "actors/host/faults.h"
#include "admin_messages.h"
#include "books_messages.h"
#include "messages/codec_msgpack.h"
#include "vendor_messages.h"

int64_t account_available(const struct account *account)
{
    int64_t available = account->amount;
    for (size_t i = 0; i < account->marks_count; i++)
        if (account->marks[i].state == MARK_HELD) available -= account->marks[i].amount;
    return available;
}

static size_t find_mark(const struct account *account, struct uuid id)
{
    size_t i = 0;
    while (i < account->marks_count && !uuid_equals(account->marks[i].id, id))
        i++;
    return i;
}

static void add_mark(struct account *account, struct uuid id, int64_t amount, enum mark_state state)
{
    assert(account->marks_count < SHOP_MARKS_MAX);
    const size_t i = account->marks_count++;
    account->marks[i].id = id;
    account->marks[i].amount = amount;
    account->marks[i].state = state;
}

static enum status set_aside(struct account *account, struct uuid id, int64_t amount,
                             enum status when_released, enum status when_short)
{
    const size_t i = find_mark(account, id);
    if (i < account->marks_count)
        return account->marks[i].state == MARK_RELEASED ? when_released : STATUS_OK;
    if (amount > account_available(account)) return when_short;
    add_mark(account, id, amount, MARK_HELD);
    return STATUS_OK;
}

static enum status give_back(struct account *account, struct uuid id)
{
    const size_t i = find_mark(account, id);
    if (i == account->marks_count)
        add_mark(account, id, 0, MARK_RELEASED);
    else if (account->marks[i].state == MARK_HELD)
        account->marks[i].state = MARK_RELEASED;
    return STATUS_OK;
}

static enum status debit(struct account *account, struct uuid id, enum status when_released)
{
    const size_t i = find_mark(account, id);
    if (i == account->marks_count) return STATUS_NOT_FOUND;
    if (account->marks[i].state == MARK_RELEASED) return when_released;
    if (account->marks[i].state == MARK_HELD) account->amount -= account->marks[i].amount;
    account->marks[i].state = MARK_TAKEN;
    return STATUS_OK;
}

static struct shop_variant *find_variant(struct shop *shop, struct uuid id)
{
    for (size_t i = 0; i < shop->variants_count; i++)
        if (uuid_equals(shop->variants[i].id, id)) return &shop->variants[i];
    return NULL;
}

static const struct text_pair shop_options[] = {
    { TEXT("Size"), TEXT("L") }, { TEXT("Colour"), TEXT("Gr\xc3\xbcn, \"hell\"") }
};

/* Of a bundle there are as many as of its scarcest part. */
static int64_t available_of(struct shop *shop, const struct shop_variant *variant)
{
    int64_t available = variant->parts_count > 0 ? INT64_MAX : account_available(&variant->stock);
    for (size_t i = 0; i < variant->parts_count; i++) {
        const struct shop_variant *part = find_variant(shop, variant->parts[i].variant_id);
        const int64_t times = account_available(&part->stock) / variant->parts[i].quantity;
        if (times < available) available = times;
    }
    return available;
}

static const struct catalog_bundle_part *
parts_of(struct shop *shop, const struct shop_variant *variant, struct arena *arena)
{
    struct catalog_bundle_part *parts =
        arena_copy(arena, variant->parts, variant->parts_count * sizeof *parts);
    for (size_t i = 0; i < variant->parts_count; i++) {
        const struct shop_variant *part = find_variant(shop, parts[i].variant_id);
        parts[i].product_id = part->product_id;
        parts[i].name = text_of(part->name);
        parts[i].available = account_available(&part->stock);
    }
    return parts;
}

/* Units that can be sent now. */
static int64_t ready_of(const struct shop_variant *variant)
{
    const int64_t ready = account_available(&variant->stock) - variant->ahead;
    return ready > 0 && variant->available_on_us == 0 ? ready : 0;
}

static enum status answer_offers(struct shop *shop, const struct catalog_get_offers *query,
                                 struct arena *arena, struct catalog_offers *reply)
{
    struct catalog_offer *offers =
        arena_allocate_array(arena, query->variant_ids_count, sizeof *offers);
    for (size_t i = 0; i < query->variant_ids_count; i++) {
        const struct shop_variant *variant = find_variant(shop, query->variant_ids[i]);
        if (variant == NULL) continue;
        const bool is_honest = variant->shown_available < 0;
        const char *currency = variant->currency == NULL ? "EUR" : variant->currency;
        struct catalog_group_price *price = arena_allocate(arena, sizeof *price);
        *price = (struct catalog_group_price){ .list_id = variant->list_id,
                                               .group_id = variant->group_id,
                                               .from_quantity = 1,
                                               .unit_price =
                                                   money_make(variant->group_price, currency) };
        offers[reply->offers_count++] = (struct catalog_offer){
            .group_prices = price,
            .group_prices_count = uuid_is_zero(variant->group_id) ? 0 : 1,
            .variant_id = variant->id,
            .product_id = variant->product_id,
            .vendor_id = variant->vendor_id,
            .vendor_name = text_of(variant->vendor_name),
            .name = text_of(variant->name),
            .has_slug = true,
            .slug = TEXT("a-slug"),
            .has_image = true,
            .image = TEXT("https://cdn.example/1.jpg"),
            .options = shop_options,
            .options_count = ARRAY_LENGTH(shop_options),
            .has_sku = true,
            .sku = TEXT("SKU-1"),
            .has_price = text_equals_string(query->currency, currency),
            .price = money_make(variant->price, currency),
            .available = is_honest ? available_of(shop, variant) : variant->shown_available,
            .has_ready = variant->ahead > 0,
            .ready = ready_of(variant),
            .has_available_on = variant->available_on_us > 0,
            .available_on_us = variant->available_on_us,
            .parts = parts_of(shop, variant, arena),
            .parts_count = variant->parts_count,
            .is_listed = !variant->is_hidden,
            .is_vendor_open = !variant->is_vendor_closed,
        };
    }
    reply->offers = offers;
    return STATUS_OK;
}

/* Of what is sold ahead, too, the account has units that are not there. */
static enum status answer_owed(struct shop *shop, const struct catalog_find_owed *query,
                               struct arena *arena, struct catalog_owed_goods *reply)
{
    struct catalog_owed_units *owed =
        arena_allocate_array(arena, query->variant_ids_count, sizeof *owed);
    for (size_t i = 0; i < query->variant_ids_count; i++) {
        const struct shop_variant *variant = find_variant(shop, query->variant_ids[i]);
        if (variant == NULL) continue;
        const int64_t units = variant->ahead - account_available(&variant->stock);
        owed[reply->data_count++] = (struct catalog_owed_units){
            .variant_id = variant->id,
            .units = units > 0 ? units : 0,
            .version = shop->moves_asked++ < shop->moves ? (int64_t)shop->moves_asked : 0
        };
    }
    reply->data = owed;
    return STATUS_OK;
}

static enum status answer_reserve(struct shop *shop, const struct catalog_reserve_stock *command,
                                  struct arena *arena, struct envelope *reply)
{
    struct shop_variant *variant = find_variant(shop, command->variant_id);
    if (variant == NULL) return STATUS_NOT_FOUND;
    const enum status status =
        set_aside(&variant->stock, command->reservation_id, command->quantity,
                  STATUS_RESERVATION_RELEASED, STATUS_INSUFFICIENT_STOCK);
    const struct request_fault fault = { .pointer = "/quantity",
                                         .code = status,
                                         .has_amounts = true,
                                         .requested = command->quantity,
                                         .available = account_available(&variant->stock) };
    if (status == STATUS_INSUFFICIENT_STOCK) reply->body = faults_encode(arena, &fault, 1);
    return status;
}

static const struct uuid no_variant;

/* True the first time: what goes back goes back once. */
static bool is_new(struct shop *shop, struct uuid id, struct uuid variant_id)
{
    for (size_t i = 0; i < shop->backs_count; i++)
        if (uuid_equals(shop->backs[i], id) && uuid_equals(shop->backs_of[i], variant_id))
            return false;
    assert(shop->backs_count < SHOP_MARKS_MAX);
    shop->backs_of[shop->backs_count] = variant_id;
    shop->backs[shop->backs_count++] = id;
    return true;
}

/* As the ledger does, it gives back no more of a purchase than it was. */
static enum status answer_refund(struct shop *shop, const struct wallet_refund_purchase *command)
{
    struct account *wallet = &shop->wallet;
    size_t place = 0;
    assert(uuid_equals(command->wallet_id, shop->user_id));
    while (place < wallet->marks_count && !uuid_equals(wallet->marks[place].id, command->hold_id))
        place++;
    if (place == wallet->marks_count || wallet->marks[place].state != MARK_TAKEN)
        return STATUS_HOLD_NOT_POSTED;
    for (size_t i = 0; i < shop->backs_count; i++)
        if (uuid_equals(shop->backs[i], command->refund_id)) return STATUS_OK;
    if (wallet->marks[place].given_back + command->amount.amount > wallet->marks[place].amount)
        return STATUS_REFUND_EXCEEDS_PURCHASE;
    wallet->marks[place].given_back += command->amount.amount;
    assert(is_new(shop, command->refund_id, no_variant));
    wallet->amount += command->amount.amount;
    return STATUS_OK;
}

static bool was_moved(const struct shop *shop, struct uuid id, struct uuid of)
{
    for (size_t i = 0; i < shop->backs_count; i++)
        if (uuid_equals(shop->backs[i], id) && uuid_equals(shop->backs_of[i], of)) return true;
    return false;
}

/* Into the wallet, once by its id; the market's own leg is as much less. Without the wallet the id
 * is only used up. */
static enum status answer_transfer(struct shop *shop, const struct wallet_transfer_funds *command)
{
    static const struct uuid called_off = { { 0xca } };
    assert(uuid_equals(command->wallet_id, shop->user_id));
    if (was_moved(shop, command->transfer_id, command->has_amount ? called_off : no_variant))
        return STATUS_ILLEGAL_TRANSITION;
    if (!command->has_amount) {
        assert(command->legs_count == 2);
        assert(command->legs[0].amount.amount == -command->legs[1].amount.amount);
        (void)is_new(shop, command->transfer_id, called_off);
        return STATUS_OK;
    }
    assert(command->legs_count == 1);
    assert(command->legs[0].amount.amount == -command->amount.amount);
    if (is_new(shop, command->transfer_id, no_variant))
        shop->wallet.amount += command->amount.amount;
    return STATUS_OK;
}

static int64_t left_of(const struct shop_cards *cards)
{
    const int64_t left = cards->captured - cards->given_back - cards->outside - cards->disputed;
    return left > 0 ? left : 0;
}

/* As the payment's owner does, it never gives back more than was captured, and a refund once. */
static enum status answer_give_back(struct shop *shop, const struct payment_give_back *command,
                                    struct payment_refund *answer)
{
    struct shop_cards *cards = &shop->cards;
    size_t place = 0;
    cards->asked++;
    while (place < cards->refunds_count &&
           !uuid_equals(cards->refunds[place].id, command->refund_id))
        place++;
    if (place == cards->refunds_count) {
        if (cards->is_not_captured || command->amount.amount > left_of(cards))
            return STATUS_REFUND_EXCEEDS_CAPTURED;
        assert(place < SHOP_CARD_REFUNDS_MAX);
        cards->refunds[place].id = command->refund_id;
        cards->refunds[place].amount = command->amount.amount;
        cards->refunds[place].state = PAYMENT_REFUND_STATE_REQUESTED;
        cards->given_back += command->amount.amount;
        cards->refunds_count++;
    } else if (cards->refunds[place].state < PAYMENT_REFUND_STATE_SUCCEEDED) {
        cards->refunds[place].state = cards->becomes;
        if (cards->becomes == PAYMENT_REFUND_STATE_FAILED)
            cards->given_back -= cards->refunds[place].amount;
    }
    if (cards->refunds[place].amount != command->amount.amount) return STATUS_REFUND_DIFFERS;
    *answer = (struct payment_refund){
        .id = command->refund_id,
        .amount = command->amount,
        .state = cards->refunds[place].state,
        .code = cards->refunds[place].state == PAYMENT_REFUND_STATE_FAILED ? text_of(cards->code)
                                                                           : TEXT(""),
        .remaining = money_make(cards->captured - cards->given_back, command->amount.currency),
    };
    return STATUS_OK;
}

static void answer_standing(const struct shop *shop, const struct payment_get_standing *query,
                            struct payment_payment *answer)
{
    const bool is_captured = !shop->cards.is_not_captured;
    *answer = (struct payment_payment){
        .id = query->payment_id,
        .status = is_captured ? PAYMENT_STATUS_CAPTURED : PAYMENT_STATUS_AUTHORISED,
        .amount = money_make(shop->cards.captured > 0 ? shop->cards.captured : 1, "EUR"),
        .authorised = money_make(shop->cards.captured, "EUR"),
        .captured = money_make(is_captured ? shop->cards.captured : 0, "EUR"),
        .refunded = money_make(0, "EUR"),
        .has_left = true,
        .left = money_make(is_captured ? left_of(&shop->cards) : 0, "EUR"),
    };
}

static void answer_book(const struct shop *shop, const struct books_get_card_book *query,
                        struct arena *arena, struct common_card_books *answer)
{
    struct common_card_book *book = arena_allocate(arena, sizeof *book);
    const struct shop_cards *cards = &shop->cards;
    int64_t refunded = cards->outside;
    for (size_t i = 0; i < cards->refunds_count; i++)
        if (cards->refunds[i].state == PAYMENT_REFUND_STATE_SUCCEEDED)
            refunded += cards->refunds[i].amount;
    *book = (struct common_card_book){ .id = query->payment_id,
                                       .currency = TEXT("EUR"),
                                       .captured = shop->cards.captured,
                                       .refunded = refunded,
                                       .disputed = shop->cards.disputed,
                                       .has_lost = true,
                                       .lost = shop->cards.lost };
    *answer = (struct common_card_books){ .books = book, .books_count = 1 };
}

static enum status answer_restock(struct shop *shop, const struct catalog_restock_units *command)
{
    struct shop_variant *variant = find_variant(shop, command->variant_id);
    if (variant == NULL) return STATUS_NOT_FOUND;
    if (is_new(shop, command->restock_id, command->variant_id))
        variant->stock.amount += command->quantity;
    return STATUS_OK;
}

/* The reply struct is zeroed; what commands answer is not looked at by a checkout. */
static enum status handle(struct shop *shop, const struct message *message, const void *body,
                          struct arena *arena, struct envelope *reply, void *answer)
{
    if (message == &catalog_get_offers_message) return answer_offers(shop, body, arena, answer);
    if (message == &catalog_find_owed_message) return answer_owed(shop, body, arena, answer);
    if (message == &catalog_find_stock_sources_message) return STATUS_OK; /* no locations */
    if (message == &vendor_get_terms_message) return STATUS_OK; /* all send by arrangement */
    if (message == &catalog_reserve_stock_message) return answer_reserve(shop, body, arena, reply);
    if (message == &catalog_release_stock_message) {
        const struct catalog_release_stock *command = body;
        return give_back(&find_variant(shop, command->variant_id)->stock, command->reservation_id);
    }
    if (message == &catalog_commit_stock_message) {
        const struct catalog_commit_stock *command = body;
        return debit(&find_variant(shop, command->variant_id)->stock, command->reservation_id,
                     STATUS_RESERVATION_RELEASED);
    }
    if (message == &wallet_hold_funds_message) {
        const struct wallet_hold_funds *command = body;
        assert(uuid_equals(command->wallet_id, shop->user_id));
        ((struct wallet_funds_held *)answer)->available = money_make(0, "EUR");
        return set_aside(&shop->wallet, command->hold_id, command->amount.amount,
                         STATUS_HOLD_VOIDED, STATUS_INSUFFICIENT_FUNDS);
    }
    if (message == &user_get_shopper_standing_message) {
        *(struct user_shopper_standing *)answer = (struct user_shopper_standing){
            .is_active = !shop->is_shopper_blocked,
            .is_email_verified = shop->verified_email != NULL,
            .has_email = shop->verified_email != NULL,
            .email = shop->verified_email == NULL ? TEXT("") : text_of(shop->verified_email),
        };
        return STATUS_OK;
    }
    if (message == &admin_get_staff_rights_message) {
        const struct admin_get_staff_rights *query = body;
        *(struct admin_staff_rights *)answer = (struct admin_staff_rights){
            .rights = uuid_equals(query->staff_id, shop->demoted_id) ? 0 : INT64_MAX
        };
        return STATUS_OK;
    }
    if (message == &wallet_transfer_funds_message) return answer_transfer(shop, body);
    if (message == &payment_give_back_message) return answer_give_back(shop, body, answer);
    if (message == &payment_get_standing_message && !shop->card.is_there &&
        shop->cards.captured > 0) {
        answer_standing(shop, body, answer);
        return STATUS_OK;
    }
    if (message == &payment_get_card_book_message) {
        answer_book(shop, body, arena, answer);
        return STATUS_OK;
    }
    if (message->domain == DOMAIN_PAYMENT) return card_answer(&shop->card, message, body, answer);
    if (message == &wallet_refund_purchase_message) return answer_refund(shop, body);
    if (message == &catalog_restock_units_message) return answer_restock(shop, body);
    if (message == &wallet_void_hold_message)
        return give_back(&shop->wallet, ((const struct wallet_void_hold *)body)->hold_id);
    assert(message == &wallet_post_hold_message);
    return debit(&shop->wallet, ((const struct wallet_post_hold *)body)->hold_id,
                 STATUS_HOLD_VOIDED);
}

void shop_fail(struct shop *shop, struct shop_failure failure)
{
    assert(shop->failures_count < SHOP_FAILURES_MAX);
    shop->failures[shop->failures_count++] = failure;
}

/* The failure whose turn it is, or NULL. */
static const struct shop_failure *next_failure(struct shop *shop, const struct message *message)
{
    for (size_t i = 0; i < shop->failures_count; i++) {
        struct shop_failure *failure = &shop->failures[i];
        if (failure->message != message) continue;
        if (failure->skip > 0) {
            failure->skip--;
            continue;
        }
        if (failure->times == 0) continue;
        failure->times--;
        shop->market_offset_us += failure->advance_us;
        return failure;
    }
    return NULL;
}

enum status shop_answer(void *context, const struct envelope *request, struct arena *arena,
                        struct envelope *ret_reply)
{
    struct shop *shop = context;
    const struct message *message = message_find(request->number);
    *ret_reply = (struct envelope){ .kind = ENVELOPE_REPLY, .number = request->number };
    const struct shop_failure *failure = next_failure(shop, message);
    if (failure != NULL && !failure->is_answer_lost) {
        ret_reply->status = failure->status;
        if (failure->status != STATUS_OK) return STATUS_OK;
    }
    void *body = arena_allocate(arena, message->body->size);
    TRY(msgpack_decode(message->body, request->body, arena, body));
    void *answer = arena_allocate(arena, message->reply->size);
    ret_reply->status = handle(shop, message, body, arena, ret_reply, answer);
    if (ret_reply->status == STATUS_OK && message->reply != &empty_schema)
        TRY(msgpack_encode(message->reply, answer, arena, ENVELOPE_BODY_MAX, &ret_reply->body));
    return failure != NULL && failure->is_answer_lost ? STATUS_DEADLINE_EXCEEDED : STATUS_OK;
}
