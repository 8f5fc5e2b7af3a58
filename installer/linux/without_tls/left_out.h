/* A function that cannot be reached without a TLS context, or is asked for one: it answers 0, none. */
#define LEFT_OUT(name, version)                            \
    long left_out_##name(void);                            \
    long left_out_##name(void) { return 0; }               \
    __asm__(".symver left_out_" #name "," #name "@" version)
