/* How handlers of this domain refuse a field. */
#pragma once

#include "actors/host/request.h"

/* Says where somebody else's value stands; returns `status`. */
static inline enum status user_refuse_taken(struct request *request, const char *pointer,
                                            enum status status)
{
    request_add_fault(request, &(struct request_fault){ .pointer = pointer, .code = status });
    return status;
}

/* Names the field at fault; returns INVALID_VALUE. */
static inline enum status user_refuse_field(struct request *request, const char *pointer)
{
    request_add_fault(request,
                      &(struct request_fault){ .pointer = pointer, .code = STATUS_INVALID_VALUE });
    return STATUS_INVALID_VALUE;
}
