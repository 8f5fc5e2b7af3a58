/* Stands for the libssl of OpenSSL 1.0.2 that the Linux wheel of pjsua2 brings along: see crypto.c.
 *
 * There is no TLS: whoever wants a context gets none, and the error that crypto.c tells. What PJSIP does not
 * expect to be refused (it would end the process) is empty memory instead, which leads nowhere.
 */

#include "left_out.h"

/* PJSIP looks into a session of 1.0.2 itself for the curves it knows: it finds none. */
static char NOTHING[16384];
#define NOTHING_BY(name)                                     \
    void *nothing_by_##name(void);                           \
    void *nothing_by_##name(void) { return NOTHING; }        \
    __asm__(".symver nothing_by_" #name "," #name "@libssl.so.10")

NOTHING_BY(SSL_SESSION_new);
NOTHING_BY(SSL_new);
NOTHING_BY(SSLv23_method);
NOTHING_BY(SSLv23_server_method);
NOTHING_BY(SSLv3_method);
NOTHING_BY(SSLv3_server_method);
NOTHING_BY(TLSv1_method);
NOTHING_BY(TLSv1_server_method);

LEFT_OUT(SSL_CIPHER_get_name, "libssl.so.10");
LEFT_OUT(SSL_CTX_callback_ctrl, "libssl.so.10");
LEFT_OUT(SSL_CTX_ctrl, "libssl.so.10");
LEFT_OUT(SSL_CTX_free, "libssl.so.10");
LEFT_OUT(SSL_CTX_get_cert_store, "libssl.so.10");
LEFT_OUT(SSL_CTX_load_verify_locations, "libssl.so.10");
LEFT_OUT(SSL_CTX_new, "libssl.so.10");
LEFT_OUT(SSL_CTX_set_cipher_list, "libssl.so.10");
LEFT_OUT(SSL_CTX_set_client_CA_list, "libssl.so.10");
LEFT_OUT(SSL_CTX_set_default_passwd_cb, "libssl.so.10");
LEFT_OUT(SSL_CTX_set_default_passwd_cb_userdata, "libssl.so.10");
LEFT_OUT(SSL_CTX_set_session_id_context, "libssl.so.10");
LEFT_OUT(SSL_CTX_set_timeout, "libssl.so.10");
LEFT_OUT(SSL_CTX_use_PrivateKey, "libssl.so.10");
LEFT_OUT(SSL_CTX_use_PrivateKey_file, "libssl.so.10");
LEFT_OUT(SSL_CTX_use_certificate, "libssl.so.10");
LEFT_OUT(SSL_CTX_use_certificate_chain_file, "libssl.so.10");
LEFT_OUT(SSL_ctrl, "libssl.so.10");
LEFT_OUT(SSL_do_handshake, "libssl.so.10");
LEFT_OUT(SSL_free, "libssl.so.10");
LEFT_OUT(SSL_get_certificate, "libssl.so.10");
LEFT_OUT(SSL_get_ciphers, "libssl.so.10");
LEFT_OUT(SSL_get_current_cipher, "libssl.so.10");
LEFT_OUT(SSL_get_error, "libssl.so.10");
LEFT_OUT(SSL_get_ex_data, "libssl.so.10");
LEFT_OUT(SSL_get_ex_data_X509_STORE_CTX_idx, "libssl.so.10");
LEFT_OUT(SSL_get_ex_new_index, "libssl.so.10");
LEFT_OUT(SSL_get_peer_cert_chain, "libssl.so.10");
LEFT_OUT(SSL_get_peer_certificate, "libssl.so.10");
LEFT_OUT(SSL_get_servername, "libssl.so.10");
LEFT_OUT(SSL_is_server, "libssl.so.10");
LEFT_OUT(SSL_library_init, "libssl.so.10");
LEFT_OUT(SSL_load_client_CA_file, "libssl.so.10");
LEFT_OUT(SSL_load_error_strings, "libssl.so.10");
LEFT_OUT(SSL_read, "libssl.so.10");
LEFT_OUT(SSL_renegotiate, "libssl.so.10");
LEFT_OUT(SSL_renegotiate_pending, "libssl.so.10");
LEFT_OUT(SSL_set_accept_state, "libssl.so.10");
LEFT_OUT(SSL_set_bio, "libssl.so.10");
LEFT_OUT(SSL_set_connect_state, "libssl.so.10");
LEFT_OUT(SSL_set_ex_data, "libssl.so.10");
LEFT_OUT(SSL_set_verify, "libssl.so.10");
LEFT_OUT(SSL_shutdown, "libssl.so.10");
LEFT_OUT(SSL_state, "libssl.so.10");
LEFT_OUT(SSL_write, "libssl.so.10");
