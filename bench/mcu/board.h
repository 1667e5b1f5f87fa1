// What a measured program needs of its board: printing, ending, and the two markers between which instructions count.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__thumb__)
#define board_start() __asm__ volatile("mov r11, r11" ::: "memory")
#define board_stop() __asm__ volatile("mov r12, r12" ::: "memory")
#elif defined(__aarch64__)
#define board_start() __asm__ volatile("hint #0x5a" ::: "memory")
#define board_stop() __asm__ volatile("hint #0x5b" ::: "memory")
#elif defined(__riscv)
#define board_start() __asm__ volatile("slti x0, x0, 0x5a" ::: "memory")
#define board_stop() __asm__ volatile("slti x0, x0, 0x5b" ::: "memory")
#endif

void board_print(const char* text);
void board_exit(int code) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif
