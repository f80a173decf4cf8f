/* Customers and payment methods. */
#include "tests/testbank/people.h"

#include <string.h>

#include "tests/testbank/events.h"
#include "tests/testbank/payments.h"
#include "tests/testbank/render.h"

static bool read_customer(struct call *call, struct customer *customer)
{
    return param_text(call, "name", TEXT_FIELD_MAX, &customer->name) &&
           param_text(call, "email", TEXT_FIELD_MAX, &customer->email) &&
           param_text(call, "phone", TEXT_FIELD_MAX, &customer->phone) &&
           param_text(call, "description", TEXT_FIELD_MAX, &customer->description) &&
           param_metadata(call, &customer->metadata);
}

static struct customer *find_customer(struct call *call)
{
    struct customer *customer = bank_find(call->bank, call->account, OBJECT_CUSTOMER, call->id);
    if (customer == NULL) refuse_missing(call, "customer", call->id);
    return customer;
}

/* One that was not deleted. */
static struct customer *find_present(struct call *call)
{
    struct customer *customer = find_customer(call);
    if (customer == NULL || !customer->is_deleted) return customer;
    refuse_missing(call, "customer", call->id);
    return NULL;
}

json_t *customer_create(struct call *call)
{
    struct customer wanted = { .name = NULL };
    if (!read_customer(call, &wanted)) return NULL;
    struct customer *customer =
        bank_make(call->bank, OBJECT_CUSTOMER, call->account, sizeof *customer, "cus_");
    wanted.object = customer->object;
    *customer = wanted;
    emit(call->bank, "customer.created", &customer->object);
    return render(call->bank, &customer->object);
}

json_t *customer_retrieve(struct call *call)
{
    const struct customer *customer = find_customer(call);
    return customer == NULL ? NULL : render(call->bank, &customer->object);
}

json_t *customer_update(struct call *call)
{
    struct customer *customer = find_present(call);
    if (customer == NULL) return NULL;
    struct customer wanted = *customer;
    if (!read_customer(call, &wanted)) return NULL;
    *customer = wanted;
    emit(call->bank, "customer.updated", &customer->object);
    return render(call->bank, &customer->object);
}

static bool customer_matches(const struct call *call, const struct object *object)
{
    const struct customer *customer = (const struct customer *)object;
    const struct text email = param(call, "email");
    if (customer->is_deleted) return false;
    return email.data == NULL ||
           (customer->email != NULL && text_equals_string(email, customer->email));
}

json_t *customer_list(struct call *call)
{
    return list_page(call, OBJECT_CUSTOMER, "/v1/customers", customer_matches);
}

static void detach(struct bank *bank, struct method *method)
{
    method->customer = NULL;
    emit(bank, "payment_method.detached", &method->object);
}

json_t *customer_delete(struct call *call)
{
    struct customer *customer = find_present(call);
    if (customer == NULL) return NULL;
    const struct list *methods = &call->bank->objects[OBJECT_METHOD];
    for (size_t i = 0; i < methods->count; i++) {
        struct method *method = methods->items[i];
        if (method->customer == customer) detach(call->bank, method);
    }
    emit(call->bank, "customer.deleted", &customer->object);
    customer->is_deleted = true;
    return render(call->bank, &customer->object);
}

static bool is_card(struct call *call, bool is_required)
{
    const struct text type = param(call, "type");
    if (type.data == NULL && !is_required) return true;
    if (text_equals(type, TEXT("card"))) return true;
    refuse_input(call, type.data == NULL ? "parameter_missing" : NULL, "type",
                 "This bank has payment methods of type card only.");
    return false;
}

/* Of Stripe's own test tokens tok_visa and tok_chargeDeclined; numbers are never taken. */
json_t *method_create(struct call *call)
{
    const struct text token = param(call, "card[token]");
    if (!is_card(call, true)) return NULL;
    if (!text_starts_with(token, TEXT("tok_"))) {
        return refuse_input(call, "parameter_missing", "card[token]",
                            "Give a token of a test card, such as tok_visa.");
    }
    const struct text name =
        text_format(call->arena, "pm_card_%.*s", (int)token.length - 4, token.data + 4);
    const struct behaviour *behaviour = behaviour_find(name);
    if (behaviour == NULL) {
        return refuse_input(call, "resource_missing", "card[token]", "No such token: '%s'",
                            token.data);
    }
    struct metadata metadata = { .pairs = NULL };
    if (!param_metadata(call, &metadata)) return NULL;
    struct method *method =
        bank_make(call->bank, OBJECT_METHOD, call->account, sizeof *method, "pm_");
    method->behaviour = behaviour;
    method->metadata = metadata;
    return render(call->bank, &method->object);
}

static struct method *find_method(struct call *call)
{
    struct method *method = bank_find(call->bank, call->account, OBJECT_METHOD, call->id);
    if (method == NULL) refuse_missing(call, "PaymentMethod", call->id);
    return method;
}

json_t *method_retrieve(struct call *call)
{
    const struct method *method = find_method(call);
    return method == NULL ? NULL : render(call->bank, &method->object);
}

static bool method_matches(const struct call *call, const struct object *object)
{
    const struct method *method = (const struct method *)object;
    const struct text customer = call->id.data != NULL ? call->id : param(call, "customer");
    return method->customer != NULL && text_equals_string(customer, method->customer->object.id);
}

json_t *method_list(struct call *call)
{
    if (!is_card(call, false)) return NULL;
    return list_page(call, OBJECT_METHOD, "/v1/payment_methods", method_matches);
}

json_t *customer_methods(struct call *call)
{
    if (find_present(call) == NULL || !is_card(call, false)) return NULL;
    const struct text url = text_format(call->arena, "/v1/customers/%.*s/payment_methods",
                                        (int)call->id.length, call->id.data);
    return list_page(call, OBJECT_METHOD, url.data, method_matches);
}

json_t *method_attach(struct call *call)
{
    struct customer *customer = NULL;
    if (!has_param(call, "customer")) {
        return refuse_input(call, "parameter_missing", "customer",
                            "Missing required param: customer.");
    }
    if (!param_customer(call, "customer", &customer)) return NULL;
    const struct behaviour *behaviour = behaviour_find(call->id);
    struct method *method = behaviour != NULL ? NULL : find_method(call);
    if (behaviour == NULL && method == NULL) return NULL;
    if (method != NULL && method->was_attached) {
        return refuse_state(call, method->customer == NULL ? "payment_method_unactivated" : NULL,
                            NULL, "The payment method %s was attached before.", method->object.id);
    }
    const enum payment_outcome outcome =
        behaviour != NULL ? behaviour->outcome : method->behaviour->outcome;
    if (outcome == PAYMENT_DECLINED) {
        const struct decline *decline =
            behaviour != NULL ? behaviour->decline : method->behaviour->decline;
        return refuse_card(call, decline, NULL, NULL);
    }
    if (method == NULL) {
        method = bank_make(call->bank, OBJECT_METHOD, call->account, sizeof *method, "pm_");
        method->behaviour = behaviour;
    }
    method->customer = customer;
    method->was_attached = true;
    emit(call->bank, "payment_method.attached", &method->object);
    return render(call->bank, &method->object);
}

json_t *method_detach(struct call *call)
{
    struct method *method = find_method(call);
    if (method == NULL) return NULL;
    if (method->customer == NULL) {
        return refuse_state(call, NULL, NULL, "The payment method %s is attached to nobody.",
                            method->object.id);
    }
    detach(call->bank, method);
    return render(call->bank, &method->object);
}
