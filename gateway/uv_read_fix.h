/* Keeps libh2o's TLS connections alive on libuv: libh2o 2.2.5 takes libuv's "nothing to read now"
 * (nread == 0) for an input error and kills the connection, which happens when a burst exactly
 * fills its 8192-byte buffer. */
#pragma once

#include <stdbool.h>

/* True when this program's uv_read_start() is the one that drops such notices. Calling it also
 * links it in. */
bool uv_read_fix_is_linked(void);
