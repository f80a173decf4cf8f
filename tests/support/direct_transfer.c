/* Nothing leaves a direct market; a test that wants answers has functions of its own, and then this
 * file is not linked. */
#include "tests/support/direct_request.h"

enum status request_transfer_http(struct request *request, const struct transfer_http *http,
                                  struct transfer_answer *ret_answer)
{
    (void)request;
    (void)http;
    (void)ret_answer;
    return STATUS_UNAVAILABLE;
}
