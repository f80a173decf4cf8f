/* What a decoder of pictures writes, and the first bytes of what strangers upload. */
#include <stdlib.h>

#include "gateway/picture/picture_frame.h"
#include "gateway/picture/picture_kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text bytes = { (const char *)data, size };
    struct picture_frame frame;
    const int turned = picture_orientation(bytes), png = picture_orientation_of_png(bytes);
    if (turned < 1 || turned > 8 || png < 1 || png > 8) abort();
    (void)picture_kind_of(bytes);
    if (picture_frame_read(bytes, &frame) != STATUS_OK) return 0;
    size_t total = PICTURE_FRAME_HEAD;
    for (size_t i = 0; i < PICTURE_SIZES; i++) {
        const struct picture_output *output = &frame.outputs[i];
        if (output->width > picture_sizes[i] || output->height > picture_sizes[i]) abort();
        if (picture_kind_of(output->webp) != PICTURE_WEBP) abort();
        total += PICTURE_OUTPUT_HEAD + output->webp.length;
    }
    if (total != size) abort();
    return 0;
}
