// error: ctq: message: texts and numbers are required; say in words what a bool or a char means
#include <ctq/host/text.hpp>

const std::string text = ctq::host::message("padded: ", true);
