/* What a file of a picture is, by its first bytes: what a client says of it is not believed. Pure.
 */
#pragma once

#include "runtime/text.h"

enum picture_kind { PICTURE_NONE, PICTURE_JPEG, PICTURE_PNG, PICTURE_WEBP, PICTURE_GIF };

/* The kind whose signature the file begins with, or NONE. */
enum picture_kind picture_kind_of(struct text bytes);

/* How a camera was held (EXIF 2.32, tag 0x0112): 1 to 8 as told in the TIFF block, which begins
 * with its byte order; 1 when it says nothing that can be understood. */
int picture_orientation(struct text tiff);
/* The same of a PNG: of its chunk eXIf, which stands before the pixels. */
int picture_orientation_of_png(struct text png);
