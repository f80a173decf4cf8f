/* How handlers of this domain refuse a field. */
#pragma once

#include "actors/host/request.h"

/* Names the field at fault; returns INVALID_VALUE. */
static inline enum status user_refuse_field(struct request *request, const char *pointer)
{
    request_add_fault(request,
                      &(struct request_fault){ .pointer = pointer, .code = STATUS_INVALID_VALUE });
    return STATUS_INVALID_VALUE;
}
