/* Promotions as staff and vendors make, see, change and archive them. Staff's are the market's;
 * a vendor's are its own, and another vendor's are not there for it. */
#include "actors/order/order_cursor.h"
#include "actors/order/promotion_edit_store.h"
#include "actors/order/promotion_targets.h"
#include "actors/order/redemption_store.h"
#include "order_handlers.h"

static_assert((int)ORDER_PROMOTION_WISH_ACTIVE == (int)ORDER_PROMOTION_STATUS_ACTIVE, "same order");
static_assert((int)ORDER_PROMOTION_WISH_PAUSED == (int)ORDER_PROMOTION_STATUS_PAUSED, "same order");

static enum status refuse_fault(struct request *request, const struct promotion_fault *fault)
{
    return request_refuse(request, fault->pointer, fault->code, fault->detail);
}

static enum status refuse_name(struct request *request)
{
    return request_refuse(request, "/name", STATUS_INVALID_VALUE,
                          "A name has something to read, and nothing hidden.");
}

/* ---- what holds for all of them ---- */

static enum status set_terms(struct request *request, const struct order_promotion_terms *terms,
                             struct promotion *promotion)
{
    struct promotion_fault fault;
    if (promotion_set_terms(promotion, terms, &fault) != STATUS_OK)
        return refuse_fault(request, &fault);
    return STATUS_OK;
}

static enum status set_bearer(struct request *request, enum order_promotion_bearer bearer,
                              bool has_market_ppm, int64_t market_ppm, struct promotion *promotion)
{
    struct promotion_fault fault;
    if (promotion_set_bearer(promotion, bearer, has_market_ppm, market_ppm, &fault) != STATUS_OK)
        return refuse_fault(request, &fault);
    return STATUS_OK;
}

static enum status set_code(struct request *request, struct text typed, struct promotion *promotion)
{
    char *code = arena_allocate(request_arena(request), PROMOTION_CODE_MAX);
    size_t length;
    if (!promotion_code_normalise(typed, code, &length))
        return request_refuse(request, "/code", STATUS_INVALID_VALUE,
                              "A code has 3 to 40 of the letters A to Z, digits, - and _.");
    promotion->price.needs_code = true;
    promotion->price.code = (struct text){ code, length };
    promotion->code_typed = text_trim(typed);
    return STATUS_OK;
}

static enum status check_targets(struct request *request, const struct promotion *promotion)
{
    TRY(promotion_check_groups(request, promotion));
    return promotion_check_goods(request, promotion);
}

/* Codes and numbers beside it. Who adds to an owner's promotions also moves the owner's row, so
 * that two at once do not both take the last place. */
static enum status check_company(struct request *request, const struct promotion *promotion,
                                 bool is_new, bool was_automatic)
{
    const int64_t now_us = request_now_us(request);
    struct promotion_company company;
    TRY(promotion_edit_store_look(request, promotion, &company));
    if (company.is_code_taken && promotion_may_run(promotion, now_us))
        return request_refuse(request, promotion->version == 1 ? "/code" : "", STATUS_CODE_TAKEN,
                              "A promotion that has not ended has this code.");
    if (is_new && company.kept_count >= PROMOTIONS_KEPT_MAX) return STATUS_TOO_MANY_PROMOTIONS;
    const bool takes_place = !was_automatic && promotion_is_automatic_now(promotion, now_us);
    if (takes_place && company.automatic_count >= PROMOTIONS_AUTOMATIC_MAX)
        return request_refuse(
            request, "/status", STATUS_TOO_MANY_AUTOMATIC_PROMOTIONS,
            "A cart is priced with 20 automatic promotions of one owner at most.");
    if (is_new || takes_place)
        promotion_edit_store_count(request, promotion->owner_id, company.owner_version);
    return STATUS_OK;
}

/* ---- making one ---- */

/* What both surfaces say of a new one. */
struct wish {
    struct text name;
    bool has_code;
    struct text code;
    bool has_status;
    enum order_promotion_wish status;
    const struct order_promotion_terms *terms;
};
#define WISH_OF(command)                                                                           \
    (&(struct wish){ (command)->name, (command)->has_code, (command)->code, (command)->has_status, \
                     (command)->status, &(command)->terms })

static struct promotion *new_promotion(struct request *request, struct uuid owner_id)
{
    struct promotion *promotion = arena_allocate(request_arena(request), sizeof *promotion);
    *promotion = (struct promotion){
        .owner_id = owner_id,
        .version = 1,
        .created_at_us = request_now_us(request),
        .updated_at_us = request_now_us(request),
    };
    promotion->price.id = request_new_root_id(request);
    promotion->price.period.starts_us = request_now_us(request);
    return promotion;
}

static enum status make(struct request *request, const struct wish *wish,
                        struct promotion *promotion, struct order_promotion *ret_reply)
{
    struct promotion_fault fault;
    if (!promotion_set_name(promotion, wish->name)) return refuse_name(request);
    if (wish->has_code) TRY(set_code(request, wish->code, promotion));
    if (wish->has_status) promotion->status = (enum order_promotion_status)wish->status;
    TRY(set_terms(request, wish->terms, promotion));
    if (promotion_check_new(promotion, request_now_us(request), &fault) != STATUS_OK)
        return refuse_fault(request, &fault);
    TRY(check_targets(request, promotion));
    TRY(check_company(request, promotion, true, false));
    promotion_edit_store_add(request, promotion);
    request_audit(request, "prm", promotion->price.id, (struct text){ 0 });
    promotion_describe(promotion, ret_reply);
    return STATUS_OK;
}

enum status order_handle_create_promotion(struct request *request,
                                          const struct order_create_promotion *command,
                                          struct order_promotion *ret_reply)
{
    struct promotion *promotion = new_promotion(request, (struct uuid){ 0 });
    if (command->has_vendor_id) promotion->price.vendor_id = command->vendor_id;
    TRY(set_bearer(request, command->has_bearer ? command->bearer : ORDER_PROMOTION_BEARER_MARKET,
                   command->has_market_ppm, command->market_ppm, promotion));
    if (command->has_vendor_id) TRY(promotion_check_vendor(request, command->vendor_id));
    return make(request, WISH_OF(command), promotion, ret_reply);
}

enum status order_handle_create_own_promotion(struct request *request,
                                              const struct order_create_own_promotion *command,
                                              struct order_promotion *ret_reply)
{
    struct promotion *promotion = new_promotion(request, request_principal(request)->id);
    promotion->price.vendor_id = promotion->owner_id;
    promotion->price.bearer = PRICE_BEARER_VENDOR;
    return make(request, WISH_OF(command), promotion, ret_reply);
}

/* ---- reading ---- */

static enum status read_page(struct request *request, const struct promotion_filter *filter,
                             int64_t limit, struct uuid before,
                             struct order_promotion_page *ret_page)
{
    struct promotion *promotions;
    size_t count;
    TRY(promotion_edit_store_list(request, filter, before, limit + 1, &promotions, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    struct order_promotion *data =
        arena_allocate_array(request_arena(request), count, sizeof *data);
    for (size_t i = 0; i < count; i++)
        promotion_describe(&promotions[i], &data[i]);
    *ret_page = (struct order_promotion_page){
        .data = data, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more) ret_page->next = order_cursor_write(request, data[count - 1].id);
    return STATUS_OK;
}

enum status order_handle_list_promotions(struct request *request,
                                         const struct order_list_promotions *query,
                                         struct order_promotion_page *ret_reply)
{
    const struct promotion_filter filter = {
        .has_status = query->has_status,
        .status = query->status,
        .is_markets = query->has_owner && query->owner == ORDER_PROMOTION_OWNER_MARKET,
        .is_vendors = query->has_owner && query->owner == ORDER_PROMOTION_OWNER_VENDOR,
        .has_owner = query->has_vendor,
        .owner_id = query->vendor,
    };
    struct uuid before;
    if (filter.has_owner && filter.is_markets)
        return request_refuse(request, "/vendor", STATUS_INVALID_PARAMETER,
                              "The market's promotions are no vendor's own.");
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    return read_page(request, &filter, query->has_limit ? query->limit : ORDER_PAGE_DEFAULT, before,
                     ret_reply);
}

enum status order_handle_list_own_promotions(struct request *request,
                                             const struct order_list_own_promotions *query,
                                             struct order_promotion_page *ret_reply)
{
    const struct promotion_filter filter = { .has_status = query->has_status,
                                             .status = query->status,
                                             .has_owner = true,
                                             .owner_id = request_principal(request)->id };
    struct uuid before;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    return read_page(request, &filter, query->has_limit ? query->limit : ORDER_PAGE_DEFAULT, before,
                     ret_reply);
}

enum status order_handle_get_promotion(struct request *request,
                                       const struct order_get_promotion *query,
                                       struct order_promotion *ret_reply)
{
    struct promotion promotion;
    TRY(promotion_edit_store_find(request, query->promotion_id, &promotion));
    promotion_describe(&promotion, ret_reply);
    return STATUS_OK;
}

static enum status find_own(struct request *request, struct uuid promotion_id,
                            struct promotion *ret_promotion)
{
    TRY(promotion_edit_store_find(request, promotion_id, ret_promotion));
    const struct uuid vendor_id = request_principal(request)->id;
    return uuid_equals(ret_promotion->owner_id, vendor_id) ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status order_handle_get_own_promotion(struct request *request,
                                           const struct order_get_own_promotion *query,
                                           struct order_promotion *ret_reply)
{
    struct promotion promotion;
    TRY(find_own(request, query->promotion_id, &promotion));
    promotion_describe(&promotion, ret_reply);
    return STATUS_OK;
}

/* ---- changing one ---- */

/* What was archived is over, and nobody overwrites what he has not seen. */
static enum status begin_change(struct request *request, struct versions versions,
                                struct promotion *promotion)
{
    if (!versions_have(versions, promotion->version)) return STATUS_PRECONDITION_FAILED;
    if (promotion->status == ORDER_PROMOTION_STATUS_ARCHIVED)
        return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                              "The promotion is archived: nothing can happen to it any more.");
    redemption_store_recall_counts(request, promotion);
    promotion->version++;
    promotion->updated_at_us = request_now_us(request);
    return STATUS_OK;
}

static void save(struct request *request, const struct promotion *promotion)
{
    promotion_edit_store_save(request, promotion);
    redemption_store_remember_terms(request, promotion);
}

/* What both surfaces say of a change. */
struct change {
    bool has_name;
    struct text name;
    bool has_status;
    enum order_promotion_wish status;
    const struct order_promotion_terms *terms; /* NULL: they stay */
};
#define CHANGE_OF(command)                                                                         \
    (&(struct change){ (command)->has_name, (command)->name, (command)->has_status,                \
                       (command)->status, (command)->has_terms ? &(command)->terms : NULL })

static bool wants_change(const struct change *wanted)
{
    return wanted->has_name || wanted->has_status || wanted->terms != NULL;
}

static enum status change(struct request *request, const struct change *wanted, bool was_automatic,
                          struct promotion *promotion, struct order_promotion *ret_reply)
{
    if (wanted->has_name && !promotion_set_name(promotion, wanted->name))
        return refuse_name(request);
    if (wanted->has_status) promotion->status = (enum order_promotion_status)wanted->status;
    if (wanted->terms != NULL) {
        TRY(set_terms(request, wanted->terms, promotion));
        TRY(check_targets(request, promotion));
    }
    TRY(check_company(request, promotion, false, was_automatic));
    save(request, promotion);
    promotion_describe(promotion, ret_reply);
    return STATUS_OK;
}

enum status order_handle_change_promotion(struct request *request,
                                          const struct order_change_promotion *command,
                                          struct order_promotion *ret_reply)
{
    struct promotion promotion;
    TRY(promotion_edit_store_find(request, command->promotion_id, &promotion));
    if (!uuid_is_zero(promotion.owner_id))
        return request_refuse(request, "", STATUS_FORBIDDEN,
                              "It is the vendor's to change; staff may archive it.");
    const bool was_automatic = promotion_is_automatic_now(&promotion, request_now_us(request));
    const bool wants_bearer = command->has_bearer || command->has_market_ppm;
    promotion_describe(&promotion, ret_reply);
    TRY(begin_change(request, VERSIONS_OF(command), &promotion));
    if (!wants_bearer && !wants_change(CHANGE_OF(command))) return STATUS_OK;
    const enum order_promotion_bearer bearer =
        command->has_bearer ? command->bearer : (enum order_promotion_bearer)promotion.price.bearer;
    if (wants_bearer)
        TRY(set_bearer(request, bearer, command->has_market_ppm, command->market_ppm, &promotion));
    return change(request, CHANGE_OF(command), was_automatic, &promotion, ret_reply);
}

enum status order_handle_change_own_promotion(struct request *request,
                                              const struct order_change_own_promotion *command,
                                              struct order_promotion *ret_reply)
{
    struct promotion promotion;
    TRY(find_own(request, command->promotion_id, &promotion));
    const bool was_automatic = promotion_is_automatic_now(&promotion, request_now_us(request));
    promotion_describe(&promotion, ret_reply);
    TRY(begin_change(request, VERSIONS_OF(command), &promotion));
    if (!wants_change(CHANGE_OF(command))) return STATUS_OK;
    return change(request, CHANGE_OF(command), was_automatic, &promotion, ret_reply);
}

static enum status archive(struct request *request, struct versions versions,
                           struct promotion *promotion)
{
    TRY(begin_change(request, versions, promotion));
    promotion->status = ORDER_PROMOTION_STATUS_ARCHIVED;
    save(request, promotion);
    return STATUS_OK;
}

enum status order_handle_archive_promotion(struct request *request,
                                           const struct order_archive_promotion *command)
{
    struct promotion promotion;
    TRY(promotion_edit_store_find(request, command->promotion_id, &promotion));
    return archive(request, VERSIONS_OF(command), &promotion);
}

enum status order_handle_archive_own_promotion(struct request *request,
                                               const struct order_archive_own_promotion *command)
{
    struct promotion promotion;
    TRY(find_own(request, command->promotion_id, &promotion));
    return archive(request, VERSIONS_OF(command), &promotion);
}
