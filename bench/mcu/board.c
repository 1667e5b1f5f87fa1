// Start-up and semihosting for QEMU's mps2 boards (Cortex-M); on AArch64 Linux the C library serves.
#include "board.h"

#if defined(__thumb__)

extern uint32_t stack_top[], data_start[], data_end[], data_load[], bss_start[], bss_end[];
extern int main(void);

static int32_t semihosting(int32_t operation, const void* argument) {
    register int32_t r0 __asm__("r0") = operation;
    register const void* r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_print(const char* text) {
    semihosting(4, text);
}

void board_exit(int code) {
    const uintptr_t block[2] = {0x20026, (uintptr_t)code};
    semihosting(0x20, block);
    for (;;) {
    }
}

static void fault(void) {
    board_print("fault\n");
    board_exit(99);
}

static void reset(void) {
#if !defined(__ARM_ARCH_6M__)
    *(volatile uint32_t*)0xE000ED88 |= 0xF00000; // CPACR: the floating point unit on
    __asm__ volatile("dsb\n isb" ::: "memory");
#endif
    const uint32_t* from = data_load;
    for (uint32_t* to = data_start; to < data_end;) *to++ = *from++;
    for (uint32_t* to = bss_start; to < bss_end;) *to++ = 0;
    board_exit(main());
}

__attribute__((used, section(".vectors"))) void* const vectors[16] = {stack_top, (void*)reset, (void*)fault,
                                                                      (void*)fault};

#else

#include <stdio.h>
#include <stdlib.h>

void board_print(const char* text) {
    fputs(text, stdout);
}

void board_exit(int code) {
    exit(code);
}

#endif
