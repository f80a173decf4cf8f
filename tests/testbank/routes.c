/* The table of routes. */
#include "tests/testbank/routes.h"

#include <string.h>

#include "tests/testbank/control.h"
#include "tests/testbank/events.h"
#include "tests/testbank/money.h"
#include "tests/testbank/payments.h"
#include "tests/testbank/people.h"

#define METADATA "metadata metadata[] "
#define GET(path, operation, handle, params)                                                       \
    {                                                                                              \
        "GET", path, operation, handle, params, ACCESS_KEY, true                                   \
    }
#define POST(path, operation, handle, params)                                                      \
    {                                                                                              \
        "POST", path, operation, handle, params, ACCESS_KEY, false                                 \
    }
#define DELETE(path, operation, handle)                                                            \
    {                                                                                              \
        "DELETE", path, operation, handle, "", ACCESS_KEY, false                                   \
    }
#define SEE(path, operation, handle, params)                                                       \
    {                                                                                              \
        "GET", path, operation, handle, params, ACCESS_CONTROL, true                               \
    }
#define CONTROL(path, operation, handle, params)                                                   \
    {                                                                                              \
        "POST", path, operation, handle, params, ACCESS_CONTROL, false                             \
    }

#define INTENT_FIELDS                                                                              \
    "amount customer description receipt_email transfer_group statement_descriptor_suffix "        \
    "setup_future_usage payment_method payment_method_types[] "                                    \
    "payment_method_options[card][request_three_d_secure] "                                        \
    "payment_method_options[card][request_multicapture] " METADATA

static const struct route routes[] = {
    POST("/v1/payment_intents", "payment_intents.create", intent_create,
         INTENT_FIELDS "currency capture_method confirmation_method confirm off_session return_url "
                       "automatic_payment_methods[enabled] "
                       "automatic_payment_methods[allow_redirects]"),
    GET("/v1/payment_intents", "payment_intents.list", intent_list, LIST_PARAMS "customer"),
    GET("/v1/payment_intents/search", "payment_intents.search", search_intents, "query limit"),
    GET("/v1/payment_intents/:", "payment_intents.retrieve", intent_retrieve, "client_secret"),
    POST("/v1/payment_intents/:", "payment_intents.update", intent_update, INTENT_FIELDS),
    POST("/v1/payment_intents/:/confirm", "payment_intents.confirm", intent_confirm,
         "payment_method off_session return_url setup_future_usage"),
    POST("/v1/payment_intents/:/capture", "payment_intents.capture", intent_capture,
         "amount_to_capture final_capture " METADATA),
    POST("/v1/payment_intents/:/cancel", "payment_intents.cancel", intent_cancel,
         "cancellation_reason"),
    GET("/v1/charges", "charges.list", charge_list, LIST_PARAMS "payment_intent customer"),
    GET("/v1/charges/:", "charges.retrieve", charge_retrieve, ""),
    POST("/v1/refunds", "refunds.create", refund_create,
         "charge payment_intent amount reason " METADATA),
    GET("/v1/refunds", "refunds.list", refund_list, LIST_PARAMS "charge payment_intent"),
    GET("/v1/refunds/:", "refunds.retrieve", refund_retrieve, ""),
    POST("/v1/refunds/:", "refunds.update", refund_update, METADATA),
    POST("/v1/refunds/:/cancel", "refunds.cancel", refund_cancel, ""),
    POST("/v1/customers", "customers.create", customer_create,
         "name email phone description " METADATA),
    GET("/v1/customers", "customers.list", customer_list, LIST_PARAMS "email"),
    GET("/v1/customers/:", "customers.retrieve", customer_retrieve, ""),
    POST("/v1/customers/:", "customers.update", customer_update,
         "name email phone description " METADATA),
    DELETE("/v1/customers/:", "customers.delete", customer_delete),
    GET("/v1/customers/:/payment_methods", "customers.payment_methods", customer_methods,
        LIST_PARAMS "type"),
    POST("/v1/payment_methods", "payment_methods.create", method_create,
         "type card[token] " METADATA),
    GET("/v1/payment_methods", "payment_methods.list", method_list, LIST_PARAMS "customer type"),
    GET("/v1/payment_methods/:", "payment_methods.retrieve", method_retrieve, ""),
    POST("/v1/payment_methods/:/attach", "payment_methods.attach", method_attach, "customer"),
    POST("/v1/payment_methods/:/detach", "payment_methods.detach", method_detach, ""),
    POST("/v1/setup_intents", "setup_intents.create", setup_create,
         "customer description usage payment_method return_url confirm payment_method_types[] "
         "automatic_payment_methods[enabled] "
         "automatic_payment_methods[allow_redirects] " METADATA),
    GET("/v1/setup_intents", "setup_intents.list", setup_list, LIST_PARAMS "customer"),
    GET("/v1/setup_intents/:", "setup_intents.retrieve", setup_retrieve, "client_secret"),
    POST("/v1/setup_intents/:/confirm", "setup_intents.confirm", setup_confirm,
         "payment_method return_url"),
    POST("/v1/setup_intents/:/cancel", "setup_intents.cancel", setup_cancel, "cancellation_reason"),
    GET("/v1/disputes", "disputes.list", dispute_list, LIST_PARAMS "charge payment_intent"),
    GET("/v1/disputes/:", "disputes.retrieve", dispute_retrieve, ""),
    POST("/v1/disputes/:/close", "disputes.close", dispute_close, ""),
    GET("/v1/events", "events.list", event_list, LIST_PARAMS "type types[]"),
    GET("/v1/events/:", "events.retrieve", event_retrieve, ""),
    GET("/v1/balance_transactions", "balance_transactions.list", balance_list,
        LIST_PARAMS "type source currency"),
    GET("/v1/balance_transactions/:", "balance_transactions.retrieve", balance_retrieve, ""),
    POST("/v1/webhook_endpoints", "webhook_endpoints.create", endpoint_create,
         "url description enabled_events[] api_version " METADATA),
    GET("/v1/webhook_endpoints", "webhook_endpoints.list", endpoint_list, LIST_PARAMS),
    GET("/v1/webhook_endpoints/:", "webhook_endpoints.retrieve", endpoint_retrieve, ""),
    POST("/v1/webhook_endpoints/:", "webhook_endpoints.update", endpoint_update,
         "url description enabled_events[] " METADATA),
    DELETE("/v1/webhook_endpoints/:", "webhook_endpoints.delete", endpoint_delete),

    SEE("/test/books", "test.books", control_books, ""),
    SEE("/test/methods", "test.methods", control_methods, ""),
    SEE("/test/clock", "test.clock", control_clock, ""),
    CONTROL("/test/clock/advance", "test.advance", control_advance, "seconds"),
    CONTROL("/test/events/:/deliver", "test.deliver", control_deliver, "times after_ms endpoint"),
    SEE("/test/events/:/deliveries", "test.deliveries", control_deliveries, ""),
    CONTROL("/test/deliveries/hold", "test.hold", control_hold, ""),
    CONTROL("/test/deliveries/release", "test.release", control_release, "order"),
    CONTROL("/test/charges/:/dispute", "test.dispute", control_dispute, ""),
    CONTROL("/test/disputes/:/win", "test.win", control_win, ""),
    CONTROL("/test/disputes/:/lose", "test.lose", control_lose, ""),
    CONTROL("/test/refunds/:/fail", "test.fail_refund", control_fail_refund, ""),
    CONTROL("/test/payment_intents/:/settle", "test.settle", control_settle, "outcome"),
    CONTROL("/test/webhook_endpoints/:/roll_secret", "test.roll_secret", control_roll_secret,
            "expires_in_seconds"),

    { "GET", "/3ds/:", "page.show", page_show, "", ACCESS_PAGE, true },
    { "POST", "/3ds/:", "page.submit", page_submit, "outcome", ACCESS_PAGE, false },
};

static bool path_matches(struct text path, const char *pattern, struct text *ret_id)
{
    struct text id = { .data = NULL, .length = 0 };
    size_t i = 0;
    for (; *pattern != '\0'; pattern++) {
        if (*pattern != ':') {
            if (i == path.length || path.data[i++] != *pattern) return false;
            continue;
        }
        const char *slash = memchr(path.data + i, '/', path.length - i);
        const size_t end = slash == NULL ? path.length : (size_t)(slash - path.data);
        if (end == i) return false;
        id = (struct text){ .data = path.data + i, .length = end - i };
        i = end;
    }
    if (i != path.length) return false;
    *ret_id = id;
    return true;
}

const struct route *route_find(struct text method, struct text path, struct text *ret_id)
{
    for (size_t i = 0; i < ARRAY_LENGTH(routes); i++) {
        if (!text_equals_string(method, routes[i].method)) continue;
        if (path_matches(path, routes[i].path, ret_id)) return &routes[i];
    }
    return NULL;
}

bool route_has_operation(struct text operation)
{
    for (size_t i = 0; i < ARRAY_LENGTH(routes); i++) {
        if (text_equals_string(operation, routes[i].operation)) return true;
    }
    return false;
}
