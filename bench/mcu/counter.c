// QEMU TCG plugin: exact number of executed guest instructions between two marker instructions, one count a region.
// The markers are no-ops that compilers do not emit (board.h); they are not counted. Plugin interface version 1
// (QEMU 4.2 to 8), declared here so that no QEMU header is needed. Argument: out=FILE.
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info {
    const char* target_name;
    // the rest is not used
};

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb*));
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn*, void (*)(unsigned, void*), int, void*);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn*, int, void*, uint64_t);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
extern struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
extern const void* qemu_plugin_insn_data(const struct qemu_plugin_insn*);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn*);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void*), void*);

EXPORTED int qemu_plugin_version = 1;

enum marker { not_a_marker, start_marker, stop_marker };
enum { largest_region_count = 4096, no_registers = 0, add_u64 = 0 };

static uint64_t executed, executed_at_start;
static bool running;
static uint64_t regions[largest_region_count];
static unsigned region_count;
static const char* output_path;

static void started(unsigned cpu, void* data) {
    (void)cpu, (void)data;
    executed_at_start = executed;
    running = true;
}

static void stopped(unsigned cpu, void* data) {
    (void)cpu, (void)data;
    if (running && region_count < largest_region_count) regions[region_count++] = executed - executed_at_start;
    running = false;
}

static enum marker marker_of(const uint8_t* code, size_t size) {
    if (size == 2) { // Thumb: mov r11, r11 and mov r12, r12
        const unsigned half = code[0] | (unsigned)code[1] << 8;
        return half == 0x46DB ? start_marker : half == 0x46E4 ? stop_marker : not_a_marker;
    }
    uint32_t word = 0;
    if (size == 4) memcpy(&word, code, 4);
    if (word == 0xD5032B5F || word == 0x05A02013) return start_marker; // AArch64 hint #0x5A, RISC-V slti x0, x0, 0x5A
    if (word == 0xD5032B7F || word == 0x05B02013) return stop_marker;
    return not_a_marker;
}

static void translated(plugin_id id, struct qemu_plugin_tb* block) {
    (void)id;
    const size_t count = qemu_plugin_tb_n_insns(block);
    for (size_t i = 0; i < count; ++i) {
        struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
        const enum marker marker = marker_of(qemu_plugin_insn_data(instruction), qemu_plugin_insn_size(instruction));
        if (marker == not_a_marker)
            qemu_plugin_register_vcpu_insn_exec_inline(instruction, add_u64, &executed, 1);
        else
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, marker == start_marker ? started : stopped,
                                                   no_registers, NULL);
    }
}

static void finished(plugin_id id, void* data) {
    (void)id, (void)data;
    FILE* out = output_path ? fopen(output_path, "w") : stderr;
    if (!out) return;
    for (unsigned i = 0; i < region_count; ++i) fprintf(out, "%" PRIu64 "\n", regions[i]);
    if (output_path) fclose(out);
}

EXPORTED int qemu_plugin_install(plugin_id id, const struct qemu_info* info, int count, char** arguments) {
    (void)info;
    for (int i = 0; i < count; ++i)
        if (strncmp(arguments[i], "out=", 4) == 0) output_path = strdup(arguments[i] + 4);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, NULL);
    return 0;
}
