/* GET /media/<digest>/<size>.webp: pictures that everybody may see, which never change. */
#pragma once

#include "gateway/exchange.h"

#define MEDIA_PATH "/media/"

/* Answers, or reads the file and answers later (media_answer()). */
void media_begin(struct exchange *exchange);
/* The file has been read, or not. The exchange may be gone afterwards. */
void media_answer(struct exchange *exchange);
