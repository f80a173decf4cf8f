/* Faults of the catalogue. */
#include "actors/catalog/catalog_refusal.h"

enum status catalog_refuse_text(struct request *request, struct text pointer, enum status status,
                                struct text detail)
{
    const struct request_fault fault = { .pointer = text_string(request_arena(request), pointer),
                                         .code = status,
                                         .detail = detail };
    request_add_fault(request, &fault);
    return status;
}

enum status catalog_refuse(struct request *request, const char *pointer, enum status status,
                           const char *detail)
{
    return catalog_refuse_text(request, text_of(pointer), status, text_of(detail));
}
