/* Any bytes may arrive on a link: frames, then the bodies that the runtime itself reads. */
#include "runtime/envelope.h"
#include "runtime/members.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct members members;
    const struct text frame = { (const char *)data, size };
    struct frame_reader reader;
    struct frame_header header;
    struct envelope envelope;
    enum status status = frame_open(frame, &reader, &header);
    while (status == STATUS_OK) {
        status = frame_next(&reader, &envelope);
        if (status == STATUS_OK) {
            struct member member;
            (void)member_decode(envelope.body, &member);
            (void)members_decode(envelope.body, &members);
        }
    }
    return 0;
}
