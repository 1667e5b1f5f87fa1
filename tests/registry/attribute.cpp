#include <ctq/registry/attribute.hpp>

#include <doctest/doctest.h>

#include <string>
#include <tuple>

namespace {

struct ladder {
    int rungs = 4;
    float width = 0.5f;
    bool folds = false;
};

std::string names_of(const auto& attributes) {
    std::string names;
    apply([&](const auto&... each) { ((names += std::string(each.name) + " "), ...); }, attributes);
    return names;
}

} // namespace

TEST_CASE("attributes are read in the order in which they are listed") {
    constexpr ctq::attribute_list all{ctq::attribute{"rungs", &ladder::rungs}, ctq::attribute{"width", &ladder::width},
                                      ctq::attribute{"folds", &ladder::folds}};
    CHECK(names_of(all) == "rungs width folds ");
    CHECK(names_of(ctq::no_attributes).empty());

    const ladder one{7, 0.25f, true};
    apply(
        [&](const auto& rungs, const auto& width, const auto& folds) {
            CHECK(one.*rungs.member == 7);
            CHECK(one.*width.member == 0.25f);
            CHECK(one.*folds.member);
        },
        all);
}

TEST_CASE("a tuple of attributes is read the same way") {
    CHECK(names_of(std::tuple{ctq::attribute{"folds", &ladder::folds}}) == "folds ");
}
