/* Inside souk-picture only: pixels become the files that are shown. */
#pragma once

#include "gateway/picture/picture_decode.h"

/* One size: scaled down so that its longest side is `side` at most, turned as the camera was held,
 * without anything but pixels in it. Ends the process when that fails. */
struct picture_output picture_show(const struct picture_pixels *pixels, int side);
