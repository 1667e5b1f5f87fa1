#pragma once
// calibration_table: a calibration table as a readable JSON file, the same bytes on every machine.
// room: host | runs on: host | heap: yes

#include <ctq/calibrate/table.hpp>
#include <ctq/host/atomic_write.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/read_file.hpp>

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

/// Numbers with a fraction are float32, so that they are written as its shortest decimals and read back exactly.
using float_json = nlohmann::basic_json<std::map, std::vector, std::string, bool, std::int64_t, std::uint64_t, float>;

inline constexpr std::string_view table_format = "ctq calibration table";
inline constexpr std::uint64_t table_version = 1;

/// Counts separated by spaces; a run of equal ones is written `count*times`: "3 0*5 12".
inline std::string runs_of(std::span<const std::uint64_t> counts) {
    std::string text;
    for (std::size_t i = 0; i < counts.size();) {
        std::size_t end = i + 1;
        while (end < counts.size() && counts[end] == counts[i]) ++end;
        text += message(text.empty() ? "" : " ", counts[i]);
        if (end - i > 1) text += message("*", end - i);
        i = end;
    }
    return text;
}

/// Takes a decimal number off the front of `text`.
inline std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

inline bool take_character(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

/// The counts that runs_of() wrote; nothing when the text is not of that form or has more than a histogram's bins.
inline std::optional<std::vector<std::uint64_t>> counts_of(std::string_view text) {
    std::vector<std::uint64_t> counts;
    while (!text.empty()) {
        if (!counts.empty() && !take_character(text, ' ')) return std::nullopt;
        const auto count = take_number(text);
        const auto times = count && take_character(text, '*') ? take_number(text) : std::optional<std::uint64_t>(1);
        if (!count || !times || *times == 0) return std::nullopt;
        if (*times > static_cast<std::uint64_t>(calibration::histogram::capacity) - counts.size()) return std::nullopt;
        counts.insert(counts.end(), static_cast<std::size_t>(*times), *count);
    }
    return counts;
}

inline float_json to_json(const calibration::observation& seen) {
    return {{"min", seen.min()},           {"max", seen.max()},
            {"zeros", seen.zeros()},       {"non_finite", seen.non_finite()},
            {"exponent", seen.exponent()}, {"first", seen.first()},
            {"bins", runs_of(seen.bins())}};
}

/// Reads one table's text; every fault names the file and the member.
class table_reader {
    std::string_view path_;

    template <typename... Parts> [[noreturn]] void refuse(const Parts&... what) const {
        fail_malformed(path_, what...);
    }

    // Refuses a repeated key and nesting deeper than the format's, before anything large is built from them. By events
    // alone: the library's own callback walks the whole object at the end of each member.
    class key_check : public nlohmann::json_sax<float_json> {
        const table_reader& reader_;
        std::vector<std::set<std::string>> keys_;
        std::size_t depth_ = 0;

        bool opened() {
            if (++depth_ > 4) reader_.refuse("is nested deeper than a calibration table");
            return true;
        }
        bool closed() {
            --depth_;
            return true;
        }

      public:
        explicit key_check(const table_reader& reader) : reader_(reader) {}

        bool null() override { return true; }
        bool boolean(bool) override { return true; }
        bool number_integer(float_json::number_integer_t) override { return true; }
        bool number_unsigned(float_json::number_unsigned_t) override { return true; }
        bool number_float(float_json::number_float_t, const float_json::string_t&) override { return true; }
        bool string(float_json::string_t&) override { return true; }
        bool binary(float_json::binary_t&) override { return true; }
        bool start_object(std::size_t) override {
            keys_.emplace_back();
            return opened();
        }
        bool key(float_json::string_t& name) override {
            if (!keys_.back().insert(name).second) reader_.refuse("has the key ", in_quotes(name), " twice");
            return true;
        }
        bool end_object() override {
            keys_.pop_back();
            return closed();
        }
        bool start_array(std::size_t) override { return opened(); }
        bool end_array() override { return closed(); }
        bool parse_error(std::size_t byte, const std::string&, const float_json::exception& error) override {
            if (dynamic_cast<const float_json::parse_error*>(&error) == nullptr)
                reader_.refuse("is not JSON that a calibration table may hold: a number is out of range");
            reader_.refuse("is not JSON: near byte ", byte);
        }
    };

    [[nodiscard]] float_json parse(std::string_view text) const {
        key_check check(*this);
        float_json::sax_parse(text, &check);
        return float_json::parse(text);
    }

    [[nodiscard]] const float_json& member(const float_json& object, std::string_view where, const char* key) const {
        const auto found = object.find(key);
        if (found == object.end()) refuse(where, "has no ", in_quotes(key));
        return *found;
    }

    [[nodiscard]] std::uint64_t count(const float_json& object, std::string_view where, const char* key) const {
        const float_json& value = member(object, where, key);
        if (!value.is_number_unsigned()) refuse(where, in_quotes(key), " is not a count");
        return value.get<std::uint64_t>();
    }

    [[nodiscard]] std::int32_t integer(const float_json& object, std::string_view where, const char* key) const {
        const float_json& value = member(object, where, key);
        constexpr std::int64_t limit = std::int64_t{1} << 30;
        const bool in_range = value.is_number_unsigned()  ? value.get<std::uint64_t>() <= std::uint64_t{limit}
                              : value.is_number_integer() ? value.get<std::int64_t>() >= -limit
                                                          : false;
        if (!in_range) refuse(where, in_quotes(key), " is not an integer from ", -limit, " to ", limit);
        return value.get<std::int32_t>();
    }

    [[nodiscard]] float number(const float_json& object, std::string_view where, const char* key) const {
        const float_json& value = member(object, where, key);
        if (!value.is_number()) refuse(where, in_quotes(key), " is not a number");
        return value.get<float>();
    }

    [[nodiscard]] std::string text(const float_json& object, std::string_view where, const char* key) const {
        const float_json& value = member(object, where, key);
        if (!value.is_string()) refuse(where, in_quotes(key), " is not a text");
        return value.get<std::string>();
    }

    void check_members(const float_json& object, std::string_view where, std::size_t expected) const {
        if (object.size() != expected) refuse(where, "has ", object.size(), " members; version 1 has ", expected);
    }

    [[nodiscard]] calibration::observation observation(const std::string& name, const float_json& saved) const {
        const std::string where = message("tensor ", in_quotes(name), ": ");
        if (!saved.is_object()) refuse(where, "is not an object");
        const auto bins = counts_of(text(saved, where, "bins"));
        if (!bins)
            refuse(where, "'bins' are not at most ", calibration::histogram::capacity, " counts like \"3 0*5 12\"");
        const calibration::histogram::parts parts{.min = number(saved, where, "min"),
                                                  .max = number(saved, where, "max"),
                                                  .zeros = count(saved, where, "zeros"),
                                                  .non_finite = count(saved, where, "non_finite"),
                                                  .exponent = integer(saved, where, "exponent"),
                                                  .first = integer(saved, where, "first"),
                                                  .bins = *bins};
        check_members(saved, where, 7);
        try {
            return calibration::observation(parts);
        } catch (const model_error& error) {
            refuse(where, error.what());
        }
    }

  public:
    explicit table_reader(std::string_view path) : path_(path) {}

    [[nodiscard]] calibration::table read(std::string_view json) const {
        const float_json root = parse(json);
        if (!root.is_object() || !root.contains("format") || root["format"] != table_format)
            refuse("is not a calibration table; write one with: ctq calibrate");
        const std::uint64_t version = count(root, "", "version");
        if (version != table_version)
            refuse("is a calibration table of version ", version, "; this ctq reads version ", table_version);
        calibration::table table;
        table.model = text(root, "", "model");
        table.samples = count(root, "", "samples");
        const float_json& tensors = member(root, "", "tensors");
        if (!tensors.is_object()) refuse("'tensors' is not an object");
        check_members(root, "", 5);
        for (const auto& [name, saved] : tensors.items()) table.tensors.emplace(name, observation(name, saved));
        return table;
    }
};

} // namespace detail

/// The table's text: JSON, keys sorted, one member a line, counts exact, floats in their shortest decimals. A name that
/// is not UTF-8 throws `failure` (malformed).
[[nodiscard]] inline std::string to_text(const calibration::table& table) {
    detail::float_json root = {{"format", detail::table_format},
                               {"version", detail::table_version},
                               {"model", table.model},
                               {"samples", table.samples},
                               {"tensors", detail::float_json::object()}};
    for (const auto& [name, seen] : table.tensors) root["tensors"][name] = detail::to_json(seen);
    try {
        return root.dump(2) + "\n";
    } catch (const detail::float_json::type_error&) {
        throw failure(exit_code::malformed, "the name of a tensor is not UTF-8; a calibration table cannot hold it");
    }
}

/// Reads what to_text() wrote; `path` is for messages. Anything else throws `failure` (malformed) that names the
/// member: a state that no values can lead to is refused too, so that a loaded table can be observed into and merged.
[[nodiscard]] inline calibration::table calibration_table_from(std::string_view text, std::string_view path) {
    return detail::table_reader(path).read(text);
}

[[nodiscard]] inline calibration::table load_calibration_table(const std::string& path) {
    return calibration_table_from(read_file(path), path);
}

/// Writes the whole file or leaves it as it was.
inline void save_calibration_table(const std::string& path, const calibration::table& table) {
    atomic_write(path, to_text(table));
}

} // namespace ctq::inline CTQ_TARGET::host
