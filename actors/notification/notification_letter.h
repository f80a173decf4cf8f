/* From a row and a contact to a finished message: template, values, link. */
#pragma once

#include "actors/notification/notification_transport.h"
#include "common_messages.h"

/* True if the contact has a good address for the channel. */
bool notification_has_address(enum notification_channel channel,
                              const struct common_contact *contact);
/* Writes a mail or text message in the language of the row, in the request's arena. Its link
 * carries the token of the row's ticket where the kind wants one. The same row and contact give the
 * same letter. */
void notification_write_letter(struct request *request, const struct notification_row *row,
                               const struct common_contact *contact,
                               struct notification_letter *ret_letter);
