#pragma once
// What all functions that read one ONNX file share: its name, its limits, the faults and warnings found so far.
// room: host | runs on: host | heap: yes

#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::detail {

struct session {
    std::string path;   // for messages
    std::string folder; // external data lies below it
    limits allowed;
    const char* begin = nullptr;
    fault_list faults;
    std::vector<std::string> warnings;
    std::size_t fields = 0;
    std::size_t nodes = 0;
    std::uint64_t elements = 0;

    template <typename... Parts> void malformed(const Parts&... what) {
        faults.add(exit_code::malformed, message(printable_path(path), ": ", what...));
    }
    template <typename... Parts> void warn(const Parts&... what) {
        if (warnings.size() < fault_list::kept) warnings.push_back(message(printable_path(path), ": ", what...));
    }
    void spend_fields(std::size_t count) {
        fields += count;
        if (fields > allowed.max_fields)
            fail_malformed(path, "holds more than ", allowed.max_fields, " protobuf fields and list items (the limit)");
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::detail
