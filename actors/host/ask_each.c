/* Asks in windows, so that neither a mailbox nor the memory of one request holds them all. */
#include "actors/host/ask_each.h"

enum { WINDOW = 16 };

static enum status ask_window(struct request *request, size_t first, size_t count,
                              ask_each_begin *begin, const void *context)
{
    assert(count <= WINDOW);
    struct request_ask *asks[WINDOW];
    enum status status = STATUS_OK;
    size_t begun = 0;
    while (begun < count && status == STATUS_OK) {
        status = begin(request, context, first + begun, &asks[begun]);
        if (status == STATUS_OK) begun++;
    }
    for (size_t i = 0; i < begun; i++) {
        const enum status ended = request_ask_end(request, &asks[i], NULL);
        if (status == STATUS_OK) status = ended;
    }
    return status;
}

enum status request_ask_each(struct request *request, size_t count, ask_each_begin *begin,
                             const void *context)
{
    assert(begin != NULL);
    enum status first = STATUS_OK;
    for (size_t i = 0; i < count && first != STATUS_STOPPING; i += WINDOW) {
        const size_t left = count - i;
        const enum status status =
            ask_window(request, i, left < WINDOW ? left : WINDOW, begin, context);
        if (status == STATUS_STOPPING || first == STATUS_OK) first = status;
    }
    return first;
}
