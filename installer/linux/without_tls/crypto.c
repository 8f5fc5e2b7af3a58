/* Stands for the libcrypto of OpenSSL 1.0.2 that the Linux wheel of pjsua2 brings along.
 *
 * PJSIP speaks no TLS here (softphone/engine/edge does) and needs of OpenSSL digests for its answers to
 * challenges and random numbers for SRTP keys. Both come from the system's OpenSSL 3. What belongs to TLS is
 * left out: the library says so as an error, and no function that would need a TLS context can be reached.
 *
 * Symbols carry the version "libcrypto.so.10", which is what the wheel was linked against; the system's are
 * found without one.
 */

#include <stddef.h>
#include <stdio.h>

#include "left_out.h"

#define INSTEAD(name, version) __asm__(".symver own_" #name "," #name "@" version)

/* The system's OpenSSL 3, declared as its manual pages have it. */
extern void *EVP_MD_CTX_new(void);
extern void EVP_MD_CTX_free(void *context);
extern const void *EVP_get_digestbyname(const char *name);
extern int EVP_DigestInit_ex(void *context, const void *kind, void *engine);
extern int EVP_DigestUpdate(void *context, const void *bytes, size_t count);
extern int EVP_DigestFinal_ex(void *context, unsigned char *digest, unsigned int *length);
extern int RAND_bytes(unsigned char *bytes, int count);

void *own_EVP_MD_CTX_create(void) { return EVP_MD_CTX_new(); }
void own_EVP_MD_CTX_destroy(void *context) { EVP_MD_CTX_free(context); }
const void *own_EVP_get_digestbyname(const char *name) { return EVP_get_digestbyname(name); }
int own_EVP_DigestInit_ex(void *context, const void *kind, void *engine) {
    return EVP_DigestInit_ex(context, kind, engine);
}
int own_EVP_DigestUpdate(void *context, const void *bytes, size_t count) {
    return EVP_DigestUpdate(context, bytes, count);
}
int own_EVP_DigestFinal_ex(void *context, unsigned char *digest, unsigned int *length) {
    return EVP_DigestFinal_ex(context, digest, length);
}
int own_RAND_bytes(unsigned char *bytes, int count) { return RAND_bytes(bytes, count); }

INSTEAD(EVP_MD_CTX_create, "libcrypto.so.10");
INSTEAD(EVP_MD_CTX_destroy, "libcrypto.so.10");
INSTEAD(EVP_get_digestbyname, "libcrypto.so.10");
INSTEAD(EVP_DigestInit_ex, "libcrypto.so.10");
INSTEAD(EVP_DigestUpdate, "libcrypto.so.10");
INSTEAD(EVP_DigestFinal_ex, "libcrypto.so.10");
INSTEAD(RAND_bytes, "libcrypto.so.10");

/* Whoever asks why there is no TLS context hears an error, never "no error". */
#define NO_TLS 0x14000001UL /* library 20 (SSL routines), reason 1: any number but 0 */
static const char REASON[] = "TLS is left out of this PJSIP";

unsigned long own_ERR_get_error(void) { return NO_TLS; }
unsigned long own_ERR_peek_error(void) { return NO_TLS; }
void own_ERR_error_string_n(unsigned long code, char *text, size_t size) {
    (void)code;
    if (size)
        snprintf(text, size, "%s", REASON);
}
const char *own_ERR_reason_error_string(unsigned long code) { (void)code; return REASON; }
const char *own_ERR_lib_error_string(unsigned long code) { (void)code; return "TLS"; }
const char *own_ERR_func_error_string(unsigned long code) { (void)code; return ""; }

INSTEAD(ERR_get_error, "libcrypto.so.10");
INSTEAD(ERR_peek_error, "libcrypto.so.10");
INSTEAD(ERR_error_string_n, "libcrypto.so.10");
INSTEAD(ERR_reason_error_string, "libcrypto.so.10");
INSTEAD(ERR_lib_error_string, "libcrypto.so.10");
INSTEAD(ERR_func_error_string, "libcrypto.so.10");

/* Certificates, keys and locks of TLS; PJSIP hands over as many locks as OpenSSL wants: none. */
LEFT_OUT(CRYPTO_num_locks, "libcrypto.so.10");
LEFT_OUT(ASN1_INTEGER_get, "libcrypto.so.10");
LEFT_OUT(ASN1_STRING_to_UTF8, "libcrypto.so.10");
LEFT_OUT(BIO_ctrl, "libcrypto.so.10");
LEFT_OUT(BIO_free, "libcrypto.so.10");
LEFT_OUT(BIO_new, "libcrypto.so.10");
LEFT_OUT(BIO_new_file, "libcrypto.so.10");
LEFT_OUT(BIO_new_mem_buf, "libcrypto.so.10");
LEFT_OUT(BIO_s_mem, "libcrypto.so.10");
LEFT_OUT(BIO_write, "libcrypto.so.10");
LEFT_OUT(CRYPTO_THREADID_set_callback, "libcrypto.so.10");
LEFT_OUT(CRYPTO_THREADID_set_numeric, "libcrypto.so.10");
LEFT_OUT(CRYPTO_free, "libcrypto.so.10");
LEFT_OUT(CRYPTO_set_locking_callback, "libcrypto.so.10");
LEFT_OUT(DH_free, "libcrypto.so.10");
LEFT_OUT(EC_KEY_free, "OPENSSL_1.0.1_EC");
LEFT_OUT(EC_KEY_new_by_curve_name, "OPENSSL_1.0.1_EC");
LEFT_OUT(EC_curve_nid2nist, "OPENSSL_1.0.1_EC");
LEFT_OUT(ERR_clear_error, "libcrypto.so.10");
LEFT_OUT(EVP_PKEY_free, "libcrypto.so.10");
LEFT_OUT(GENERAL_NAMES_free, "libcrypto.so.10");
LEFT_OUT(OBJ_nid2sn, "libcrypto.so.10");
LEFT_OUT(PEM_X509_INFO_read_bio, "libcrypto.so.10");
LEFT_OUT(PEM_read_bio_DHparams, "libcrypto.so.10");
LEFT_OUT(PEM_read_bio_PrivateKey, "libcrypto.so.10");
LEFT_OUT(PEM_read_bio_X509, "libcrypto.so.10");
LEFT_OUT(PEM_write_bio_X509, "libcrypto.so.10");
LEFT_OUT(RAND_egd, "libcrypto.so.10");
LEFT_OUT(RAND_load_file, "libcrypto.so.10");
LEFT_OUT(X509_INFO_free, "libcrypto.so.10");
LEFT_OUT(X509_NAME_cmp, "libcrypto.so.10");
LEFT_OUT(X509_NAME_dup, "libcrypto.so.10");
LEFT_OUT(X509_NAME_free, "libcrypto.so.10");
LEFT_OUT(X509_NAME_oneline, "libcrypto.so.10");
LEFT_OUT(X509_STORE_CTX_get1_chain, "libcrypto.so.10");
LEFT_OUT(X509_STORE_CTX_get_error, "libcrypto.so.10");
LEFT_OUT(X509_STORE_CTX_get_ex_data, "libcrypto.so.10");
LEFT_OUT(X509_STORE_add_cert, "libcrypto.so.10");
LEFT_OUT(X509_STORE_set_flags, "libcrypto.so.10");
LEFT_OUT(X509_free, "libcrypto.so.10");
LEFT_OUT(X509_get_ext_d2i, "libcrypto.so.10");
LEFT_OUT(X509_get_issuer_name, "libcrypto.so.10");
LEFT_OUT(X509_get_serialNumber, "libcrypto.so.10");
LEFT_OUT(X509_get_subject_name, "libcrypto.so.10");
LEFT_OUT(sk_find, "libcrypto.so.10");
LEFT_OUT(sk_new, "libcrypto.so.10");
LEFT_OUT(sk_num, "libcrypto.so.10");
LEFT_OUT(sk_pop_free, "libcrypto.so.10");
LEFT_OUT(sk_push, "libcrypto.so.10");
LEFT_OUT(sk_value, "libcrypto.so.10");
