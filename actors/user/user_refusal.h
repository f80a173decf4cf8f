/* How handlers of this domain refuse a user name. */
#pragma once

#include "actors/host/request.h"
#include "actors/user/user.h"

/* Refuses what user_normalise_name() does not take; returns INVALID_VALUE. */
static inline enum status user_refuse_name(struct request *request)
{
    request_add_fault(request,
                      &(struct request_fault){
                          .pointer = "/username",
                          .code = STATUS_INVALID_VALUE,
                          .detail = TEXT("Letters, digits, dot, dash and underscore, of ASCII; not"
                                         " beginning with " USER_ERASED_LEAD "."),
                          .has_minimum = true,
                          .minimum = USER_NAME_MIN,
                          .has_maximum = true,
                          .maximum = USER_NAME_MAX });
    return STATUS_INVALID_VALUE;
}
