// What the program needs of whatever it runs on: a way to say something. board.cpp is a bare Cortex-M4, host.cpp any
// machine with an operating system.
#pragma once

namespace board {

/// Prints a line's text; the caller adds the line's end.
void print(const char* text);

} // namespace board

/// The program: 0 when all went well. Called by the start-up code, or by the host's main.
int application();
