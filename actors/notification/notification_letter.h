/* From a row and a contact to a finished message. */
#pragma once

#include "actors/notification/notification_transport.h"
#include "common_messages.h"

/* True if the person can be reached by the row's channel. */
bool notification_has_address(enum notification_channel channel,
                              const struct common_contact *contact);
/* Writes a mail or text message, with the token of the row's ticket, in the request's arena. */
void notification_write_letter(struct request *request, const struct notification_row *row,
                               const struct common_contact *contact,
                               struct notification_letter *ret_letter);
