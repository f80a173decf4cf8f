/* A call of the provider, from its first attempt to its end. */
#include "actors/payment/provider_saga.h"

#include "payment_messages.h"

/* The call and what it brought are one step, the pivot, and its only one: what was heard lies in
 * the memory of this attempt, and after a restart the provider answers the same key what it
 * answered then. Nothing is undone: what a provider did is undone by another operation. */
static enum status call(struct saga *saga, void *data)
{
    enum { CALL, RECORD };
    const struct payment_provider_call *what = data;
    const struct payment_call_provider command = { .operation_id = what->operation_id,
                                                   .call = *what };
    struct payment_called called;
    TRY(saga_ask(saga, CALL, &payment_call_provider_message, &command, &called));
    const struct payment_record_call said = { .payment_id = what->payment_id,
                                              .operation_id = what->operation_id,
                                              .has_operation = true,
                                              .operation = what->operation,
                                              .verdict = called.verdict,
                                              .has_reference = what->reference.length > 0,
                                              .reference = what->reference,
                                              .news = called.news };
    return saga_ask(saga, RECORD, &payment_record_call_message, &said, NULL);
}

/* The pivot is tried until it is done, so this is never reached. */
static enum status end_undone(struct saga *saga, void *data, enum status refusal)
{
    (void)saga;
    (void)data;
    return refusal;
}

static const struct saga_step steps[] = {
    { .name = "call", .stage = 1, .act = call, .is_pivot = true },
};

const struct saga_kind provider_saga = {
    .name = "provider",
    .version = 1,
    .data = &payment_provider_call_schema,
    .steps = steps,
    .steps_count = ARRAY_LENGTH(steps),
    .end_undone = end_undone,
};
