/* How what is due of a payment is begun. */
#pragma once

#include "actors/host/request.h"
#include "actors/payment/payment.h"

/* Begins what is due, if anything is, in the handler's unit; the payment must still be saved. A
 * request begins one operation at most, so only who settles none may call it. Statuses: OK, those
 * of saga_begin(). */
MUST_CHECK enum status payment_begin_due(struct request *request, struct payment *payment);
/* Begins the operation whatever is due. Statuses as above. */
MUST_CHECK enum status payment_begin(struct request *request, struct payment *payment,
                                     const struct payment_due *due);
/* Sets when somebody must look at it again: at once where something is due, now and then while only
 * the shopper or the bank can go on. */
void payment_plan_look(struct request *request, struct payment *payment);
/* The same after an operation has ended that brought nothing: the next attempt waits. */
void payment_plan_look_after(struct request *request, struct payment *payment,
                             enum payment_verdict verdict, enum payment_operation ended);
/* Lets it go as payment_cancel() allows, and queues that. Statuses: those of payment_cancel(). */
MUST_CHECK enum status payment_take_back(struct request *request, struct payment *payment);
/* TOO_MANY_DECLINES where so many payments of the shopper, and cards that he would keep, were
 * refused within an hour (payment.declines_max): who tries cards out tries them elsewhere. WAITS.
 * Other statuses: OK, those of request_query(). */
MUST_CHECK enum status payment_refuse_tester(struct request *request, struct uuid user_id);
/* What the provider sees of it. */
struct payment_provider_call payment_call_of(struct request *request, const struct payment *payment,
                                             const struct payment_due *due);
/* Asks the provider how it stands, unless it is asked something already or was within the last
 * second: whoever reloads a page costs the provider nothing. WAITS. Statuses: as above, those of
 * request_query(). */
MUST_CHECK enum status payment_ask_again(struct request *request, struct payment *payment);
