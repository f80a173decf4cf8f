/* The TLS side of the gateway: at least TLS 1.2, keys are agreed on by X25519 or P-256 only, ALPN
 * h2 and http/1.1, no early data (a request in it could be replayed). */
#pragma once

#include <openssl/ssl.h>

#include "runtime/base.h"

/* Makes a server context from PEM files with a certificate chain and its key; the caller frees it
 * with SSL_CTX_free(). Statuses: OK, NOT_FOUND (a file cannot be read), CORRUPT (not a certificate
 * and its key). */
MUST_CHECK enum status tls_context_new(const char *certificate_path, const char *key_path,
                                       SSL_CTX **ret_context);
/* Makes a self-signed EC P-256 certificate for localhost, 127.0.0.1 and ::1, unless both files are
 * there and fit each other; what does not fit is kept beside them as `.unfit`. Of several processes
 * one makes it and the others find it: they wait for up to 5 s (a lock of the keys' folder, which
 * must not be the root). The files get mode 0600; `serial` is random. Statuses: OK, UNAVAILABLE
 * (cannot write or lock). */
MUST_CHECK enum status tls_certificate_make(const char *certificate_path, const char *key_path,
                                            uint64_t serial);
