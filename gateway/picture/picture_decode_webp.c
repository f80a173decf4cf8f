/* WebP by libwebp; of an animation the first frame, where it stands on its canvas. */
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include "gateway/picture/picture_decode.h"
#include "gateway/picture/picture_kind.h"

static int orientation_of(const WebPDemuxer *demuxer)
{
    WebPChunkIterator chunk;
    int orientation = 1;
    if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk) != 0) {
        struct text tiff = { (const char *)chunk.chunk.bytes, chunk.chunk.size };
        /* Some writers put before it what stands before it in a JPEG. */
        if (text_starts_with(tiff, TEXT("Exif\0\0")))
            tiff = (struct text){ tiff.data + 6, tiff.length - 6 };
        orientation = picture_orientation(tiff);
    }
    WebPDemuxReleaseChunkIterator(&chunk);
    return orientation;
}

struct picture_pixels picture_decode_webp(struct text bytes)
{
    const WebPData data = { (const uint8_t *)bytes.data, bytes.length };
    WebPDemuxer *demuxer = WebPDemux(&data);
    if (demuxer == NULL) picture_end(PICTURE_END_BROKEN);
    struct picture_pixels pixels = {
        .width = (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH),
        .height = (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT),
        .orientation = orientation_of(demuxer),
    };
    pixels.full_width = pixels.width;
    pixels.full_height = pixels.height;
    pixels.rgba = picture_allocate(pixels.width, pixels.height);
    WebPIterator frame;
    if (WebPDemuxGetFrame(demuxer, 1, &frame) == 0) picture_end(PICTURE_END_BROKEN);
    if (frame.x_offset < 0 || frame.y_offset < 0 || frame.width < 1 || frame.height < 1 ||
        frame.x_offset > pixels.width - frame.width ||
        frame.y_offset > pixels.height - frame.height)
        picture_end(PICTURE_END_BROKEN);
    const size_t stride = (size_t)pixels.width * 4;
    const size_t skipped = (size_t)frame.y_offset * stride + (size_t)frame.x_offset * 4;
    const size_t left = stride * (size_t)pixels.height - skipped;
    if (WebPDecodeRGBAInto(frame.fragment.bytes, frame.fragment.size, pixels.rgba + skipped, left,
                           (int)stride) == NULL)
        picture_end(PICTURE_END_BROKEN);
    WebPDemuxReleaseIterator(&frame);
    WebPDemuxDelete(demuxer);
    return pixels;
}
