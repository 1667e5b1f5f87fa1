// A Cortex-M4 from reset: vector table, memory set up, application() called, the rest of the world through semihosting
// (qemu or a debugger answers). Nothing here is ctq's affair; your board's own start-up code takes its place.
#include "board.hpp"

#include <cstdint>

extern "C" {

// Set by board.ld.
extern std::uint32_t stack_top[], data_begin[], data_end[], data_in_flash[], bss_begin[], bss_end[];

[[noreturn]] void reset_handler();
[[noreturn]] void fault_handler();
}

namespace {

enum class semihosting : std::uint32_t { write_text = 0x04, exit_extended = 0x20 };

void call_debugger(semihosting operation, const void* argument) {
    register auto r0 asm("r0") = static_cast<std::uint32_t>(operation);
    register const void* r1 asm("r1") = argument;
    asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

[[noreturn]] void leave(std::uint32_t exit_code) {
    constexpr std::uint32_t application_exit = 0x20026;
    const std::uint32_t reason[] = {application_exit, exit_code};
    call_debugger(semihosting::exit_extended, reason);
    for (;;) {
    }
}

using handler = void (*)();

struct vector_table {
    const std::uint32_t* stack;
    handler reset, nmi, hard_fault, memory_fault, bus_fault, usage_fault;
};

[[gnu::section(".vectors"), gnu::used]] const vector_table vectors{
    stack_top, reset_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler};

} // namespace

namespace board {

void print(const char* text) {
    call_debugger(semihosting::write_text, text);
}

} // namespace board

void reset_handler() {
    const std::uint32_t* from = data_in_flash;
    for (std::uint32_t* to = data_begin; to != data_end;) *to++ = *from++;
    for (std::uint32_t* to = bss_begin; to != bss_end;) *to++ = 0;
    leave(static_cast<std::uint32_t>(application()));
}

void fault_handler() {
    board::print("fault\n");
    leave(99);
}
