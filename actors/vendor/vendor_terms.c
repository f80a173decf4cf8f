/* On which terms vendors sell and send, for carts. */
#include "actors/vendor/vendor_terms_store.h"
#include "vendor_handlers.h"

enum status vendor_handle_get_terms(struct request *request, const struct vendor_get_terms *query,
                                    struct vendor_many_terms *ret_reply)
{
    if (query->vendor_ids_count == 0) return STATUS_OK;
    return vendor_terms_load(request, query, ret_reply);
}
