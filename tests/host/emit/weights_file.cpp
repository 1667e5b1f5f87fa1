#include <ctq/host/emit/weights_file.hpp>

#include <doctest/doctest.h>
#include <emitted/networks.hpp>
#include <zlib.h>

#include <cstring>

using namespace ctq;
using namespace ctq::test;

TEST_CASE("large constants lie aligned in the file, as in memory; small ones do not") {
    const auto source = lower_graph<rule::affine_int8>(mlp({100, 50, 10}));
    const auto image = host::emit::gather_weights(source, 200);
    std::size_t end = 0, inside = 0;
    for (std::size_t i = 0; i < source.values.size(); ++i) {
        const value& v = source.values[i];
        const bool wanted = v.constant >= 0 && v.facts.bytes() >= 200;
        CHECK(image.offsets[i].has_value() == wanted);
        if (!wanted) continue;
        ++inside;
        const std::size_t at = *image.offsets[i];
        CHECK(at % weights_alignment == 0);
        CHECK(at >= end);
        CHECK(at < end + weights_alignment);
        end = at + v.facts.bytes();
        if (v.facts.type == dtype::int8)
            CHECK(std::memcmp(image.bytes.data() + at, source.constant_of(static_cast<int>(i)).as<std::int8_t>().data(),
                              v.facts.bytes()) == 0);
    }
    CHECK(inside >= 2);
    CHECK(image.bytes.size() == end);
    CHECK(image.checksum() ==
          ::crc32(0, reinterpret_cast<const Bytef*>(image.bytes.data()), static_cast<uInt>(image.bytes.size())));
}
