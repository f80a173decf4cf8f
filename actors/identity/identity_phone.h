/* Telephones that are proved: a code that was sent to a number came back from the person who gave
 * it. Nothing else is sent to a number before. */
#pragma once

#include "actors/host/request.h"

/* For a SELECT of a domain: whether the number in one column is proved to be of the person whose id
 * is in another. */
#define IDENTITY_PHONE_IS_PROVED_SQL(person_id, phone)                                             \
    "EXISTS (SELECT 1 FROM identity.phone p WHERE p.person_id = " person_id                        \
    " AND p.phone = " phone ")"

/* WAITS; statuses of request_query(). */
MUST_CHECK enum status identity_phone_is_proved(struct request *request, struct uuid person_id,
                                                struct text phone, bool *ret_is_proved);
/* Queues that a number is proved, in place of the person's last one. */
void identity_phone_save(struct request *request, struct uuid person_id, struct text phone);
/* Queues that the person has proved none. */
void identity_phone_forget(struct request *request, struct uuid person_id);
