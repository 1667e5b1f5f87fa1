#pragma once
// isa: the instruction sets that this program has layers for and this machine can run.
// room: host | runs on: host | heap: no

#include <ctq/core/target.hpp>
#include <ctq/host/engine/border.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host {

/// `native` is what the user's own translation unit was compiled for.
enum class isa : std::uint8_t { native, avx2, avx512vnni };

inline constexpr std::array all_isas{isa::native, isa::avx2, isa::avx512vnni};

[[nodiscard]] constexpr std::string_view name_of(isa of) {
    constexpr std::string_view names[] = {"native", "avx2", "avx512vnni"};
    return names[static_cast<std::size_t>(of)];
}

/// The layers for `wanted`, or null where this program or this machine has none (and always for `native`).
[[nodiscard]] inline const ctq_border::isa_table* table_of([[maybe_unused]] isa wanted) {
#if defined(__x86_64__)
    if (wanted == isa::avx512vnni && ctq_isa_table_avx512vnni != nullptr && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
        return ctq_isa_table_avx512vnni();
    if (wanted == isa::avx2 && ctq_isa_table_avx2 != nullptr && __builtin_cpu_supports("avx2") &&
        __builtin_cpu_supports("fma"))
        return ctq_isa_table_avx2();
#endif
    return nullptr;
}

[[nodiscard]] inline bool runs(isa wanted) {
    return wanted == isa::native || table_of(wanted) != nullptr;
}

/// The fastest one that runs here.
[[nodiscard]] inline isa best_isa() {
    if (runs(isa::avx512vnni)) return isa::avx512vnni;
    return runs(isa::avx2) ? isa::avx2 : isa::native;
}

} // namespace ctq::inline CTQ_TARGET::host
