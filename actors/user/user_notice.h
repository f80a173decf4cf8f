/* What shoppers are told about their accounts. The events hold no address: where somebody is
 * reached is asked when the message is written (get_contacts). */
#pragma once

#include "actors/user/user_store.h"

/* Publishes a notice about the account to its owner; `ticket_id` is the one-time token that it
 * carries, or whose address it goes to; NULL: none. Statuses: those of request_publish(). */
MUST_CHECK enum status user_raise_notice(struct request *request, enum common_notice_kind kind,
                                         struct uuid user_id, const struct uuid *ticket_id);
/* The same without a ticket, and with a fact for its text. */
MUST_CHECK enum status user_raise_notice_with(struct request *request, enum common_notice_kind kind,
                                              struct uuid user_id, struct text fact_name,
                                              struct text fact_value);
/* Opens a ticket of that purpose for an address and raises the notice that carries its token.
 * Statuses: those of request_publish(). */
MUST_CHECK enum status user_send_ticket(struct request *request, enum common_notice_kind kind,
                                        enum identity_ticket_purpose purpose, struct uuid user_id,
                                        struct text email, int64_t life_us);
/* The verification of the account's own address, sent. */
MUST_CHECK enum status user_send_verification(struct request *request,
                                              const struct user_account *account);
/* The same for a new password. */
MUST_CHECK enum status user_send_reset(struct request *request, const struct user_account *account);
/* Raises a notice that goes to `email`, even when the account has another address by then, and ends
 * every open ticket of the account. */
MUST_CHECK enum status user_raise_farewell(struct request *request, enum common_notice_kind kind,
                                           struct uuid user_id, struct text email);
/* Publishes that the account's address was shown to be its owner's; the event does not hold it. */
MUST_CHECK enum status user_announce_verified(struct request *request, struct uuid user_id);
