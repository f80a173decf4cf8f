/* How handlers of this domain refuse a field. */
#pragma once

#include "actors/host/request.h"

/* Adds a fault at the place of the refused value; returns `status`. */
static inline enum status user_refuse(struct request *request, const char *pointer,
                                      enum status status)
{
    request_add_fault(request, &(struct request_fault){ .pointer = pointer, .code = status });
    return status;
}

/* Names the field at fault; returns INVALID_VALUE. */
static inline enum status user_refuse_field(struct request *request, const char *pointer)
{
    return user_refuse(request, pointer, STATUS_INVALID_VALUE);
}
