/* How handlers of this domain refuse a field. */
#pragma once

#include "actors/host/request.h"

/* Adds a fault at the refused field, with a sentence on why (NULL: none); returns `code`. */
static inline enum status vendor_refuse(struct request *request, const char *pointer,
                                        enum status code, const char *detail)
{
    request_add_fault(request, &(struct request_fault){
                                   .pointer = pointer, .code = code, .detail = text_of(detail) });
    return code;
}

static inline enum status vendor_refuse_field(struct request *request, const char *pointer)
{
    return vendor_refuse(request, pointer, STATUS_INVALID_VALUE, NULL);
}
